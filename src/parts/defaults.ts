import type { Config } from "../config/config.js";
import { catalog, declaredDefaults } from "./catalog.js";
import { valueAt, withValue } from "./paths.js";

/**
 * What is used where nothing is said: the set-up of Mahmoudi, Xiao, Björnson, "Accelerating Energy-Efficient Federated
 * Learning in Cell-Free Networks with Adaptive Quantization" (2025) with 20 clients, on the embedded images so that it
 * runs anywhere. Objects are frozen; `parseConfig({})` returns a copy.
 */
export const defaults: Config = frozen(
  catalog.reduce<object>(
    (config, { path, complete }) =>
      complete === undefined ? config : withValue(config, path, complete(valueAt(config, path) as never)),
    declaredDefaults(),
  ),
) as Config;

function frozen<T extends object>(value: T): T {
  for (const child of Object.values(value)) {
    if (typeof child === "object" && child !== null) frozen(child);
  }
  return Object.freeze(value);
}
