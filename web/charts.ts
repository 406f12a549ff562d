import * as Plot from "@observablehq/plot";
import type { RoundRecord } from "../src/index.js";
import { percent, quantity, significant } from "./format.js";
import type { LaneState } from "./lane.js";
import type { Drop } from "./protocol.js";

/** The figures. Each returns a new element made from the lanes as they are; colors come from the style sheet. */

export interface NamedLane {
  /** Of the style sheet's colors: --first or --second */
  id: "first" | "second";
  name: string;
  state: Readonly<LaneState>;
}

export type Axis = "rounds" | "latency" | "energy" | "bits";

const axes: Record<
  Axis,
  { label: string; unit: string; value(record: RoundRecord): number; limit(state: Readonly<LaneState>): number | null }
> = {
  rounds: {
    label: "Round",
    unit: "",
    value: (record) => record.round,
    limit: ({ config }) => config?.rounds ?? null,
  },
  latency: {
    label: "Time (s)",
    unit: "s",
    value: (record) => record.totals.latency,
    limit: ({ config }) => config?.budgets.latency ?? null,
  },
  energy: {
    label: "Energy (J)",
    unit: "J",
    value: (record) => record.totals.energy,
    limit: ({ config }) => config?.budgets.energy ?? null,
  },
  bits: {
    label: "Uploaded (Mbit)",
    unit: "bit",
    value: (record) => record.totals.nominalBits / 1e6,
    limit: () => null,
  },
};

/** Test accuracy over rounds, seconds, joules or bits, with the budget where there is one. */
export function accuracyChart(lanes: readonly NamedLane[], axis: Axis, width: number): Element {
  const { label, value, limit } = axes[axis];
  const points = lanes.flatMap(({ id, name, state }) =>
    state.rounds.flatMap((record) =>
      record.accuracy === null ? [] : [{ id, name, record, x: value(record), accuracy: record.accuracy }],
    ),
  );
  const limits = [...new Set(lanes.map(({ state }) => limit(state)).filter((one) => one !== null))];
  const end = Math.max(...limits, ...points.map(({ x }) => x), axis === "rounds" ? 2 : 0);
  return Plot.plot({
    width,
    height: Math.round(Math.max(220, Math.min(360, width * 0.42))),
    marginLeft: 46,
    marginRight: 18,
    marginBottom: 38,
    style: { background: "none", fontSize: "12px" },
    ariaLabel: "Line chart of the test accuracy",
    x: {
      label,
      labelArrow: "none",
      domain: [axis === "rounds" ? 1 : 0, end > 0 ? end : 1],
      ...(axis === "rounds" ? { ticks: Math.min(end, 12), tickFormat: "d" } : {}),
    },
    y: { label: null, domain: [0, 100], grid: true, percent: true, tickFormat: (tick: number) => `${tick} %` },
    marks: [
      axis === "rounds" ? null : Plot.ruleX(limits, { strokeDasharray: "5 4", strokeOpacity: 0.5 }),
      axis === "rounds"
        ? null
        : Plot.text(limits, {
            x: (limit: number) => limit,
            frameAnchor: "bottom",
            dy: -8,
            dx: -6,
            textAnchor: "end",
            text: () => "budget",
          }),
      ...lanes.map(({ id }) =>
        Plot.line(
          points.filter((point) => point.id === id),
          { x: "x", y: "accuracy", stroke: `var(--${id})`, strokeWidth: 2.5, curve: "linear" },
        ),
      ),
      ...lanes.map(({ id }) =>
        Plot.dot(
          points.filter((point) => point.id === id),
          { x: "x", y: "accuracy", fill: `var(--${id})`, r: points.length > 120 ? 1.5 : 3.5 },
        ),
      ),
      Plot.tip(
        points,
        Plot.pointer({
          x: "x",
          y: "accuracy",
          fill: "var(--panel)",
          stroke: "var(--line)",
          title: ({ name, record }: (typeof points)[number]) =>
            [
              name,
              `round ${record.round}: ${percent(record.accuracy ?? 0)}`,
              `${quantity(record.totals.energy, "J")}, ${quantity(record.totals.latency, "s")}`,
              quantity(record.totals.nominalBits, "bit"),
            ].join("\n"),
        }),
      ),
    ],
  });
}

/** The square with its access points, and the clients colored by the power they sent with in the last round. */
export function networkMap(drop: Drop, last: RoundRecord | undefined, width: number): Element {
  const links = drop.clients.map((client) => ({ client, to: drop.accessPoints[client.strongest]! }));
  // A client that skipped the round sent with no power: drawn hollow, as before the first round
  const powerOf = (k: number) => (last?.perClient.skipped[k] ? undefined : last?.perClient.power[k]);
  const clients = drop.clients.map((client, k) => ({ ...client, k, power: powerOf(k) }));
  return Plot.plot({
    width,
    height: width,
    margin: 1,
    style: { background: "none", fontSize: "12px", overflow: "visible" },
    ariaLabel: "Map of access points and clients",
    x: { domain: [0, drop.area], axis: null, inset: 9 },
    y: { domain: [0, drop.area], axis: null, inset: 9 },
    // Powers lie decades apart
    color: { type: "log", domain: [1e-3, 1], clamp: true, range: ["#ffe08a", "#b30d3c"], interpolate: "lab" },
    marks: [
      Plot.frame({ stroke: "var(--line)", rx: 6 }),
      Plot.link(links, {
        x1: ({ client }) => client.x,
        y1: ({ client }) => client.y,
        x2: ({ to }) => to[0],
        y2: ({ to }) => to[1],
        // Across the edge a line over the whole map would mislead
        filter: ({ client, to }) => Math.max(Math.abs(client.x - to[0]), Math.abs(client.y - to[1])) < drop.area / 2,
        stroke: "currentColor",
        strokeOpacity: 0.22,
      }),
      Plot.dot(drop.accessPoints, {
        x: "0",
        y: "1",
        symbol: "triangle",
        r: 5,
        fill: "currentColor",
        fillOpacity: 0.55,
      }),
      Plot.dot(clients, {
        x: "x",
        y: "y",
        r: clients.length > 40 ? 4.5 : 7,
        fill: (client) => client.power ?? Number.NaN,
        stroke: "var(--panel)",
        strokeWidth: 1,
        filter: (client) => client.power !== undefined,
      }),
      Plot.dot(clients, {
        x: "x",
        y: "y",
        r: clients.length > 40 ? 4 : 6,
        stroke: "currentColor",
        strokeWidth: 1.5,
        fill: "var(--panel)",
        filter: (client) => client.power === undefined,
      }),
      Plot.tip(
        clients,
        Plot.pointer({
          x: "x",
          y: "y",
          fill: "var(--panel)",
          stroke: "var(--line)",
          title: (client) => describeClient(client, last),
        }),
      ),
    ],
  });
}

function describeClient(
  client: Drop["clients"][number] & { k: number; power: number | undefined },
  last?: RoundRecord,
): string {
  const lines = [
    `client ${client.k + 1}, pilot ${client.pilot + 1}`,
    `${significant(client.gain)} dB to access point ${client.strongest + 1}`,
  ];
  if (last !== undefined) {
    const { power, latency, energy, nominalBits, skipped } = last.perClient;
    lines.push(
      skipped[client.k]
        ? "skipped the round"
        : `power ${percent(power[client.k]!)}, ${quantity(nominalBits[client.k]!, "bit")}`,
      `${quantity(latency[client.k]!, "s")}, ${quantity(energy[client.k]!, "J")}`,
    );
  }
  return lines.join("\n");
}

/** How many bits the uploads so far spent on an entry of the model: one count a client and round. */
export function bitsHistogram(state: Readonly<LaneState>, id: NamedLane["id"], width: number): Element {
  const { parameters, rounds } = state;
  const perEntry = parameters ?? 1;
  const uploads = rounds.flatMap(({ perClient }) =>
    perClient.nominalBits.filter((_, k) => !perClient.skipped[k]).map((bits) => bits / perEntry),
  );
  const bins = binned(uploads, 18);
  return Plot.plot({
    width,
    height: 230,
    marginLeft: 34,
    marginBottom: 40,
    style: { background: "none", fontSize: "12px" },
    ariaLabel: "Histogram of the bits spent",
    x: {
      label: parameters === undefined ? "Bits an upload" : "Bits an entry",
      labelArrow: "none",
      labelAnchor: "center",
      labelOffset: 34,
      ...(bins.length > 0 ? { domain: [bins[0]!.from, bins.at(-1)!.to] } : {}),
      ticks: 5,
    },
    y: { label: null, grid: true, ticks: 4, tickFormat: "d" },
    marks: [Plot.rectY(bins, { x1: "from", x2: "to", y: "count", fill: `var(--${id})`, inset: 0.5 }), Plot.ruleY([0])],
  });
}

/** Equal bins over what the values span; around the one value where they are all the same, as with fixed widths. */
function binned(values: readonly number[], most: number): { from: number; to: number; count: number }[] {
  if (values.length === 0) return [];
  const low = Math.min(...values);
  const high = Math.max(...values);
  const count = high > low ? most : 7;
  const width = high > low ? (high - low) / count : 0.01 * (high || 1);
  const start = high > low ? low : low - 3.5 * width;
  const counts = new Array<number>(count).fill(0);
  for (const value of values) counts[Math.min(count - 1, Math.floor((value - start) / width))]! += 1;
  return counts.map((held, i) => ({ from: start + i * width, to: start + (i + 1) * width, count: held }));
}
