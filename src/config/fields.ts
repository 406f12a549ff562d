import * as z from "zod";
import type { Condition } from "./conditions.js";
import { show, unknownName } from "./errors.js";

/**
 * The language that fields are declared in, each once: its type, default, range or choices, unit, meaning, and when it
 * has an effect. The config's type, its defaults, the check of what users give, the JSON Schema and the reference
 * tables all follow from that. Each field says in its own words what is allowed, since the libraries' usual messages
 * ("Invalid input") leave the reader to guess.
 */
export interface Field<T> {
  /** @internal No type of a package is in the published ones: there is nothing installed to take it from */
  readonly schema: z.ZodType<T>;
  /** undefined: nothing unless given */
  readonly default: T | undefined;
  readonly summary: string;
  readonly unit?: string;
  /** Without one it always has an effect */
  readonly when?: Condition;
}

/** A field that may be missing from a complete config. */
export interface OptionalField<T> extends Field<T> {
  readonly optional: true;
}

/** Fields that belong together. */
export interface Section<S extends Shape> {
  readonly shape: S;
  readonly summary: string;
  /** When any of them has an effect */
  readonly when?: Condition;
  /** Takes settings that are declared elsewhere: with the part that the section names */
  readonly open?: true;
}

export type Shape = { readonly [name: string]: Field<unknown> | Section<Shape> };
export type Setting = string | number | boolean;

/** The type of the values of a section. */
export type ValuesOf<S extends Shape> = Flat<
  { -readonly [K in keyof S as S[K] extends OptionalField<unknown> ? never : K]: ValueOf<S[K]> } & {
    -readonly [K in keyof S as S[K] extends OptionalField<unknown> ? K : never]?: ValueOf<S[K]>;
  }
>;
type ValueOf<F> = F extends { open: true; shape: infer S extends Shape }
  ? ValuesOf<S> & { [setting: string]: Setting }
  : F extends Section<infer S>
    ? ValuesOf<S>
    : F extends Field<infer T>
      ? T
      : never;
type Flat<T> = { [K in keyof T]: T[K] };

/** What a declaration may say beside the value. */
export interface Remarks {
  unit?: string;
  when?: Condition;
}

export interface Bounds {
  minimum?: number;
  /** Exclusive */
  above?: number;
  maximum?: number;
  /** Exclusive */
  below?: number;
}

/**
 * A whole number from `minimum` to `maximum`.
 * @param remarks.cost what the largest takes, which is why more is refused
 */
export function integer(
  value: number,
  [minimum, maximum]: readonly [number, number],
  summary: string,
  remarks: Remarks & { cost?: string } = {},
): Field<number> {
  const { cost, ...others } = remarks;
  return field(integerSchema(minimum, maximum, cost), value, summary, others);
}

/** A finite number; `above` and `below` are exclusive bounds. */
export function real(value: number, bounds: Bounds, summary: string, remarks?: Remarks): Field<number> {
  return field(realSchema(bounds), value, summary, remarks);
}

/** A number above 0, or null for no limit. */
export function limit(value: number | null, summary: string, remarks?: Remarks): Field<number | null> {
  const error = notAllowed("a number above 0, or null");
  return field(z.number({ error }).gt(0, { error }).nullable(), value, summary, remarks);
}

export function flag(value: boolean, summary: string, remarks?: Remarks): Field<boolean> {
  return field(flagSchema(), value, summary, remarks);
}

/** One of some names. */
export function choice<const Name extends string>(
  value: NoInfer<Name>,
  names: readonly [Name, ...Name[]],
  summary: string,
  remarks?: Remarks,
): Field<Name> {
  return field(choiceSchema(names), value, summary, remarks);
}

/** One of some numbers. */
export function oneOf<const N extends number>(
  value: NoInfer<N>,
  numbers: readonly [N, ...N[]],
  summary: string,
  remarks?: Remarks,
): Field<N> {
  const [first, ...rest] = numbers.map((number) => z.literal(number));
  const error = notAllowed(numbers.join(", "));
  return field(z.union([first!, ...rest], { error }) as unknown as z.ZodType<N>, value, summary, remarks);
}

/** A name that is looked up elsewhere: of a part, of which plugins may bring more. */
export function partName(value: string, summary: string): Field<string> {
  return field(textSchema(), value, summary);
}

/** A text that is there only when it is given. */
export function text(summary: string, remarks?: Remarks): OptionalField<string> {
  return given(textSchema(), summary, remarks);
}

/** Anything that is there only when it is given. @internal */
export function given<T>(schema: z.ZodType<T>, summary: string, remarks?: Remarks): OptionalField<T> {
  return { ...field(schema, undefined, summary, remarks), optional: true };
}

export function section<const S extends Shape>(
  summary: string,
  shape: S,
  remarks: { when?: Condition } = {},
): Section<S> & { readonly open?: never } {
  return { summary, shape, ...remarks };
}

/** A section that names a part and holds the part's settings beside what it declares itself. */
export function partSection<const S extends Shape>(
  summary: string,
  shape: S,
  remarks: { when?: Condition } = {},
): Section<S> & { readonly open: true } {
  return { summary, shape, open: true, ...remarks };
}

function field<T>(schema: z.ZodType<T>, value: T | undefined, summary: string, { unit, when }: Remarks = {}): Field<T> {
  const description = [summary, unit].filter((part) => part !== undefined && part !== "").join(", ");
  return {
    schema: schema.describe(description),
    default: value,
    summary,
    ...(unit !== undefined && { unit }),
    ...(when !== undefined && { when }),
  };
}

/** @internal */
export function integerSchema(minimum: number, maximum: number, cost?: string) {
  const allowed = `a whole number from ${show(minimum)} to ${show(maximum)}`;
  const error = notAllowed(allowed);
  const tooMuch = cost === undefined ? error : notAllowed(`${allowed}: ${cost}`);
  return z.number({ error }).int({ error }).min(minimum, { error }).max(maximum, { error: tooMuch });
}

/** @internal */
export function realSchema({ minimum, above, maximum, below }: Bounds) {
  const bounds = [
    minimum === undefined ? [] : `at least ${show(minimum)}`,
    above === undefined ? [] : `above ${show(above)}`,
    maximum === undefined ? [] : `at most ${show(maximum)}`,
    below === undefined ? [] : `below ${show(below)}`,
  ].flat();
  const error = notAllowed(bounds.length === 0 ? "a number" : `a number ${bounds.join(" and ")}`);
  let schema = z.number({ error });
  if (minimum !== undefined) schema = schema.min(minimum, { error });
  if (above !== undefined) schema = schema.gt(above, { error });
  if (maximum !== undefined) schema = schema.max(maximum, { error });
  if (below !== undefined) schema = schema.lt(below, { error });
  return schema;
}

/** @internal */
export function flagSchema() {
  return z.boolean({ error: notAllowed("true or false") });
}

/** @internal */
export function choiceSchema<Name extends string>(names: readonly [Name, ...Name[]]): z.ZodType<Name> {
  const error = ({ input }: { input?: unknown }) =>
    typeof input === "string" ? unknownName("name", input, names) : notAllowed(names.join(", "))({ input });
  return z.enum(names as readonly [string, ...string[]], { error }) as unknown as z.ZodType<Name>;
}

/** @internal */
export function textSchema() {
  const error = notAllowed("a text that is not empty");
  return z.string({ error }).min(1, { error });
}

/**
 * An object with these fields and no others, or with any settings beside them.
 * @param instead another schema for the field at a path, such as the names that there are now
 * @internal
 */
export function sectionSchema(
  { shape, summary, open }: Section<Shape>,
  instead: (path: string) => z.ZodType | undefined = () => undefined,
  path = "",
): z.ZodType {
  const inner = Object.fromEntries(
    Object.entries(shape).map(([name, one]) => {
      const at = path === "" ? name : `${path}.${name}`;
      const schema = instead(at) ?? ("shape" in one ? sectionSchema(one, instead, at) : one.schema);
      return [name, "optional" in one ? schema.optional() : schema];
    }),
  );
  const error = notAllowed("an object");
  if (open !== true) return z.strictObject(inner, { error }).describe(summary);
  const setting = z.union([z.string(), z.number(), z.boolean()], {
    error: notAllowed("a number, a text, true or false"),
  });
  return z.object(inner, { error }).catchall(setting).describe(summary);
}

/** The message for a value that a field refuses. */
export function notAllowed(allowed: string) {
  return ({ input }: { input?: unknown }): string =>
    input === undefined ? `missing (allowed: ${allowed})` : `${show(input)} is not allowed (allowed: ${allowed})`;
}
