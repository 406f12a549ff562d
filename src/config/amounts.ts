import { InputError } from "./errors.js";

/**
 * Between these, and 0, lies every amount that is computed with: bits, joules, seconds, watts, Hz. Products of three of
 * them stay within float64.
 */
export const leastAmount = 1e-40;
export const mostAmount = 1e40;

/** Infinity is no amount, but the lack of a limit. @throws InputError for an amount that is beyond those */
export function checkAmount(path: string, value: number): void {
  const size = Math.abs(value);
  if (value !== 0 && size !== Number.POSITIVE_INFINITY && !(size >= leastAmount && size <= mostAmount))
    throw new InputError(
      path,
      `${value} is beyond what is computed with (allowed: 0, or ${leastAmount} to ${mostAmount})`,
    );
}

/** The same of all numbers in a part of a config. */
export function checkAmountsIn(path: string, value: unknown): void {
  if (typeof value === "number") checkAmount(path, value);
  else if (typeof value === "object" && value !== null)
    for (const [key, inner] of Object.entries(value)) checkAmountsIn(`${path}.${key}`, inner);
}
