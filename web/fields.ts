import { resolveConfig } from "../src/index.js";
import { receivers } from "../src/network/index.js";
import { configReference } from "../src/parts/reference.js";
import { powerMethods } from "../src/power/index.js";
import { quantizers } from "../src/quantizers/index.js";
import { optimizers } from "../src/training/optimizers.js";
import type { Field, Fields } from "./protocol.js";
import { preset, textAt } from "./settings.js";

const labels: Readonly<Record<string, string>> = {
  seed: "Seed",
  rounds: "Rounds at most",
  "network.clients": "Clients",
  "network.combining": "Combining",
  "data.split.kind": "Data split",
  "budgets.energy": "Energy budget (J)",
  "budgets.latency": "Latency budget (s)",
  "quantizer.name": "Quantizer",
  "power.method": "Power allocation",
  "training.optimizer.name": "Local optimizer",
};

/** Parts and what people call them. */
const parts: Readonly<Record<string, readonly { name: string; title?: string }[]>> = {
  "quantizer.name": quantizers.parts,
  "power.method": powerMethods.parts,
  "network.combining": receivers.parts,
  "training.optimizer.name": optimizers.parts,
};

/** A word or a name: what a short list of choices consists of. */
const choices = /^[\w.+-]+(, [\w.+-]+)+$/;

/** Every field of the config, and what the preset has in it. */
export function allFields(): Fields {
  const config = resolveConfig({ preset });
  const fields = configReference().map(({ path, allowed, meaning }): Field => {
    const named = parts[path]?.map(({ name, title }) => [name, title ?? name] as const);
    const words = choices.test(allowed) ? allowed.split(", ").map((word) => [word, word] as const) : undefined;
    const options = named ?? words;
    return {
      path,
      label: labels[path] ?? path,
      allowed,
      meaning,
      ...(options && { options }),
      limit: path.startsWith("budgets.") && allowed.includes("null"),
    };
  });
  return { fields, preset: Object.fromEntries(fields.map(({ path }) => [path, textAt(config, path)])) };
}
