import { text as checkText, listOf, oneOf } from "../../config/arguments.js";
import { InputError } from "../../config/errors.js";
import { methodSets, parseMethod } from "../../config/grammar.js";

/** One value of an axis of a grid: what it is called, and the settings (as of `--set`) that make it. */
export interface Variant {
  label: string;
  sets: readonly string[];
}

/** What a grid varies. */
export interface Axis {
  /** Its column in tables: "quantizer", "power", … or a config path */
  name: string;
  variants: readonly Variant[];
}

/** The sections of the config that a variant names by a single word. */
export const namedAxes = {
  quantizer: { path: "quantizer", flag: "--quantizers" },
  power: { path: "power", flag: "--power" },
  optimizer: { path: "training.optimizer", flag: "--optimizers" },
  split: { path: "data.split", flag: "--splits" },
  server: { path: "server", flag: "--servers" },
} as const;

/**
 * An axis from a list such as "emq,laq:bits=4,top-q:fraction=0.1:bits=8": names with their settings behind colons.
 * @throws InputError for an empty list, an empty name, a setting without a value, or the same entry twice
 * @example
 * namedAxis("quantizer", "emq,laq:bits=4").variants.map(({ label, sets }) => `${label}: ${sets}`); // → ["emq: quantizer=emq","laq:bits=4: quantizer=laq,quantizer.bits=4"]
 */
export function namedAxis(name: keyof typeof namedAxes, list: string | readonly string[]): Axis {
  oneOf("axis", Object.keys(namedAxes))("name", name);
  const { path, flag } = namedAxes[name];
  return axis(name, flag, typeof list === "string" ? splitList(flag, list) : list, (entry) => {
    const method = parseMethod(entry, flag);
    if (name === "quantizer" && jointPlans.includes(method.name)) return { sets: plannedSets(method, flag) };
    return { sets: methodSets(path, method) };
  });
}

/** Plans of the rounds that stand among the quantizers, since they stand in for one: "joint-rate:of=rate-distortion". */
const jointPlans: readonly string[] = ["joint-resolution", "joint-rate"];

function plannedSets({ name, settings }: ReturnType<typeof parseMethod>, flag: string): string[] {
  const { of = "emq", ...own } = settings;
  if (typeof of !== "string") throw new InputError(flag, `${name}:of=${of}: not the name of a quantizer`);
  return [...methodSets("quantizer", { name: of, settings: own }), "power=most-rounds", `plan=${name}`];
}

/**
 * Any field of the config as an axis: "network.clients=20,40".
 * @example
 * fieldAxis("network.clients=20,40").variants.map(({ label }) => label); // → ["20","40"]
 */
export function fieldAxis(text: string): Axis {
  checkText("--vary", text);
  const equals = text.indexOf("=");
  if (equals < 1) throw new InputError("--vary", `"${text}" is not of the form path=value,value`);
  const path = text.slice(0, equals).trim();
  if (path === "seed")
    throw new InputError("--vary", "seed: every cell is run under the same seeds; give them as --seeds");
  return axis(path, "--vary", splitList("--vary", text.slice(equals + 1)), (entry) => ({
    sets: [`${path}=${entry}`],
  }));
}

export const budgetAxisName = "budget";

/**
 * Budgets as an axis: each "energy=0.5,latency=5"; "none" lifts one.
 * @example
 * budgetAxis(["energy=0.5,latency=5", "energy=1,latency=none"]).variants.map(({ sets }) => sets); // → [["budgets.energy=0.5","budgets.latency=5"],["budgets.energy=1","budgets.latency=null"]]
 */
export function budgetAxis(budgets: readonly string[]): Axis {
  return axis(budgetAxisName, "--budget", budgets, (entry) => ({
    sets: splitList("--budget", entry).map((part) => {
      const [name, value, ...rest] = part.split("=");
      const unlimited = value === "none";
      if ((name !== "energy" && name !== "latency") || rest.length > 0 || !(unlimited || Number(value) > 0)) {
        throw new InputError("--budget", `"${part}" is not energy=<J> or latency=<s>, a number above 0 or none`);
      }
      return `budgets.${name}=${unlimited ? "null" : Number(value)}`;
    }),
  }));
}

function axis(
  name: string,
  flag: string,
  entries: readonly string[],
  settings: (entry: string) => Omit<Variant, "label">,
): Axis {
  listOf(checkText)(flag, entries);
  const variants: Variant[] = [];
  if (entries.length === 0) throw new InputError(flag, "an empty list");
  for (const given of entries) {
    const label = given.trim();
    if (label === "") throw new InputError(flag, `"${entries.join(",")}" has an empty entry`);
    if (variants.some((variant) => variant.label === label)) throw new InputError(flag, `"${label}" is given twice`);
    variants.push({ label, ...settings(label) });
  }
  return { name, variants };
}

function splitList(flag: string, list: string): string[] {
  const entries = list.split(",").map((entry) => entry.trim());
  if (entries.some((entry) => entry === "")) throw new InputError(flag, `"${list}" has an empty entry`);
  return entries;
}
