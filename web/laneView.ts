import type { RoundRecord } from "../src/index.js";
import { roundColumns } from "../src/report/tables/run.js";
import { csv } from "../src/report/tables/table.js";
import { bitsHistogram, type NamedLane, networkMap } from "./charts.js";
import { element, saveFile } from "./dom.js";
import { percent, quantity, significant } from "./format.js";

/** px; the style sheet stretches the figures a little to their columns */
const chartWidth = 340;

/**
 * The panel of one run: figures, budgets, map, bits, and at the end its fingerprint.
 * @param isOpen whether the user has opened the details of this name
 */
export function laneView(lane: NamedLane, isOpen: (details: string) => boolean): HTMLElement {
  const { id, name, state } = lane;
  return element(
    "section",
    {
      class: "panel lane",
      "data-lane": id,
      "data-phase": state.phase,
      "data-rounds": state.rounds.length,
      "aria-label": name,
    },
    element("h2", {}, element("span", { class: `swatch ${id}`, "aria-hidden": "true" }), name),
    state.failure === undefined ? undefined : element("p", { class: "failure", role: "alert" }, state.failure.message),
    numbers(lane),
    element(
      "div",
      { class: "lane-body" },
      budgets(lane),
      figure(
        "Network",
        state.drop === undefined ? placeholder("drawing…") : networkMap(state.drop, state.rounds.at(-1), chartWidth),
        element(
          "figcaption",
          {},
          "Triangles are access points, circles are clients; color is the power sent with: ",
          element("span", { class: "scale", "aria-hidden": "true" }),
          " 0.1 % to 100 %. Hollow: nothing sent.",
        ),
      ),
      figure(
        state.parameters === undefined ? "Bits of the uploads" : "Bits spent on an entry",
        state.rounds.length === 0 ? placeholder("after the first round") : bitsHistogram(state, id, chartWidth),
        element("figcaption", {}, "Counted over clients and rounds, as the method's paper counts bits."),
      ),
      ending(lane),
    ),
    roundsTable(lane, isOpen(`${id}-rounds`)),
  );
}

function numbers({ state }: NamedLane): HTMLElement {
  const { config, rounds, parameters } = state;
  const last = rounds.at(-1);
  const accuracy = rounds.findLast((record) => record.accuracy !== null)?.accuracy ?? null;
  // Over all rounds so far, as in the command's closing table.
  const bits = last?.totals.nominalBits ?? 0;
  let uploads = 0;
  for (const { perClient } of rounds) uploads += perClient.skipped.filter((skipped) => !skipped).length;
  const perEntry = parameters === undefined || uploads === 0 ? null : bits / uploads / parameters;
  const asked = Math.max(1, Math.round((config?.server.participation ?? 1) * (config?.network.clients ?? 1)));
  const saved = perEntry === null ? null : 1 - bits / (32 * rounds.length * asked * parameters!);
  const fact = (label: string, value: string, className?: string) =>
    element("div", { class: className }, element("dt", {}, label), element("dd", {}, value));
  return element(
    "dl",
    { class: "numbers" },
    fact("accuracy", accuracy === null ? "–" : percent(accuracy), "large"),
    fact("round", `${last?.round ?? 0} of ${config?.rounds ?? "–"}`),
    fact("bits an entry", perEntry === null ? "–" : significant(perEntry)),
    fact("saved", saved === null ? "–" : percent(saved)),
  );
}

function budgets({ state }: NamedLane): HTMLElement {
  const { config, rounds } = state;
  const totals = rounds.at(-1)?.totals ?? { energy: 0, latency: 0 };
  const row = (label: string, unit: string, used: number, budget: number | null | undefined) => {
    const show = (value: number) => (unit === "" ? String(value) : quantity(value, unit));
    const share = budget ? Math.min(1, used / budget) : 0;
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, label),
      element("td", {}, show(used)),
      element("td", {}, budget == null ? "no limit" : show(budget)),
      element(
        "td",
        { class: "left" },
        budget == null ? "–" : show(Math.max(0, budget - used)),
        element("progress", { value: share, max: 1, "aria-label": `${label} used` }),
      ),
    );
  };
  const head = ["", "used", "budget", "left"].map((text) => element("th", { scope: "col" }, text));
  return element(
    "table",
    { class: "budgets" },
    element("caption", {}, "Budgets"),
    element("thead", {}, element("tr", {}, ...head)),
    element(
      "tbody",
      {},
      row("Energy", "J", totals.energy, config?.budgets.energy),
      row("Time", "s", totals.latency, config?.budgets.latency),
      row("Rounds", "", rounds.length, config?.rounds),
    ),
  );
}

function ending({ id, state }: NamedLane): HTMLElement | undefined {
  const { outcome, rounds, config } = state;
  // A run whose budgets allow no round has ended as well, and says why.
  if (config === undefined || (rounds.length === 0 && outcome === undefined)) return undefined;
  const save = (label: string, name: string, type: string, text: () => string) => {
    const button = element("button", { type: "button", "data-focus": `${id}-${name}` }, label);
    button.addEventListener("click", () => saveFile(name, type, text()));
    return button;
  };
  return element(
    "div",
    { class: "ending" },
    outcome === undefined
      ? undefined
      : element("p", {}, element("strong", {}, "The run ended: "), `${outcome.ended.reason}.`),
    outcome === undefined
      ? undefined
      : element(
          "p",
          { class: "fingerprint" },
          "Fingerprint ",
          element(
            "code",
            { "data-fingerprint": outcome.fingerprint.results },
            outcome.fingerprint.results.slice(0, 16),
          ),
          element(
            "small",
            {},
            config.kernels === "relaxed"
              ? 'With kernels "relaxed" the same settings give the same one on this machine and engine.'
              : "The same settings give the same one on any engine, also from the command line.",
          ),
        ),
    element(
      "p",
      { class: "buttons" },
      save("rounds.csv", "rounds.csv", "text/csv", () => csv(rounds, roundColumns)),
      save("config.json", "config.json", "application/json", () => `${JSON.stringify(config, null, 2)}\n`),
    ),
  );
}

/** Made only while it is open: over a long run it is most of the page. */
function roundsTable({ id, state }: NamedLane, open: boolean): HTMLElement | undefined {
  if (state.rounds.length === 0) return undefined;
  const head = roundCells.map(({ label }) => element("th", { scope: "col" }, label));
  const row = (record: RoundRecord) =>
    element("tr", {}, ...roundCells.map(({ value }) => element("td", {}, value(record))));
  return element(
    "details",
    { "data-keep": `${id}-rounds`, open },
    element("summary", { "data-focus": `${id}-rounds` }, "Every round"),
    element(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": "Rounds", "data-scroll": `${id}-rounds` },
      open
        ? element(
            "table",
            { class: "rounds" },
            element("thead", {}, element("tr", {}, ...head)),
            element("tbody", {}, ...state.rounds.map(row)),
          )
        : undefined,
    ),
  );
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

function figure(title: string, chart: Element, caption: HTMLElement): HTMLElement {
  return element("figure", {}, element("h3", {}, title), chart as HTMLElement, caption);
}

function placeholder(text: string): HTMLElement {
  return element("p", { class: "placeholder" }, text);
}
