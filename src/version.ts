import { version as manifestVersion } from "../package.json";

/** The package's version, as in its package.json. */
export const version: string = manifestVersion;

/**
 * Raised by every change that moves results: another order of sums, another step of a solver. It is part of every job's
 * key, so that no store mixes results from before and after.
 */
export const numerics = 2;
