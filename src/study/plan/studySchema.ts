import * as z from "zod";
import { InputError, show, unknownName } from "../../config/errors.js";
import { presetNames } from "../../config/presets.js";
import { configJsonSchema } from "../../parts/jsonSchema.js";
import type { PartPlan, StudyKind, StudyPlan } from "./planForm.js";

/**
 * The file that says what a study is of. A study has one part, whose fields then stand in the file itself, or several
 * in a list `parts`: grids that share their trainings where they can.
 */

const value = z.json();
const label = z.union([z.string(), z.number(), z.boolean()]);
const settings = z.record(z.string(), value);
const seed = z.int().min(-Number.MAX_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER);
const count = z.int().min(1).max(100_000);
const path = z.string().min(1).describe("field that it sets; default: the axis's name");

const distribution = z
  .union([
    z.strictObject({ uniform: z.tuple([z.number(), z.number()]) }),
    z.strictObject({ logUniform: z.tuple([z.number().positive(), z.number().positive()]) }),
    z.strictObject({ normal: z.tuple([z.number(), z.number().positive()]).describe("mean, standard deviation") }),
    z.strictObject({ integer: z.tuple([z.int(), z.int()]).describe("first and last, both possible") }),
    z.strictObject({ choice: z.array(value).min(1) }),
  ])
  .describe("what values are drawn from");

const list = z.array(value).min(1);
const range = {
  from: z.number(),
  to: z.number(),
  step: z.number().positive().optional(),
  count: count.optional(),
  scale: z.enum(["linear", "log"]).optional(),
};
const draws = { draw: distribution, count, seed: seed.optional().describe("of the drawing; default 1") };

/** Values of one field: a list, a range, random draws. */
const values = z.union([list, z.strictObject(range), z.strictObject(draws)]);

/** The forms of an axis that is no bare list, each known by the field that only it has. */
export const axisForms = {
  values: z.strictObject({ path: path.optional(), values: list }),
  from: z.strictObject({ path: path.optional(), ...range }),
  draw: z.strictObject({ path: path.optional(), ...draws }),
  zip: z.strictObject({ zip: z.record(z.string(), values).describe("fields whose values go together, one by one") }),
  cases: z.strictObject({ cases: z.array(z.strictObject({ label: z.string().min(1), set: settings })).min(1) }),
} as const;

/** The forms that values may have within a zip. */
export const valueForms = { from: z.strictObject(range), draw: z.strictObject(draws) } as const;

const axis = z.union([list, ...Object.values(axisForms)]);

const budget = z.strictObject({
  energy: z.number().positive().nullable().optional().describe("J; null lifts it"),
  latency: z.number().positive().nullable().optional().describe("s; null lifts it"),
});

export const studyKinds = ["training", "pricing", "rates", "quantizers"] as const satisfies readonly StudyKind[];

const partFields = {
  name: z.string().min(1).optional().describe("what it is called in tables and messages"),
  jobs: z.enum(studyKinds).optional().describe("training with its prices (default), pricing alone, rates, quantizers"),
  base: z
    .union([z.string(), settings])
    .optional()
    .describe("what all points share: a preset, a config file beside the plan, or a config; default: quick"),
  set: settings.optional().describe("settings over the base: path and value"),
  axes: z.record(z.string(), axis).optional().describe("what is varied, every combination"),
  exclude: z
    .array(z.record(z.string(), z.union([label, z.array(label)])))
    .optional()
    .describe("combinations that are left out: labels of axes, all of which must agree"),
  seeds: z
    .union([z.string(), seed, z.array(seed).min(1)])
    .optional()
    .describe('such as "1..8" or [1, 4, 9]; default 1'),
  drops: z.int().min(1).max(10_000_000).optional().describe("network drops of each seed; default 1"),
  budgets: z.array(budget).min(1).optional().describe("an axis of budgets over a run"),
  baseline: z.string().optional().describe("labels of the point that differences are taken from; default: the first"),
  detail: z.boolean().optional().describe("of training: keep the complete rounds too, client by client"),
  bitsPerEntry: z
    .union([
      z.tuple([z.number().positive(), z.number().positive()]),
      z.strictObject({ rounds: z.array(z.array(z.number().nonnegative()).min(1)).min(1) }),
    ])
    .optional()
    .describe(
      'of pricing: every client uploads U(low, high) bits an entry, default [1.05, 1.3]; or {"rounds": [[…], …]}, measured ' +
        "uploads: each drop takes one round of them",
    ),
  receivers: z.array(z.string()).min(1).optional().describe("of rates: receivers; default: the config's combining"),
  realizations: z
    .int()
    .min(2)
    .max(10_000_000)
    .optional()
    .describe("of rates: channel realizations a drop of receivers that are simulated; default: the config's"),
  measures: z
    .array(z.enum(["goldens", "inputs", "sweep", "bias", "accuracy"]))
    .min(1)
    .optional()
    .describe("of quantizers: parts of the benchmark; default: inputs and bias"),
};

const part = z.strictObject(partFields);
const head = {
  $schema: z.string().optional().describe("this schema, for editors"),
  plugins: z.array(z.string()).optional().describe("modules with parts of one's own, relative to the plan"),
};
const single = z.strictObject({ ...head, ...partFields });
const several = z.strictObject({ ...head, name: partFields.name, parts: z.array(part).min(1) });

/** See `parseStudyPlan`. */
export function parsedPlan(given: unknown): StudyPlan {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw new InputError("plan", `${show(given)} is not allowed (allowed: an object with base, axes, seeds, …)`);
  const parts = (given as { parts?: unknown }).parts;
  for (const [i, one] of (Array.isArray(parts) ? parts : [given]).entries()) {
    const axes: unknown = (one as { axes?: unknown } | null)?.axes;
    if (typeof axes !== "object" || axes === null || Array.isArray(axes)) continue;
    // By itself: an axis says by its fields which form it means, of which a choice among all knows nothing.
    for (const [name, form] of Object.entries(axes))
      checkAxis(form, parts === undefined ? `axes.${name}` : `parts[${i}].axes.${name}`);
  }
  return "parts" in given ? checkForm(several, given, "") : checkForm(single, given, "");
}

function checkAxis(given: unknown, at: string): void {
  const forms = Object.keys(axisForms) as (keyof typeof axisForms)[];
  const form = typeof given === "object" && given !== null ? forms.find((key) => Object.hasOwn(given, key)) : undefined;
  if (form !== undefined) checkForm(axisForms[form], given, at);
  else if (!Array.isArray(given) || given.length === 0)
    throw new InputError(at, `${show(given)} is not allowed (allowed: ${allowed.axes})`);
}

/** The parts of a plan, each with a name. */
export function partsOfPlan(plan: StudyPlan): (PartPlan & { name: string })[] {
  if (!("parts" in plan)) {
    const { $schema: _, plugins: _plugins, ...only } = plan;
    return [{ ...only, name: only.name ?? "study" }];
  }
  const named = plan.parts.map((one, i) => ({ ...one, name: one.name ?? `part ${i + 1}` }));
  const twice = named.find(({ name }, i) => named.findIndex((other) => other.name === name) !== i);
  if (twice !== undefined) throw new InputError("parts", `two are called "${twice.name}"`);
  return named;
}

/** Checks something by its schema. @throws InputError with paths, values, what is allowed and the nearest names */
export function checkForm<Schema extends z.ZodType>(schema: Schema, given: unknown, at: string): z.infer<Schema> {
  const parsed = schema.safeParse(given, { reportInput: true });
  if (parsed.success) return parsed.data;
  const [first, ...rest] = parsed.error.issues.flatMap((issue) => problemsOf(issue, schema, at));
  const others = rest.slice(0, mostTold - 1).map(([where, what]) => `${where}: ${what}`);
  const more = rest.length - others.length;
  throw new InputError(first![0], [first![1], ...others, ...(more > 0 ? [`and ${more} more`] : [])].join("\n  "));
}

/** Mistakes told at a time: a list of thousands may be wrong in each. */
const mostTold = 10;

function problemsOf(issue: z.core.$ZodIssue, schema: z.ZodType, at: string): [where: string, what: string][] {
  const where = placeOf([...(at === "" ? [] : [at]), ...issue.path]) || "plan";
  if (issue.code === "unrecognized_keys") {
    const known = fieldsAt(schema, issue.path);
    return issue.keys.map((key) => [where, unknownName("field", key, known)]);
  }
  if (issue.code === "invalid_union") {
    // An axis says by its fields which form it means: that one's own check tells more.
    return [[where, `${refused(issue.input)} (allowed: ${allowedAt(issue.path)})`]];
  }
  return [[where, `${refused(issue.input)} (allowed: ${whatIsAllowed(issue)})`]];
}

function whatIsAllowed(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_value") return issue.values.map(String).join(", ");
  if (issue.code === "too_small") return `${issue.inclusive === false ? "above" : "at least"} ${issue.minimum}`;
  if (issue.code === "too_big") return `at most ${issue.maximum}`;
  if (issue.code === "invalid_type") return issue.expected === "int" ? "a whole number" : `${issue.expected}`;
  return issue.message;
}

function allowedAt(at: readonly PropertyKey[]): string {
  const field = at.findLast((key) => typeof key === "string" && key in allowed) as keyof typeof allowed | undefined;
  return field === undefined ? "another form; `cellfed schema --plan` has all" : allowed[field];
}

const allowed = {
  axes: "a list, { from, to, step | count }, { draw, count }, { zip }, { cases }, each with a path where the name is none",
  seeds: 'a whole number, a list of them, or a text such as "1..8"',
  base: `a preset (${presetNames.join(", ")}), the name of a config file, or a config`,
  exclude: "labels of axes",
  draw: "{ uniform: [low, high] }, { logUniform: [low, high] }, { normal: [mean, deviation] }, { integer: [first, last] } or { choice: [values] }",
};

function placeOf(keys: readonly PropertyKey[]): string {
  return keys
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
    .join("")
    .replace(/^\./, "");
}

/** Names of the fields of the object at a path of a schema. */
function fieldsAt(schema: z.ZodType, at: readonly PropertyKey[]): string[] {
  let inner: unknown = schema;
  for (const key of at) {
    inner = unwrapped(inner);
    if (inner instanceof z.ZodObject) inner = inner.shape[String(key)];
    else if (inner instanceof z.ZodArray) inner = inner.element;
    else return [];
  }
  inner = unwrapped(inner);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape).filter((name) => name !== "$schema") : [];
}

function unwrapped(schema: unknown): unknown {
  let inner = schema;
  while (inner instanceof z.ZodOptional) inner = inner.unwrap();
  return inner;
}

/** See `studyPlanJsonSchema`. */
export function planSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(z.union([single, several]), {
    override({ zodSchema, jsonSchema }) {
      // A config within a plan is one like any other.
      if (zodSchema === partFields.base.unwrap()) {
        jsonSchema.anyOf = [{ type: "string", examples: presetNames }, { $ref: "#/$defs/config" }];
      }
    },
  });
  const { title: _, ...config } = configJsonSchema();
  return { title: "cellfed study plan", ...schema, $defs: { ...schema.$defs, config } };
}

const refused = (value: unknown): string => (value === undefined ? "missing" : `${show(value)} is not allowed`);
