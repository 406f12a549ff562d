import { percent, quantity, significant } from "../format.js";
import type { DropAnswer } from "./compute.js";

/** What is drawn: an answer, with the powers and costs of the round that is shown. */
export interface DropView {
  answer: DropAnswer;
  /** p [K], s [K], J [K] */
  power: ArrayLike<number>;
  latency: ArrayLike<number>;
  energy: ArrayLike<number>;
  /** Whether these are a finished round's instead of the allocation's for these places */
  recorded: boolean;
  spent: number | undefined;
  selected: number | undefined;
  classes: readonly (readonly number[])[] | undefined;
  /** What is left of each client's charge, where there are batteries */
  battery: readonly number[] | undefined;
}

/** Latencies nearer than this end together: powers that equalize them do so to their tolerance only. */
const together = 1e-3;

/** The clients for which all others wait; none where nobody sends. */
export function slowest({ latency }: Pick<DropView, "latency">): number[] {
  let most = 0;
  for (let k = 0; k < latency.length; k++) most = Math.max(most, latency[k]!);
  const found: number[] = [];
  for (let k = 0; k < latency.length; k++) if (most > 0 && latency[k]! >= (1 - together) * most) found.push(k);
  return found;
}

/** "All wait for client 7, 3.1 ms." */
export function waiting(view: Pick<DropView, "latency"> & Partial<DropView>): string {
  if (view.answer?.overTheAir) return view.recorded ? airWords(view) : "All send at once.";
  const last = slowest(view);
  if (last.length === 0) return "Nobody sends.";
  const time = quantity(view.latency[last[0]!]!, "s");
  if (last.length === 1) return `All wait for client ${last[0]}, ${time}.`;
  return `${last.length === view.latency.length ? "All" : `${last.length} clients`} end together, after ${time}.`;
}

function airWords({ latency }: Pick<DropView, "latency">): string {
  return `All send at once, for ${quantity(Math.max(...Array.from(latency)), "s")}.`;
}

/** The figure in two or three sentences. */
export function summarize(view: DropView): string {
  const { answer, power } = view;
  const [clients, accessPoints] = [answer.clientPositions.length / 2, answer.accessPointPositions.length / 2];
  const side = significant(answer.area);
  const place = `${clients} clients and ${accessPoints} access points on ${side} × ${side} m${answer.wrapAround ? ", whose opposite edges meet" : ""}.`;
  const { status, reason } = answer.allocation;
  if (answer.overTheAir) return `${place} ${waiting(view)} ${affordable(answer)}`;
  if (status === "infeasible") return `${place} ${reason ?? "No powers serve everyone"}.`;
  const rates = range(answer.allocation.rate, (rate) => quantity(rate, "bit/s"));
  return `${place} Rates ${rates}, powers ${range(power, percent)}. ${waiting(view)} ${affordable(answer)}`;
}

/** "31 rounds; the energy ends first". */
export function affordable({ rounds }: Pick<DropAnswer, "rounds">): string {
  if (rounds === undefined) return "What a round takes over the air, the first one shows.";
  const { count, by } = rounds;
  const what = count === 1 ? "1 round" : `${count} rounds`;
  if (by === "rounds") return `All ${what} are paid for.`;
  return `The budgets pay for ${what}; the ${by === "energy" ? "joules" : "seconds"} end first.`;
}

function range(values: ArrayLike<number>, show: (value: number) => string): string {
  const list = Array.from(values);
  const [least, most] = [Math.min(...list), Math.max(...list)];
  return show(least) === show(most) ? show(least) : `${show(least)} to ${show(most)}`;
}

export function clientWords(view: DropView, k: number): string {
  const { answer, power, latency, energy, classes } = view;
  const L = answer.accessPointPositions.length / 2;
  const shares = answer.shares.subarray(k * L, (k + 1) * L);
  const strongest = shares.indexOf(shares.reduce((a, b) => Math.max(a, b), 0));
  const helping = shares.reduce((count, share) => count + (share >= 0.02 ? 1 : 0), 0);
  const sent = [`power ${percent(power[k]!)}`, quantity(latency[k]!, "s"), quantity(energy[k]!, "J")];
  const costs = [
    ...(view.recorded || answer.overTheAir ? [] : [quantity(answer.allocation.rate[k]!, "bit/s")]),
    // Over the air powers are the round's own
    ...(view.recorded || !answer.overTheAir ? sent : []),
    `pilot ${answer.pilotIndex[k]}`,
    ...(view.battery === undefined ? [] : [`battery ${percent(view.battery[k]!)} full`]),
  ];
  const mix = (classes?.[k] ?? [])
    .map((share, name) => ({ share, name }))
    .filter(({ share }) => share >= 0.05)
    .sort((a, b) => b.share - a.share)
    .slice(0, 4)
    .map(({ share, name }) => `${name} ${Math.round(100 * share)} %`);
  const data = mix.length === 0 ? "" : ` Its examples: class ${mix.join(", ")}.`;
  const heard = shares[strongest]! > 0;
  return `Client ${k}: ${costs.join(", ")}. ${
    heard
      ? `${helping === 1 ? "1 access point brings" : `${helping} access points bring`} 2 % or more of its gain; number ${strongest}, the strongest, ${percent(shares[strongest]!)}.`
      : "No access point hears it."
  }${data}`;
}

export function accessPointWords({ answer }: DropView, l: number): string {
  const L = answer.accessPointPositions.length / 2;
  const helped = Array.from(answer.pilotIndex, (_, k) => ({ k, share: answer.shares[k * L + l]! }))
    .filter(({ share }) => share >= 0.02)
    .sort((a, b) => b.share - a.share);
  if (helped.length === 0) return `Access point ${l}: brings no client 2 % of its gain.`;
  const first = helped.slice(0, 4).map(({ k, share }) => `${percent(share)} of client ${k}'s`);
  const more = helped.length > 4 ? ` and 2 % or more of ${helped.length - 4} others'` : "";
  return `Access point ${l}: brings ${first.join(", ")}${more} gain.`;
}
