import { type Adjusted, adjust } from "../study/analysis/holm.js";
import { endsAt, type Interval, scaled } from "../study/analysis/intervals.js";
import type { MeasuredClaim } from "./claims.js";

/** What was found of a claim, in one word of a table. */
export type Verdict = keyof typeof words;

/** A claim with all that may be said of it. */
export interface Claim extends MeasuredClaim {
  /** Together with the other claims of its family; null where none is confirmatory or there is no interval */
  adjusted: Adjusted | null;
  verdict: Verdict;
}

/** Seeds, or drops, that a claim needs for a verdict: see docs/comparing.md for what so many of them can see. */
export const leastSamples = 15;

/** In a table, and what each may say of a claim: a word more than this is not to be had from a verdict. */
const words = {
  unmeasured: "not measured",
  single: "one sample",
  unreachable: "no verdict",
  suggested: "exploratory: better",
  "suggested opposite": "exploratory: worse",
  unclear: "exploratory: undecided",
  confirmed: "confirmed",
  consistent: "consistent",
  reached: "reached here",
  better: "better here",
  less: "less here",
  undecided: "undecided",
  opposite: "opposite here",
  contradicted: "contradicted",
} as const;

export const verdictWords: Readonly<Record<Verdict, string>> = words;

/** Judges all claims of a reproduction together: those of a family share their 5 %. */
export function judge(measured: readonly MeasuredClaim[]): Claim[] {
  const adjusted = new Map<MeasuredClaim, Adjusted>();
  for (const family of ["primary", "secondary"] as const) {
    const members = measured.filter((claim) => claim.family === family && isConfirmatory(claim));
    // What is tested is whether the claim's own zero is left behind: of "at least 49 %" that is 49 %.
    const shifted = members.map((claim) => scaled(claim.ours!, 1, zeroOf(claim)));
    adjust(shifted).forEach(({ p, low, high }, i) => {
      const claim = members[i]!;
      adjusted.set(claim, { p, low: low + zeroOf(claim), high: high + zeroOf(claim) });
    });
  }
  return measured.map((claim) => {
    const together = adjusted.get(claim) ?? null;
    return { ...claim, adjusted: together, verdict: verdictOf(claim, together) };
  });
}

/** Declared so, and with the samples that were planned. */
function isConfirmatory({ evidence, ours }: MeasuredClaim): boolean {
  return evidence === "confirmatory" && ours !== null && ours.count >= leastSamples;
}

function zeroOf({ published }: Pick<MeasuredClaim, "published">): number {
  return published.bound === "at least" ? published.value : 0;
}

function verdictOf(claim: MeasuredClaim, adjusted: Adjusted | null): Verdict {
  const { published, ours, reach } = claim;
  if (ours === null) return "unmeasured";
  if (published.bound === "up to" && reach !== null && published.value > reach) return "unreachable";
  const ends = endsAt(ours);
  if (ends === null) return "single";
  if (adjusted === null) {
    const zero = zeroOf(claim);
    return excludes(ends, zero) ? (ours.mean > zero ? "suggested" : "suggested opposite") : "unclear";
  }
  return verdictOfEnds(published, adjusted, ours.mean);
}

/**
 * From the adjusted interval alone. "Up to" is a maximum over settings that nobody names: a mean at one of them can
 * reach it, be consistent with it, or be better, worse or undecided here; it refutes nothing.
 */
function verdictOfEnds(
  { bound, value }: MeasuredClaim["published"],
  { p, low, high }: Adjusted,
  mean: number,
): Verdict {
  const sees = p !== null && p < 0.05;
  if (bound === "better") return sees ? (mean > 0 ? "confirmed" : "contradicted") : "undecided";
  const within = low <= value && value <= high && high - low < Math.abs(value);
  if (bound === "at least") {
    if (sees) return mean > value ? "confirmed" : high < 0 ? "contradicted" : "less";
    return within ? "consistent" : "undecided";
  }
  if (!sees) return "undecided";
  if (mean < 0) return "opposite";
  if (low >= value) return "reached";
  return within ? "consistent" : "better";
}

function excludes({ low, high }: { low: number; high: number }, value: number): boolean {
  return low > value || high < value;
}

/** Everything that may be said of a claim, for reports and docs alike: they have no other words for it. */
export function sentenceOf(claim: Claim): string {
  const { source, statement, form, where } = claim;
  return `${source}, ${form}, ${where}: ${statement}. ${figureText(claim)}${conclusionOf(claim)}.`;
}

function conclusionOf(claim: Claim): string {
  const { published, verdict, reach } = claim;
  const unit = unitOf(claim);
  const value = `${published.value}${unit}`;
  switch (verdict) {
    case "unmeasured":
      return "It could not be measured";
    case "single":
      return "One sample has no interval, and nothing is concluded from it";
    case "unreachable":
      return `No verdict: a gain of ${value} is out of reach where the accuracy lies ${number(reach!)}${unit} above chance`;
    case "suggested":
    case "suggested opposite":
    case "unclear":
      return exploratoryConclusion(claim);
    case "confirmed":
      return `Confirmed: ${placeOf(claim, "above", published.bound === "at least" ? value : "0")}`;
    case "consistent":
      return `Consistent with ${value}: the adjusted interval holds it, and is narrower than it`;
    case "reached":
      return `Reached here: the adjusted interval lies at or above ${value}`;
    case "better":
      return `Better here. Whether ${value} is reached at other settings is not said by a mean at one`;
    case "less":
      return `Less than ${value} here: ${placeOf(claim, "below", "it")}`;
    case "undecided":
      return `Undecided: the adjusted interval holds ${published.bound === "at least" ? value : "0"}`;
    case "opposite":
      return `The opposite here: ${placeOf(claim, "below", "0")}. A largest gain over other settings is not refuted by it`;
    case "contradicted":
      return `Contradicted: ${placeOf(claim, "below", "0")}`;
  }
}

/** On which side of the claim's zero the adjusted interval lies; it ends there where only Holm's steps see the difference. */
function placeOf(claim: Claim, side: "above" | "below", zero: string): string {
  const { low, high } = claim.adjusted!;
  return (side === "above" ? low : high) === zeroOf(claim)
    ? `Holm's test sees the difference, and the adjusted interval ends at ${zero}`
    : `the adjusted interval lies ${side} ${zero}`;
}

function exploratoryConclusion({ verdict, published, evidence, samples, unit }: Claim): string {
  const zero = published.bound === "at least" ? `${published.value}${unitOf({ unit })}` : "0";
  const found = verdict === "unclear" ? `holds ${zero}` : `lies ${verdict === "suggested" ? "above" : "below"} ${zero}`;
  const why = evidence === "exploratory" ? "Exploratory" : `Exploratory, with fewer than the ${leastSamples} planned`;
  return `${why} (${samples}): the interval ${found}; it settles nothing`;
}

/** "Ours: +4.8 points [1.0, 8.6], p = 0.02; " with the adjusted interval where there is one. */
function figureText(claim: Claim): string {
  const { ours, adjusted } = claim;
  if (ours === null) return "";
  const figure = `Ours: ${valueText(claim)}`;
  if (adjusted === null) return `${figure}${intervalText(endsAt(ours))}. `;
  return `${figure}${intervalText(adjusted)} together with the ${claim.family} claims, p ${equals(probability(adjusted.p))}. `;
}

/** "= 0.02", "< 0.001" */
function equals(text: string): string {
  return text.startsWith("<") ? text : `= ${text}`;
}

/** "+4.8 points", "96.2 %"; "–" where there is nothing. */
export function valueText({ ours, unit }: Pick<Claim, "ours" | "unit">): string {
  if (ours === null) return "–";
  return `${ours.mean >= 0 && unit === "points" ? "+" : ""}${number(ours.mean)}${unit === "points" ? " points" : " %"}`;
}

/** " [1.0, 8.6]"; empty where there is no interval. */
export function intervalText(ends: { low: number; high: number } | null): string {
  return ends === null ? "" : ` [${number(ends.low)}, ${number(ends.high)}]`;
}

export function probability(p: number | null): string {
  if (p === null) return "–";
  return p < 0.001 ? "< 0.001" : p.toPrecision(2);
}

function unitOf({ unit }: Pick<Claim, "unit">): string {
  return unit === "points" ? " points" : " %";
}

/** One digit after the point, and more where it would look like 0: on which side of it an interval ends must show. */
function number(value: number): string {
  const size = Math.abs(value);
  if (size < 0.05) return size < 1e-4 ? "0.0" : value.toPrecision(1);
  return value.toFixed(size >= 100 ? 0 : 1);
}

/** The late outcome as "+4.8 points [1.0, 8.6]". */
export function outcomeText(interval: Interval | null, unit: Claim["unit"]): string {
  return interval === null ? "–" : `${valueText({ ours: interval, unit })}${intervalText(endsAt(interval))}`;
}
