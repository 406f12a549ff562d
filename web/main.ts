import { type Axis, accuracyChart, type NamedLane } from "./charts.js";
import { createControls } from "./controls.js";
import { byId, element } from "./dom.js";
import { createLane, type Lane } from "./lane.js";
import { laneView } from "./laneView.js";
import { laneNames } from "./names.js";
import { assignments } from "./settings.js";
import { setUpTheme } from "./theme.js";

/** The page: one or two runs, each in a worker, drawn as their rounds come in. */

const lanes: { first: Lane; second: Lane | undefined } = { first: createLane(requestDraw), second: undefined };
const controls = createControls(preview);
let drawing = false;

setUpTheme(byId<HTMLSelectElement>("theme"));
byId("run").addEventListener("click", runOrPause);
byId("stop").addEventListener("click", () => {
  for (const { lane } of active()) lane.stop();
  requestDraw();
});
byId("axis").addEventListener("change", requestDraw);
byId("link").addEventListener("click", copyLink);
new ResizeObserver(requestDraw).observe(byId("results"));
preview();

/** Both runs with their settings; the second only when it is asked for. */
function active(): { id: "first" | "second"; lane: Lane; settings: string[] }[] {
  const { shared, first, second } = controls.settings();
  if (second === undefined) {
    lanes.second?.dispose();
    lanes.second = undefined;
  } else lanes.second ??= createLane(requestDraw);
  return [
    { id: "first", lane: lanes.first, settings: assignments(shared, first) },
    ...(second !== undefined && lanes.second !== undefined
      ? [{ id: "second" as const, lane: lanes.second, settings: assignments(shared, second) }]
      : []),
  ];
}

function preview(): void {
  for (const { lane, settings } of active()) lane.preview(settings);
  requestDraw();
}

function runOrPause(): void {
  const runs = active();
  const phases = runs.map(({ lane }) => lane.state.phase);
  if (phases.some((phase) => phase === "running")) for (const { lane } of runs) lane.pause();
  else if (phases.some((phase) => phase === "paused" || phase === "pausing"))
    for (const { lane } of runs) lane.resume();
  else for (const { lane, settings } of runs) lane.start(settings);
  requestDraw();
}

/** Rounds may come faster than frames; everything is drawn from the state, at most once a frame. */
function requestDraw(): void {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    draw();
  });
}

function draw(): void {
  const runs = active();
  const names = laneNames(controls.settings());
  const named = runs.map(({ id, lane }, i): NamedLane => ({ id, name: names[i]!, state: lane.state }));
  const axis = document.querySelector<HTMLInputElement>("#axis input:checked")?.value as Axis;
  const accuracy = byId("accuracy");
  accuracy.replaceChildren(accuracyChart(named, axis, accuracy.clientWidth));
  byId("legend").replaceChildren(
    ...(named.length > 1
      ? named.map(({ id, name }) => element("span", {}, element("span", { class: `swatch ${id}` }), name))
      : []),
  );
  drawLanes(named);
  drawButtons(named);
  for (const { id, state } of named) controls.complain(id, state.failure);
}

/** Panels are made anew; what the user has opened, how far it is scrolled and where the focus is carry over. */
function drawLanes(named: readonly NamedLane[]): void {
  const place = byId("lanes");
  const open = new Set([...place.querySelectorAll("details[open]")].map((one) => one.getAttribute("data-keep")));
  const scrolled = new Map(
    [...place.querySelectorAll("[data-scroll]")].map((one) => [one.getAttribute("data-scroll"), one.scrollTop]),
  );
  const focus = document.activeElement?.getAttribute("data-focus");
  place.className = named.length > 1 ? "two" : "one";
  place.replaceChildren(...named.map((lane) => laneView(lane, (details) => open.has(details))));
  // Not "toggle": that fires for the panels made here as well, and would draw for ever
  for (const one of place.querySelectorAll("summary")) one.addEventListener("click", requestDraw);
  for (const one of place.querySelectorAll("[data-scroll]")) {
    one.scrollTop = scrolled.get(one.getAttribute("data-scroll")) ?? 0;
  }
  if (focus) place.querySelector<HTMLElement>(`[data-focus="${focus}"]`)?.focus({ preventScroll: true });
}

function drawButtons(named: readonly NamedLane[]): void {
  const phases = named.map(({ state }) => state.phase);
  const any = (...wanted: string[]) => phases.some((phase) => wanted.includes(phase));
  const rounds = Math.max(...named.map(({ state }) => state.rounds.length));
  const run = byId<HTMLButtonElement>("run");
  const [label, status] = any("running")
    ? ["Pause", rounds === 0 ? "Making the data and training the first round…" : "Running."]
    : any("pausing")
      ? ["Resume", "Pausing after this round…"]
      : any("paused")
        ? ["Resume", `Paused after round ${rounds}.`]
        : any("failed")
          ? ["Run again", "A run has failed; its panel says why."]
          : any("stopped")
            ? ["Run again", `Stopped after round ${rounds}.`]
            : any("finished")
              ? ["Run again", `Finished after ${rounds} rounds.`]
              : ["Run", "Ready."];
  run.textContent = label;
  run.disabled = named.every(({ state }) => state.phase === "idle" && state.failure !== undefined);
  byId<HTMLButtonElement>("stop").disabled = !any("running", "pausing", "paused");
  const line = byId("status");
  if (line.textContent !== status) line.textContent = status;
}

async function copyLink(): Promise<void> {
  const button = byId("link");
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(location.href);
    button.textContent = "Copied";
  } catch {
    // Without permission, or not over a secure address: the address bar has it all the same
    button.textContent = "The address bar has the link";
  }
  setTimeout(() => {
    button.textContent = before;
  }, 2000);
}
