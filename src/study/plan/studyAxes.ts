import { exp, log } from "../../../bindings/math.js";
import { stream } from "../../../bindings/random.js";
import { InputError, show } from "../../config/errors.js";
import { methodSets, parseMethod } from "../../config/grammar.js";
import { fingerprint } from "../../federated/fingerprint.js";
import { type Axis, namedAxes, namedAxis, type Variant } from "./axes.js";
import type { AxisPlan, DistributionPlan, ValuesPlan } from "./planForm.js";
import { axisForms, checkForm, valueForms } from "./studySchema.js";

/** An axis of a plan as the grid takes it. @throws InputError with the axis's place and what is wrong */
export function studyAxis(name: string, plan: AxisPlan): Axis {
  const at = `axes.${name}`;
  const form = formOf(plan, axisForms);
  const variants =
    form === undefined ? fieldVariants(name, plan as ValuesPlan, at) : formVariants(name, form, plan, at);
  const twice = variants.find(({ label }, i) => variants.findIndex((other) => other.label === label) !== i);
  if (twice !== undefined) throw new InputError(at, `${show(twice.label)} is given twice`);
  return { name, variants };
}

/** Settings of a plan as texts of `--set`; methods may be given in their grammar: "laq:bits=4". */
export function planSets(settings: Readonly<Record<string, unknown>>, at: string): string[] {
  return Object.entries(settings).flatMap(([path, value]) => {
    if (path === "seed") throw new InputError(at, "seed: every point is run under the same seeds; give them as seeds");
    return fieldSets(path, value, `${at}.${path}`);
  });
}

function fieldSets(path: string, value: unknown, at: string): string[] {
  const isMethod = Object.values(namedAxes).some((named) => named.path === path);
  if (isMethod && typeof value === "string" && value.includes(":")) return methodSets(path, parseMethod(value, at));
  return [`${path}=${JSON.stringify(value)}`];
}

type Form = keyof typeof axisForms;

/** Which form an axis means, by the field that only it has; undefined for a list. */
function formOf<Forms extends object>(plan: unknown, forms: Forms): keyof Forms | undefined {
  if (Array.isArray(plan)) return undefined;
  return Object.keys(forms).find((key) => Object.hasOwn(plan as object, key)) as keyof Forms | undefined;
}

function formVariants(name: string, form: Form, plan: AxisPlan, at: string): Variant[] {
  if (form === "cases") {
    const { cases } = checkForm(axisForms.cases, plan, at);
    return cases.map(({ label, set }, i) => ({ label, sets: planSets(set, `${at}.cases[${i}].set`) }));
  }
  if (form === "zip") return zippedVariants(name, checkForm(axisForms.zip, plan, at).zip, at);
  const { path = name, ...rest } = checkForm(axisForms[form], plan, at);
  return fieldVariants(path, ("values" in rest ? rest.values : rest) as ValuesPlan, at);
}

/** Fields whose values go together, one by one: the label is the values' with " / " between them. */
function zippedVariants(name: string, zip: Readonly<Record<string, ValuesPlan>>, at: string): Variant[] {
  const columns = Object.entries(zip).map(([path, plan]) => {
    const form = formOf(plan, valueForms);
    const values = form === undefined ? plan : (checkForm(valueForms[form], plan, `${at}.zip.${path}`) as ValuesPlan);
    return { path, variants: fieldVariants(path, values, `${at}.zip.${path}`, `${name} ${path}`, true) };
  });
  const [first, ...others] = columns;
  if (first === undefined) throw new InputError(`${at}.zip`, "no fields (allowed: a field and its values, each)");
  const uneven = others.find(({ variants }) => variants.length !== first.variants.length);
  if (uneven !== undefined) {
    const lengths = `${first.variants.length} values of ${first.path} and ${uneven.variants.length} of ${uneven.path}`;
    throw new InputError(`${at}.zip`, `${lengths}: those that go together are as many`);
  }
  return first.variants.map((_, i) => ({
    label: columns.map(({ variants }) => variants[i]!.label).join(" / "),
    sets: columns.flatMap(({ variants }) => variants[i]!.sets),
  }));
}

function fieldVariants(path: string, plan: ValuesPlan, at: string, drawn = path, repeated = false): Variant[] {
  if (path === "seed") throw new InputError(at, "every point is run under the same seeds; give them as seeds");
  const values = valuesOf(plan, at, drawn, repeated);
  if (Object.hasOwn(namedAxes, path)) {
    const names = values.map((value) => {
      if (typeof value === "string") return value;
      throw new InputError(at, `${show(value)} is no name (allowed: names with their settings, such as "laq:bits=4")`);
    });
    // One by one where a zip may repeat them
    const lists = repeated ? names.map((one) => [one]) : [names];
    return lists.flatMap((one) => namedAxis(path as keyof typeof namedAxes, one).variants);
  }
  return values.map((value) => ({ label: labelOf(value), sets: fieldSets(path, value, at) }));
}

function labelOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function valuesOf(plan: ValuesPlan, at: string, drawn: string, repeated: boolean): readonly unknown[] {
  if (Array.isArray(plan)) return plan;
  if ("from" in plan) return rangeValues(plan, at);
  if ("draw" in plan) return drawnValues(plan, at, drawn, repeated);
  throw new InputError(at, `${show(plan)} is not allowed (allowed: a list, a range or draws)`);
}

const mostValues = 10_000;

/** Both ends are in it, the last one where the step meets it. */
function rangeValues(range: Extract<ValuesPlan, { from: number }>, at: string): number[] {
  const { from, to, step, count, scale = "linear" } = range;
  if ((step === undefined) === (count === undefined)) throw new InputError(at, "a range has either a step or a count");
  if (to < from) throw new InputError(at, `a range from ${from} to ${to} runs backwards`);
  if (scale === "log" && (step !== undefined || from <= 0))
    throw new InputError(at, "a logarithmic range goes by a count, and begins above 0");
  const steps = step === undefined ? count! - 1 : Math.floor((to - from) / step + 1e-9);
  if (steps >= mostValues) throw new InputError(at, `${steps + 1} values (allowed: ${mostValues})`);
  return Array.from({ length: steps + 1 }, (_, i) => {
    if (step !== undefined) return rounded(from + i * step);
    if (i === 0 || i === steps) return i === 0 ? from : to;
    const share = i / steps;
    return rounded(scale === "log" ? exp(log(from) + share * (log(to) - log(from))) : from + share * (to - from));
  });
}

/** So that 0.1 + 2 · 0.1 is called 0.3. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}

/**
 * Values drawn from a distribution, known by the seed and the field alone; those of one axis are all different, and six
 * digits are kept of each, so that its label is the whole of it.
 */
function drawnValues(
  { draw, count, seed = 1 }: Extract<ValuesPlan, { draw: unknown }>,
  at: string,
  drawn: string,
  repeated: boolean,
): unknown[] {
  if (count > mostValues) throw new InputError(at, `${count} values (allowed: ${mostValues})`);
  const random = stream(seed, "study", Number.parseInt(fingerprint(["axis", drawn]).slice(0, 8), 16), 1);
  const sample = sampler(draw, random, at);
  const found = new Map<string, unknown>();
  const all: unknown[] = [];
  for (let tries = 0; all.length < count; tries++) {
    if (tries > 100 * count)
      throw new InputError(
        at,
        `${count} different values are asked for, and ${all.length} were found in ${tries} draws`,
      );
    const value = sample();
    if (!repeated && found.has(labelOf(value))) continue;
    found.set(labelOf(value), value);
    all.push(value);
  }
  return all;
}

function sampler(draw: DistributionPlan, random: ReturnType<typeof stream>, at: string): () => unknown {
  const inOrder = ([low, high]: readonly [number, number]) => {
    if (!(low < high)) throw new InputError(at, `the limits ${low} and ${high} are not in order`);
    return [low, high] as const;
  };
  const digits = (value: number) => Number(value.toPrecision(6));
  if ("uniform" in draw) {
    const [low, high] = inOrder(draw.uniform);
    return () => digits(low + random.uniform() * (high - low));
  }
  if ("logUniform" in draw) {
    const [low, high] = inOrder(draw.logUniform).map(log) as [number, number];
    return () => digits(exp(low + random.uniform() * (high - low)));
  }
  if ("normal" in draw) {
    const [mean, deviation] = draw.normal;
    return () => digits(mean + deviation * random.normal());
  }
  if ("integer" in draw) {
    const [first, last] = draw.integer;
    if (last < first || last - first >= 2 ** 32) throw new InputError(at, `integers from ${first} to ${last}`);
    return () => first + random.integer(last - first + 1);
  }
  const { choice } = draw;
  return () => choice[random.integer(choice.length)];
}
