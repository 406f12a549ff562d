import type { RoundRecord } from "../src/index.js";
import { element, saveFile, setAttributes, setText } from "./dom.js";
import { percent, quantity, significant } from "./format.js";
import type { LaneState } from "./lane.js";
import type { End } from "./stories.js";
import { term } from "./words.js";

/** The panel of one run: its figures, what is left of its budgets, how it ended, and its rounds. Made once, then changed. */
export interface LaneCard {
  root: HTMLElement;
  update(name: string, state: Readonly<LaneState>, selected: boolean): void;
}

/** Rows of the table that stand in the page at a time */
const rowsShown = 60;

export function createLaneCard(lane: number, select: () => void): LaneCard {
  let state: Readonly<LaneState> | undefined;
  let name = "";
  const title = element("button", { type: "button", class: "quiet title" });
  title.addEventListener("click", select);
  const facts = (["accuracy", "round", "bits an entry", "saved", "energy", "time"] as const).map((label) => ({
    label,
    value: element("span", {}, "–"),
    bar:
      label === "energy" || label === "time" || label === "round"
        ? element("progress", { max: 1, "aria-label": `${label} used` })
        : undefined,
  }));
  const failure = element("p", { class: "failure", hidden: true });
  const ending = element("p", { class: "ending", hidden: true });
  const fingerprint = element("code");
  const fingerprintLine = element(
    "p",
    { class: "fingerprint", hidden: true },
    term("fingerprint", "fingerprint"),
    " ",
    fingerprint,
    element("small"),
  );
  const table = roundsTable(() => state?.rounds ?? []);
  const saves = element(
    "p",
    { class: "buttons", hidden: true },
    button("rounds.csv", async () => {
      const [{ csv }, { roundColumnsOf }] = await Promise.all([
        import("../src/report/tables/table.js"),
        import("../src/report/tables/run.js"),
      ]);
      saveFile("rounds.csv", csv(state!.rounds, roundColumnsOf(state!.rounds)), "text/csv");
    }),
    button("config.json", () =>
      saveFile("config.json", `${JSON.stringify(state!.config, null, 2)}\n`, "application/json"),
    ),
    button("command", (pressed) => copied(pressed, commandOf(state!.settings))),
  );
  const root = element(
    "section",
    { class: "lane", "data-lane": lane },
    element("h3", {}, element("span", { class: `swatch lane-${lane}`, "aria-hidden": "true" }), title),
    element(
      "dl",
      { class: "numbers" },
      ...facts.map(({ label, value, bar }) =>
        element(
          "div",
          { class: ["accuracy", "round", "energy"].includes(label) ? undefined : "unless-many" },
          element("dt", {}, term(label, label)),
          element("dd", {}, value, bar),
        ),
      ),
    ),
    ...[failure, ending, fingerprintLine, element("div", { class: "lane-foot" }, saves, table.root)],
  );

  function update(newName: string, newState: Readonly<LaneState>, selected: boolean): void {
    [name, state] = [newName, newState];
    const { phase, rounds, config, outcome, parameters, uploads } = state;
    setAttributes(root, {
      "data-phase": phase,
      "data-rounds": rounds.length,
      "aria-label": name,
      "data-selected": selected,
    });
    setText(title, name);
    setAttributes(title, { "aria-pressed": String(selected) });
    const last = rounds.at(-1);
    const accuracy = rounds.findLast((record) => record.accuracy !== null)?.accuracy ?? null;
    // Over all rounds so far, as in the command's closing table
    const bits = last?.totals.nominalBits ?? 0;
    // Over the air nothing is sent as bits
    const none = parameters === undefined || uploads === 0 || last?.air !== undefined;
    const perEntry = none ? null : bits / uploads / parameters;
    const end = outcome !== undefined && last !== undefined && perEntry !== null ? endOf(last, perEntry) : undefined;
    setAttributes(root, { "data-end": end && JSON.stringify(end) });
    const asked = Math.max(1, Math.round((config?.server.participation ?? 1) * (config?.network.clients ?? 1)));
    const saved = perEntry === null ? null : 1 - bits / (32 * rounds.length * asked * parameters!);
    const spent = last?.totals ?? { energy: 0, latency: 0 };
    const share = (used: number, budget: number | null | undefined) => (budget ? Math.min(1, used / budget) : 0);
    const of = (used: number, budget: number | null | undefined, unit: string) =>
      `${quantity(used, unit)} ${budget == null ? "" : `of ${quantity(budget, unit)}`}`.trim();
    const texts = [
      accuracy === null ? "–" : percent(accuracy),
      `${last?.round ?? 0} of ${config?.rounds ?? "–"}`,
      perEntry === null ? "–" : significant(perEntry),
      saved === null ? "–" : percent(saved),
      of(spent.energy, config?.budgets.energy, "J"),
      of(spent.latency, config?.budgets.latency, "s"),
    ];
    const shares: Record<string, number> = {
      round: share(rounds.length, config?.rounds),
      energy: share(spent.energy, config?.budgets.energy),
      time: share(spent.latency, config?.budgets.latency),
    };
    for (const [i, { label, value, bar }] of facts.entries()) {
      setText(value, texts[i]!);
      if (bar !== undefined) bar.value = shares[label]!;
    }
    const lost = state.losses > 0 && outcome === undefined ? "A worker was lost; the run goes on with another." : "";
    const wrong = state.failure?.message ?? lost;
    failure.hidden = wrong === "";
    setText(failure, wrong);
    ending.hidden = outcome === undefined;
    setText(ending, outcome === undefined ? "" : `The run ended: ${outcome.ended.reason}.`);
    fingerprintLine.hidden = outcome === undefined;
    if (outcome !== undefined) {
      setText(fingerprint, outcome.fingerprint.results.slice(0, 16));
      setAttributes(fingerprint, { "data-fingerprint": outcome.fingerprint.results });
      setText(
        fingerprintLine.lastElementChild!,
        config?.kernels === "relaxed"
          ? ' with kernels "relaxed": the same on this machine and engine'
          : " on any engine",
      );
    }
    // What would run may be taken away before it has
    saves.hidden = config === undefined;
    (saves.firstElementChild as HTMLButtonElement).disabled = rounds.length === 0;
    table.update();
  }
  return { root, update };
}

/** For whoever reads the page by program: how the run ended. */
function endOf({ round, accuracy, latency }: RoundRecord, bitsPerEntry: number): End {
  return { rounds: round, accuracy: accuracy ?? 0, latency, bitsPerEntry };
}

function button(label: string, press: (pressed: HTMLButtonElement) => unknown): HTMLButtonElement {
  const made = element("button", { type: "button" }, label);
  made.addEventListener("click", () => press(made));
  return made;
}

/** The line that runs the same in a shell. */
export function commandOf(settings: readonly string[]): string {
  return `npx cellfed run quick${settings.map((set) => ` --set '${set.replaceAll("'", "'\\''")}'`).join("")}`;
}

/** Puts a text on the clipboard and says so on the button; without permission it is shown to be copied by hand. */
export async function copied(pressed: HTMLElement, text: string): Promise<void> {
  const before = pressed.textContent ?? "";
  try {
    await navigator.clipboard.writeText(text);
    pressed.textContent = "copied";
  } catch {
    prompt("Copy this:", text);
  }
  setTimeout(() => {
    pressed.textContent = before;
  }, 1500);
}

const roundCells: readonly { label: string; value(record: RoundRecord): string }[] = [
  { label: "round", value: (record) => String(record.round) },
  { label: "accuracy", value: ({ accuracy }) => (accuracy === null ? "–" : percent(accuracy)) },
  { label: "training loss", value: (record) => significant(record.loss) },
  { label: "bits", value: (record) => quantity(record.nominalBits, "bit") },
  { label: "on the wire", value: (record) => quantity(record.wireBits, "bit") },
  { label: "time", value: (record) => quantity(record.latency, "s") },
  { label: "energy", value: (record) => quantity(record.energy, "J") },
  { label: "power method", value: ({ power }) => `${power.status} in ${power.iterations}` },
];

/** Only the rows in sight stand in the page, however many rounds there are. */
function roundsTable(rounds: () => readonly RoundRecord[]) {
  const body = element("tbody");
  const [above, below] = [element("tr", { "aria-hidden": "true" }), element("tr", { "aria-hidden": "true" })];
  const scroll = element(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": "Rounds" },
    element(
      "table",
      { class: "rounds" },
      element("thead", {}, element("tr", {}, ...roundCells.map(({ label }) => element("th", { scope: "col" }, label)))),
      body,
    ),
  );
  const root = element("details", { hidden: true }, element("summary", {}, "Every round"), scroll);
  const rowHeight = 26;
  const rows = new Map<RoundRecord, HTMLElement>();
  function update(): void {
    const all = rounds();
    root.hidden = all.length === 0;
    if (!root.open) return;
    const first = Math.max(0, Math.min(all.length - rowsShown, Math.floor(scroll.scrollTop / rowHeight) - 20));
    const shown = all.slice(first, first + rowsShown);
    const wanted = new Set(shown);
    for (const [record, row] of rows) {
      if (wanted.has(record)) continue;
      row.remove();
      rows.delete(record);
    }
    setAttributes(above, { style: `height:${first * rowHeight}px` });
    setAttributes(below, { style: `height:${(all.length - first - shown.length) * rowHeight}px` });
    let after: Element = above;
    if (above.parentNode === null) body.append(above, below);
    for (const record of shown) {
      let row = rows.get(record);
      if (row === undefined) {
        row = element("tr", {}, ...roundCells.map(({ value }) => element("td", {}, value(record))));
        rows.set(record, row);
      }
      if (after.nextElementSibling !== row) after.after(row);
      after = row;
    }
  }
  scroll.addEventListener("scroll", update);
  root.addEventListener("toggle", update);
  return { root, update };
}
