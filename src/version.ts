import { version as manifestVersion } from "../package.json";

/** The package's version, as in its package.json. */
export const version: string = manifestVersion;

/**
 * Rises with every change that moves a result: another order of sums, another solver step. Results of different numbers
 * are not put together.
 */
export const numerics = 3;
