import { InputError } from "./errors.js";

/**
 * Between these, and 0, lies every amount that is computed with: bits, joules, seconds, watts, Hz. Products of three of
 * them stay within float64.
 */
export const leastAmount = 1e-40;
export const mostAmount = 1e40;

/** What is made of amounts, a round's seconds of computation or its joules beside the uploads, may be as far from 1 as this. */
export const mostMade = 1e100;

/** Infinity is no amount, but the lack of a limit. @throws InputError for an amount that is beyond those */
export function checkAmount(path: string, value: number, least = leastAmount, most = mostAmount): void {
  const size = Math.abs(value);
  if (value !== 0 && size !== Number.POSITIVE_INFINITY && !(size >= least && size <= most))
    throw new InputError(path, `${value} is beyond what is computed with (allowed: 0, or ${least} to ${most})`);
}

/** The same of all numbers in a part of a config. */
export function checkAmountsIn(path: string, value: unknown): void {
  if (typeof value === "number") checkAmount(path, value);
  else if (typeof value === "object" && value !== null)
    for (const [key, inner] of Object.entries(value)) checkAmountsIn(`${path}.${key}`, inner);
}
