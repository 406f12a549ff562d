import type { DeadZoneStream } from "../../../bindings/deadZone.js";
import { exp, log } from "../../../bindings/math.js";
import { power } from "../methods/steps.js";

/** The step with which a code is as long as it may be. */

/** Δ is a normal float32, so that 1/Δ is one too, or nearly. */
export const leastStep = 2 ** -126;
export const mostStep = 2 ** 126;

const tries = 12;
/** A packet is long enough from this share of the target on. */
const enough = 0.965;
const aim = 0.983;
const slope = -2.4;

/** A step and what the code takes with it. */
interface Try {
  step: number;
  length: number;
}

/**
 * The step at which the code is just below `room` bytes. Length falls with the step, about as its power −2.4, though not
 * everywhere: that slope until one step is too fine and one coarse enough, then between these two.
 */
export function searched(
  attempt: (step: number) => DeadZoneStream,
  start: number,
  room: number,
): { step: number; stream: DeadZoneStream } {
  let step = start;
  let fine: Try | undefined;
  let coarse: Try | undefined;
  for (let i = 0; i < tries; i++) {
    const stream = attempt(step);
    const one = { step, length: Math.max(1, stream.length) };
    if (!stream.complete || stream.length > room) fine = one;
    else if (stream.length >= enough * room || step === leastStep) return { step, stream };
    else coarse = one;
    const both = fine !== undefined && coarse !== undefined;
    step = stepNear(both ? between(fine!, coarse!, room, i % 3 === 2) : beyond(one, room, i));
  }
  for (step = coarse?.step ?? stepNear(2 * step); ; step = stepNear(2 * step)) {
    const stream = attempt(step);
    if (stream.complete && (stream.length <= room || step === mostStep)) return { step, stream };
  }
}

/** Where the aim is by the slope, but farther away with every try on the same side: there are plateaus. */
function beyond({ step, length }: Try, room: number, i: number): number {
  const factor = exp(log((aim * room) / length) / slope);
  const least = 1 + power(2, Math.min(i, 8)) / 16;
  return step * (length > room ? Math.min(16, Math.max(least, factor)) : Math.max(1 / 16, Math.min(1 / least, factor)));
}

/** Where the line through both is at the aim, in logarithms; in their middle where that has not helped. */
function between(fine: Try, coarse: Try, room: number, middle: boolean): number {
  const share = log(fine.length / (aim * room)) / log(fine.length / coarse.length);
  const width = log(coarse.step / fine.step);
  return fine.step * exp(width * (middle ? 0.5 : Math.min(0.9, Math.max(0.1, share))));
}

export function stepNear(value: number): number {
  return Math.fround(Math.min(mostStep, Math.max(leastStep, value)));
}
