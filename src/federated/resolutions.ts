import { exp, log } from "../../bindings/math.js";
import type { plannedQuantizers } from "../config/checks.js";
import type { Config } from "../config/config.js";
import type { Quantizer } from "../config/records.js";
import { quantizer as quantizerOf } from "../quantizers/index.js";

/** Settings that are laid over the quantizer's own. */
export type QuantizerSettings = Readonly<Record<string, string | number | boolean>>;

/**
 * What clients' errors have to do with one another: those of rounding are independent, others are common, all lose the same
 * part: what is weak in one update is weak in the others too, and below a tenth of a bit that is most of what is lost.
 * Isotropic ones are independent, without bias and as large in every direction. They cost what the loss bends in the
 * mean, and not what it bends along the update: clients measure both (curvature.ts).
 */
export type ErrorKind = "independent" | "common" | "isotropic";

/** What a plan of resolutions chooses from, and where it begins. */
interface PlannedQuantizer {
  /** Coarse to fine; clients measure their updates at each */
  ladder: readonly QuantizerSettings[];
  /** The rung before anything was measured */
  first: number;
  errors: ErrorKind;
  /** The settings at which an update of so many entries is sent in so many bits, by what it has at the ladder's */
  at(target: number, bits: ArrayLike<number>, entries: number): QuantizerSettings;
}

/** Shares of the configured target that what is sent to a target is measured at; the fourth is the target. */
const targets = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8];

/** And the most bits an entry that it may have. */
const mostBits = 16;

/**
 * ‖v‖_∞ / step of EMQ's free step, coarse to fine; every client chooses among these. The paper's digits 0 lies
 * anywhere from 1 to 10, wherever the decade happens to fall.
 */
export const resolutionLadder: readonly QuantizerSettings[] = [1, 2, 3, 5, 8, 16, 32].map((levels) => ({
  step: "fractional",
  levels,
}));

type PlannedName = (typeof plannedQuantizers)[number];

const planned: Readonly<Record<PlannedName, (config: Config) => PlannedQuantizer>> = {
  emq: () => ({
    ladder: resolutionLadder,
    // The geometric mean of the decade's range
    first: 2,
    errors: "independent",
    at: (target, bits) => stepForBits(target, resolutionLadder, bits),
  }),
  "rate-distortion": ({ quantizer }) =>
    toTarget(quantizer, quantizer.rounding === "stochastic" ? "independent" : "common"),
  // A random rotation spreads what is lost over all directions.
  induced: ({ quantizer }) => toTarget(quantizer, "isotropic"),
};

/** What is told the bits an entry of its packets: those are chosen. */
function toTarget({ bits }: Config["quantizer"], errors: PlannedQuantizer["errors"]): PlannedQuantizer {
  return {
    ladder: targets.map((share) => ({ bits: Math.min(mostBits, share * (bits as number)) })),
    first: targets.indexOf(1),
    errors,
    at: (target, _, entries) => ({ bits: Math.min(mostBits, target / entries) }),
  };
}

/** What a plan chooses from with a config's quantizer, which is one of `plannedQuantizers`. */
export function resolutionsOf(config: Config): PlannedQuantizer {
  return planned[config.quantizer.name as PlannedName](config);
}

/**
 * The step at which an update has so many bits, by those at the steps of a ladder: between two of them ln levels is
 * taken to go as ln bits.
 * @param bits at each step [R]
 */
export function stepForBits(
  target: number,
  ladder: readonly QuantizerSettings[],
  bits: ArrayLike<number>,
): QuantizerSettings {
  const last = ladder.length - 1;
  if (!(target > bits[0]!)) return ladder[0]!;
  const above = ladder.findIndex((_, r) => bits[r]! >= target);
  if (above < 0) return ladder[last]!;
  const [low, high] = [bits[above - 1]!, bits[above]!];
  const share = low > 0 ? log(target / low) / log(high / low) : 1;
  const [from, to] = [ladder[above - 1]!, ladder[above]!].map(({ levels }) => levels as number) as [number, number];
  return { ...ladder[above]!, levels: from * exp(share * log(to / from)) };
}

/** The quantizer at each step of a ladder. */
export function quantizersAt(config: Config, ladder: readonly QuantizerSettings[]): Quantizer[] {
  return ladder.map((settings) => quantizerOf({ ...config.quantizer, ...settings }));
}
