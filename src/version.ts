import { version as manifestVersion } from "../package.json";

/** The package's version, as in its package.json. */
export const version: string = manifestVersion;
