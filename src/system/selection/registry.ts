import { createRegistry, type Registry } from "../../config/registry.js";
import type { SelectionRule } from "./rule.js";
import { all } from "./rules/all.js";
import { bestChannel } from "./rules/bestChannel.js";
import { deadline } from "./rules/deadline.js";
import { energyLeft } from "./rules/energyLeft.js";
import { proportionalFair } from "./rules/proportionalFair.js";
import { random } from "./rules/random.js";
import { roundRobin } from "./rules/roundRobin.js";
import { updateNorm } from "./rules/updateNorm.js";

/** Every rule, in the order of lists. A new one: one file and one line here. */
export const selectionRules: Registry<SelectionRule> = createRegistry<SelectionRule>("selection rule", [
  random,
  all,
  roundRobin,
  bestChannel,
  proportionalFair,
  energyLeft,
  updateNorm,
  deadline,
]);
