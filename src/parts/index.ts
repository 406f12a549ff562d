/** The catalog of parts: configs complete with their parts' settings, what has no effect, parts of one's own. */
export { catalog, kindAt, kindSettings, type PartKind } from "./catalog.js";
export { defaults } from "./defaults.js";
export { checkEffects, type WithoutEffect, withoutEffect, withoutEffectAnywhere } from "./effect.js";
export type { ConfigInput, GivenConfig, GivenQuantizer, OwnNames, Some } from "./input.js";
export type { Given } from "./merge.js";
export type * from "./partTypes.js";
export {
  type Plugin,
  type PluginOrigin,
  partsOf,
  type RegisteredPart,
  register,
  registered,
  unregisterAll,
} from "./plugins.js";
export {
  type ConfigSources,
  completeConfig,
  parseConfig,
  resolveConfig,
  resolveSources,
} from "./resolve.js";
