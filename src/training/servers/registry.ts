import { createRegistry, type Registry } from "../../config/registry.js";
import { fedadagrad, fedadam, fedyogi } from "./adaptive.js";
import { fedavg } from "./fedavg.js";
import { fedavgm } from "./fedavgm.js";
import type { ServerRule } from "./rule.js";

/** Every server rule, in the order of lists. A new one: one file and one line here. */
export const serverRules: Registry<ServerRule> = createRegistry<ServerRule>("server rule", [
  fedavg,
  fedavgm,
  fedadagrad,
  fedadam,
  fedyogi,
]);
