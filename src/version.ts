import { version as manifestVersion } from "../package.json";

/** The package's version, as in its package.json. */
export const version: string = manifestVersion;

/** Raised whenever results move: another order of sums, another solver step. It belongs to every job's key, and no store mixes two. */
export const numerics = 2;
