import { InputError, kindOf, show, unknownName } from "./errors.js";

/**
 * Checks of what the library's functions are given, for callers without types. They stand at the top of what users call,
 * where the program begins to rely on a value; code that calls itself need not.
 *
 * @throws InputError with the argument's path, the value and what it must be
 */
export type Check = (path: string, value: unknown) => void;

function is(what: string, test: (value: unknown) => boolean): Check {
  return (path, value) => {
    if (!test(value)) throw new InputError(path, `${show(value)} is no ${what}`);
  };
}

export const text: Check = is("text", (value) => typeof value === "string");
export const flag: Check = is("flag (allowed: true, false)", (value) => typeof value === "boolean");
export const callable: Check = is("function", (value) => typeof value === "function");
export const bytes: Check = is("Uint8Array", (value) => kindOf(value) === "Uint8Array");
export const floats: Check = is("Float32Array", (value) => kindOf(value) === "Float32Array");
export const anyMap: Check = is("Map", (value) => kindOf(value) === "Map");
/** Of random numbers */
export const seedNumber: Check = is("seed (allowed: a whole number below 2^53 in magnitude)", Number.isSafeInteger);

/** A whole number from `least` to `most`. */
export function whole(least = 0, most = Number.MAX_SAFE_INTEGER): Check {
  const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${most}`;
  return is(
    `whole number of ${range}`,
    (value) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most,
  );
}

/** A finite number of at least 0. */
export const atLeastZero: Check = is(
  "finite number of 0 or more",
  (value) => typeof value === "number" && value >= 0 && value < Number.POSITIVE_INFINITY,
);

/** Typed or plain: what numbers can be read from. */
export function isNumberArray(value: unknown): value is ArrayLike<number> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value);
}

export const numberArray: Check = is("array of numbers", isNumberArray);

/** So many finite numbers in a typed or plain array. */
export function numbers(length?: number): Check {
  return (path, value) => {
    numberArray(path, value);
    const entries = value as ArrayLike<unknown>;
    if (length !== undefined && entries.length !== length) {
      throw new InputError(path, `${entries.length} entries where ${length} are needed`);
    }
    for (let i = 0; i < entries.length; i++) {
      if (!Number.isFinite(entries[i]))
        throw new InputError(`${path}[${i}]`, `${show(entries[i])} is no finite number`);
    }
  };
}

export function optional(check: Check): Check {
  return (path, value) => {
    if (value !== undefined) check(path, value);
  };
}

export function oneOf(kind: string, names: readonly string[]): Check {
  return (path, value) => {
    if (!names.includes(value as string)) throw new InputError(path, unknownName(kind, value, names));
  };
}

export function listOf(check: Check): Check {
  return (path, value) => {
    if (!Array.isArray(value)) throw new InputError(path, `${show(value)} is no list`);
    value.forEach((entry, i) => {
      check(`${path}[${i}]`, entry);
    });
  };
}

/** An object with these fields and perhaps others. */
export function record(fields: Readonly<Record<string, Check>> = {}, what = "object"): Check {
  return (path, value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
      throw new InputError(path, `${show(value)} is no ${what}`);
    }
    for (const [name, check] of Object.entries(fields)) {
      check(`${path}.${name}`, (value as Record<string, unknown>)[name]);
    }
  };
}

/** An object that can do something: a store, a place, an executor. */
export function able(what: string, ...functions: readonly string[]): Check {
  const does = (value: unknown) => functions.every((name) => typeof (value as never)[name] === "function");
  return is(
    `${what} (it has ${functions.map((name) => `${name}()`).join(", ")})`,
    (value) => typeof value === "object" && value !== null && does(value),
  );
}

const section = record();

/** A complete config, as `parseConfig` gives it: that its sections are there. */
export const completeConfig: Check = record(
  {
    ...{ data: record({ name: text, split: section }), model: section, network: record({ combining: text }) },
    ...{ training: record({ optimizer: section }), server: section, quantizer: record({ name: text }) },
    ...{ power: record({ method: text }), budgets: section },
  },
  "config (parseConfig makes one)",
);

/** The section of a complete config. */
export const dataSection: Check = record({ name: text, split: optional(section) }, "section of a config");
export const networkSection: Check = record(
  {
    ...{ combining: text, pathLoss: section, shadowing: section, deployment: section },
    ...{ correlation: section, rician: section, noise: section, ageing: section, mobility: section },
  },
  "section of a config",
);
