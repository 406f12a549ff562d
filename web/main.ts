import { type Desk, openDesk } from "./askDesk.js";
import { createControls } from "./controls.js";
import { byId, saveFile, setText } from "./dom.js";
import { createDropping } from "./dropping.js";
import { openKept, tabNumber } from "./kept.js";
import { keepForOffline } from "./offline.js";
import { setUpPresenting } from "./present.js";
import type { Fields, Resolved } from "./protocol.js";
import { createRuns } from "./runs.js";
import { setUpSharing } from "./share.js";
import { stories } from "./stories.js";
import { whatIsMissing } from "./support.js";
import { eachFrame } from "./svg.js";
import { createTelling } from "./telling.js";
import { setUpTheme } from "./theme.js";
import { createTransport } from "./transport.js";
import { createViews } from "./views.js";
import { createWanted } from "./wanted.js";
import { setTermed, setUpWords } from "./words.js";

/** The page: settings that the address holds, runs in workers, and figures that follow. */
export async function begin(script: string): Promise<void> {
  byId("unserved").hidden = true;
  setUpTheme(byId<HTMLSelectElement>("theme"));
  const missing = whatIsMissing();
  if (missing !== undefined) {
    byId("needs").hidden = false;
    setText(byId("needs"), missing);
    setText(byId("status"), "This browser cannot run the lab.");
    return;
  }
  const desk = openDesk(script);
  let fields: Fields;
  try {
    fields = await desk.ask<Fields>({ type: "fields" });
  } catch (error) {
    byId("needs").hidden = false;
    setText(byId("needs"), (error as Error).message);
    setText(byId("status"), "Not started: reload the page to try again.");
    return;
  }
  for (const heading of document.querySelectorAll<HTMLElement>("main h2")) {
    const text = heading.textContent!;
    heading.textContent = "";
    setTermed(heading, text);
  }
  setUpWords();
  createPage(script, fields, desk);
}

function createPage(script: string, fields: Fields, desk: Desk): void {
  const resolve = (settings: readonly string[]) => desk.ask<Resolved>({ type: "resolve", settings });
  const page = createWanted(fields, resolve, requestDraw);
  const runs = createRuns(script, requestDraw);
  const controls = createControls(fields, page.change);
  const views = createViews(fields, { page, runs, desk, requestDraw });
  const transport = createTransport({ page, runs, find: controls.find, requestDraw });
  const dropping = createDropping({ page, runs });
  const telling = createTelling({ page, runs, play: transport.play, along: views.along });
  /** Rounds may come faster than frames; everything is drawn from the state, at most once a frame. */
  const drawing = eachFrame(draw);
  function requestDraw(): void {
    drawing.ask();
  }

  function draw(): void {
    const { settings, resolved, problems } = page;
    controls.show(
      settings,
      resolved.map((one) => one?.config),
      problems,
    );
    views.update();
    transport.update();
    dropping.update();
    telling.update();
  }

  addEventListener("hashchange", () => page.follow(location.hash));
  byId("skip").addEventListener("click", () => byId("results").focus());
  setUpSharing(views.reported);
  setUpPresenting();
  keepForOffline();
  byId("draw-large").addEventListener("click", () => page.drawLarge());
  byId("save-svg").addEventListener("click", async () => saveFile("accuracy.svg", await views.svg(), "image/svg+xml"));
  byId("save-png").addEventListener("click", async () => saveFile("accuracy.png", await views.png()));
  const bare = location.hash === "" || location.hash === "#";
  page.follow(bare ? stories[0]!.link : location.hash);
  if (bare) history.replaceState(null, "", `#${stories[0]!.link}`);
  tabNumber()
    .then(openKept)
    .then(async (kept) => {
      if (kept !== undefined) await runs.keepIn(kept, page.settings);
      // What moves by itself is asked for, where somebody wants less of that
      const playing = !matchMedia("(prefers-reduced-motion: reduce)").matches;
      if (bare && runs.ran === undefined) telling.open(stories[0]!, { playing });
      requestDraw();
    });
}
