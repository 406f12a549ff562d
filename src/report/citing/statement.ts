import type { Config } from "../../config/config.js";
import type { Markup } from "./markup.js";

/** A sentence or two on some of a config's fields. */
export interface Statement {
  /** What it tells in full, where it has an effect; a section's stands for all in it */
  tells: readonly string[];
  /** "" where there is nothing to say */
  say(config: Config): Markup;
}
