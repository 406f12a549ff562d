import type { ServerConfig } from "../config/config.js";
import { allSettings, completeSettings, type Settings } from "../config/settings.js";
import { serverRules } from "./servers/registry.js";

export { serverRules } from "./servers/registry.js";

/** What the server does with the round's weighted mean update Δ = Σ_k (D_k/D) Q(v_k). */
export interface Server {
  /** What the rule remembers: [size] each, none for fedavg */
  readonly memory: Float32Array[];
  /** parameters ← parameters + the rule's step for this update, in place. */
  apply(parameters: Float32Array, aggregatedUpdate: Float32Array): void;
}

/**
 * The server's rule, with its state at the start; the rules stand in servers/.
 *
 * @param size d
 * @param memory what an earlier server of this rule remembered, to go on from; it belongs to this one from now on
 * @throws InputError for an unknown rule or a setting that is not allowed
 */
export function createServer(config: ServerConfig, size: number, memory: readonly Float32Array[] = []): Server {
  const rule = serverRules.named(config.rule, "server.rule");
  const { rule: _, participation: __, ...settings } = completeServer(config);
  const kept: Float32Array[] = [];
  const step = rule.step(settings as Record<string, number>, (start) => {
    kept.push(memory[kept.length] ?? new Float32Array(size).fill(start));
    return kept.at(-1)!;
  });
  return {
    memory: kept,
    apply(parameters, update) {
      if (parameters.length !== size || update.length !== size) {
        throw new RangeError(`server of ${size} parameters given ${parameters.length} and ${update.length}`);
      }
      step(parameters, update);
    },
  };
}

/**
 * The section of the config with every default of its rule filled in, and the settings of others left out.
 * @throws InputError for an unknown rule, a setting that no rule has, or a value that is not allowed
 */
export function completeServer({
  rule,
  participation = 1,
  ...given
}: { rule: string; participation?: number } & Settings): ServerConfig {
  const { settings } = serverRules.named(rule, "server.rule");
  const others = allSettings(serverRules.parts);
  return { rule, participation, ...completeSettings(rule, settings, given, { path: "server", others }) };
}

/**
 * What is used of a server rule where nothing is said.
 * @example
 * serverDefaults("fedavgm"); // → {"rule":"fedavgm","participation":1,"learningRate":1,"momentum":0.9}
 */
export function serverDefaults(rule: string): ServerConfig {
  return completeServer({ rule });
}
