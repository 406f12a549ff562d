import { record } from "../../config/arguments.js";
import type { Config } from "../../config/config.js";
import { failureOf, InputError, isPromise, RunError, show } from "../../config/errors.js";
import { allSettings, completeSettings, type Settings } from "../../config/settings.js";
import { selectionRules } from "./registry.js";
import {
  type Choice,
  equalChance,
  type SelectionMemory,
  type SelectionRule,
  type SelectionView,
  type Sight,
} from "./rule.js";

export { selectionRules } from "./registry.js";
export type { Choice, SelectionMemory, SelectionRule, SelectionView, Sight } from "./rule.js";
export { aggregationWeights } from "./weights.js";

/** The names of the rules; it grows as plugins bring more. */
export const selectionRuleNames: readonly string[] = selectionRules.names;

type SelectionConfig = Config["selection"];

/** Fields of the section that are not the rule's own. */
const commonDefaults: Settings = { weights: "share", exploration: 0, forgetAfter: 0 };

/**
 * The section of the config with every default of its rule filled in, and the settings of others left out.
 * @throws InputError for an unknown rule, a setting that no rule has, or a value that is not allowed
 */
export function completeSelection(section: { rule: string } & Settings): SelectionConfig {
  record()("selection", section);
  const { rule, weights, exploration, forgetAfter, ...given } = { ...commonDefaults, ...section };
  const { settings = {}, draws = false } = selectionRules.named(rule, "selection.rule");
  if (weights === "unbiased" && !draws && exploration === 0) {
    throw new InputError(
      "selection.weights",
      `"unbiased" needs everybody to have a chance, and rule ${show(rule)} draws nobody (selection.exploration above 0 would do, or one of ${drawing()})`,
    );
  }
  const others = allSettings(selectionRules.parts);
  const own = completeSettings(rule, settings, given, { path: "selection", others });
  return { rule, weights, exploration, forgetAfter, ...own } as SelectionConfig;
}

function drawing(): string {
  return selectionRules.parts.flatMap(({ name, draws }) => (draws === true ? [name] : [])).join(", ");
}

/**
 * What is used of a selection rule where nothing is said.
 * @example
 * selectionDefaults("deadline").seconds; // → 0.1
 */
export function selectionDefaults(rule: string): SelectionConfig {
  return completeSelection({ rule });
}

/** What a config's rule looks at. A rule of one's own that does not say sees what every training knows. */
export function looksAt({ rule }: Pick<SelectionConfig, "rule">): readonly Sight[] {
  return selectionRules.named(rule, "selection.rule").looksAt ?? [];
}

/** Who takes part in a round, ascending, and each client's chance to, where that is known. */
export interface Selected {
  clients: number[];
  /** [K]; 1 and 0 where the rule does not draw */
  probability: number[];
  memory?: SelectionMemory;
}

/**
 * Asks the rule, or with the probability `exploration` draws uniformly: then each client's chance is that of both.
 * @param explores uniform on [0, 1)
 * @throws RunError for an answer that is none; of an empty one it says what would do
 */
export function selectClients(section: SelectionConfig, view: SelectionView, explores: number): Selected {
  const rule = selectionRules.named(section.rule, "selection.rule");
  const answer = answerOf(rule, view, section);
  const { exploration } = section;
  const uniform = equalChance(view);
  const probability = answer.probability.map((chance, k) =>
    exploration === 0 ? chance : (1 - exploration) * chance + exploration * uniform[k]!,
  );
  const memory = answer.memory === undefined ? {} : { memory: answer.memory };
  if (exploration > 0 && explores < exploration) {
    const drawn = view.random.shuffle(Int32Array.from(view.available)).subarray(0, view.count);
    return { clients: ascending(drawn), probability, ...memory };
  }
  return { clients: ascending(answer.clients), probability, ...memory };
}

/** The rule's answer, held to what a choice is. @throws RunError naming the rule and the client */
function answerOf(
  rule: SelectionRule,
  view: SelectionView,
  section: SelectionConfig,
): Required<Omit<Choice, "nobody" | "memory">> & Pick<Choice, "memory"> {
  const { rule: _, ...settings } = section;
  const given: unknown = asked(rule, view, settings as Settings);
  const wrong = (what: string, where = {}) =>
    new RunError(`selection rule ${rule.name}: ${what}`, { round: view.round, ...where });
  if (isPromise(given)) throw wrong("gave a promise; select must answer at once");
  const { clients, probability, memory, nobody } = (given ?? {}) as Choice;
  if (clients === undefined || typeof clients.length !== "number") {
    throw wrong(`gave ${show(given)}, which is no choice (allowed: { clients: [numbers], … })`);
  }
  const chosen = [...clients];
  for (const [i, client] of chosen.entries()) {
    if (!view.available.includes(client)) throw wrong(`chose ${show(client)}, which is no client that could take part`);
    if (chosen.indexOf(client) < i) throw wrong("chose it twice", { client });
  }
  if (chosen.length === 0) {
    const why = nobody ?? "chose nobody (a rule must choose at least one)";
    throw new NobodyError(`selection rule ${rule.name}: ${why}`, { round: view.round });
  }
  const chances = probability ?? Array.from({ length: view.clients }, (_, client) => (chosen.includes(client) ? 1 : 0));
  if (chances.length !== view.clients) throw wrong(`gave ${chances.length} probabilities for ${view.clients} clients`);
  for (const [client, chance] of chances.entries()) {
    if (typeof chance === "number" && chance >= 0 && chance <= 1 && (chance > 0 || !chosen.includes(client))) continue;
    throw wrong(`the probability is ${show(chance)} (allowed: from 0 to 1, above 0 of who is chosen)`, { client });
  }
  return { clients: chosen, probability: [...chances], ...(memory !== undefined && { memory }) };
}

function asked(rule: SelectionRule, view: SelectionView, settings: Settings): unknown {
  if (selectionRules.isBuiltIn(rule.name)) return rule.select(view, settings);
  try {
    return rule.select(structured(view), settings);
  } catch (error) {
    throw failureOf(`selection rule ${rule.name}`, error, { round: view.round });
  }
}

/** Copies, so that nobody sees what a rule of one's own writes into them. */
function structured({ random, order, ...data }: SelectionView): SelectionView {
  return { ...structuredClone(data), random, order };
}

/** Nobody takes part: a run ends so, and before its first round it is a config to be mended. */
export class NobodyError extends RunError {
  /** The same as something to mend */
  asInput(): InputError {
    return new InputError("selection", this.message, { cause: this });
  }
}

function ascending(clients: ArrayLike<number>): number[] {
  return Array.from(clients).sort((a, b) => a - b);
}
