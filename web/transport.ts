import { byId, element, setAttributes, setText } from "./dom.js";
import { percent } from "./format.js";
import type { Phase } from "./lane.js";
import type { Runs } from "./runs.js";
import { nameOfLanes } from "./views.js";
import type { Page } from "./wanted.js";

/** Play, pause, step, stop; what waits; what goes wrong; and what a listener hears of it. */
export function createTransport({
  page,
  runs,
  find,
  requestDraw,
}: {
  page: Page;
  runs: Runs;
  find(path: string): HTMLElement | undefined;
  requestDraw(): void;
}): { update(): void; play(): void } {
  /** To be started once the settings have been read */
  let wanted = false;
  const [run, step, stop] = ["run", "step", "stop"].map((id) => byId<HTMLButtonElement>(id)) as [
    HTMLButtonElement,
    HTMLButtonElement,
    HTMLButtonElement,
  ];
  const undo = byId<HTMLButtonElement>("undo");
  const lead = element("button", { type: "button", class: "quiet link", hidden: true });
  byId("status").after(lead);
  const start = (options: { all?: boolean; held?: boolean } = {}) =>
    runs.start(page.settings, nameOfLanes(page), options);
  const phases = () => runs.phases(runs.ran ?? page.settings);
  const any = (...wanted: Phase[]) => phases().some((phase) => wanted.includes(phase));

  run.addEventListener("click", () => {
    if (any("running")) runs.each(runs.ran!, (lane) => lane.pause());
    else if (any("paused", "pausing")) runs.each(runs.ran!, (lane) => lane.resume());
    else start({ all: !runs.pending(page.settings) });
  });
  step.addEventListener("click", () => {
    if (any("running")) runs.each(runs.ran!, (lane) => lane.pause());
    else if (any("paused", "pausing")) runs.each(runs.ran!, (lane) => lane.step());
    else start({ all: !runs.pending(page.settings), held: true });
  });
  stop.addEventListener("click", () => runs.each(runs.ran ?? page.settings, (lane) => lane.stop()));
  byId("apply").addEventListener("click", () => start());
  byId("discard").addEventListener("click", () => runs.ran && page.restore(runs.ran));
  undo.addEventListener("click", () => page.undo());
  byId<HTMLSelectElement>("pace").addEventListener("change", (event) =>
    runs.setPace(Number((event.target as HTMLSelectElement).value)),
  );
  byId("clear-ghosts").addEventListener("click", () => runs.clearGhosts());
  lead.addEventListener("click", () => {
    const path = page.problems[0]?.path;
    if (path === undefined) return;
    if (find(path) === undefined) byId<HTMLDetailsElement>("more-settings").open = true;
    requestDraw();
    setTimeout(() => find(path)?.focus());
  });

  const announce = createAnnouncer();

  function status(): string {
    const states = (runs.ran ?? page.settings).lanes.map((_, i) => runs.state(i));
    const rounds = Math.max(...states.map((state) => state.rounds.length));
    if (any("failed")) return "A run has failed; its panel says why.";
    if (any("running"))
      return rounds === 0 ? "Making the data and training the first round…" : `Running, round ${rounds}.`;
    if (any("pausing")) return "Pausing after this round…";
    if (any("paused")) return `Paused after round ${rounds}.`;
    if (any("stopped")) return `Stopped after round ${rounds}.`;
    if (any("finished")) return `Finished after ${rounds} rounds.`;
    if (page.problems.length > 0) return "Not ready.";
    return page.settled ? "Ready." : "Reading the settings…";
  }

  return {
    play() {
      wanted = true;
      requestDraw();
    },
    update() {
      if (wanted && page.settled) {
        wanted = false;
        if (page.sound) start({ all: true });
      }
      const pending = runs.pending(page.settings);
      const busy = any("running", "pausing", "paused");
      const idle = !busy;
      setText(
        run,
        any("running") ? "Pause" : busy ? "Resume" : runs.ran === undefined || pending ? "Play" : "Run again",
      );
      run.disabled = idle && !page.sound;
      step.disabled = idle && !page.sound;
      stop.disabled = !busy;
      undo.disabled = !page.undoable;
      byId("pending").hidden = !pending;
      byId<HTMLButtonElement>("apply").disabled = !page.sound;
      const { large } = page;
      byId("large").hidden = large === undefined;
      if (large !== undefined) {
        const { accessPoints, clients } = large.network;
        setText(
          byId("large-text"),
          `A network of ${accessPoints} access points and ${clients} clients takes long to draw and to run.`,
        );
      }
      const text = status();
      setText(byId("status"), text);
      setAttributes(byId("status"), { "data-settled": page.address });
      lead.hidden = page.problems.length === 0;
      setText(lead, `Not ready, ${page.problems.length} to mend: ${page.problems[0]?.path ?? "see below"}`);
      byId("clear-ghosts").hidden = runs.ghosts.length === 0;
      const accuracies = (runs.ran ?? page.settings).lanes.flatMap((_, i) => {
        const accuracy = runs.state(i).rounds.at(-1)?.accuracy;
        return accuracy == null ? [] : [percent(accuracy)];
      });
      announce(`${text} ${accuracies.length > 0 ? `Accuracy ${accuracies.join(", ")}.` : ""}`, !any("running"));
    },
  };
}

/** Progress every few seconds at most, what has come to rest at once. */
function createAnnouncer(): (text: string, atRest: boolean) => void {
  let last = 0;
  return (text, atRest) => {
    if (!atRest && performance.now() - last < 5000) return;
    last = performance.now();
    setText(byId("announce"), text);
  };
}
