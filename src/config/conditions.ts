import { show } from "./errors.js";

/** When a field has an effect, said of other fields: one declaration serves the check, the message and the docs. */
export type Condition =
  | { readonly path: string; readonly is: readonly unknown[] }
  | { readonly path: string; readonly isNot: readonly unknown[] }
  | { readonly path: string; readonly above: number }
  | { readonly path: string; readonly absent: true }
  | { readonly either: readonly Condition[] }
  | { readonly both: readonly Condition[] };

export function when(path: string, ...is: readonly unknown[]): Condition {
  return { path, is };
}

export function unless(path: string, ...isNot: readonly unknown[]): Condition {
  return { path, isNot };
}

export function whenAbove(path: string, above: number): Condition {
  return { path, above };
}

export function whenAbsent(path: string): Condition {
  return { path, absent: true };
}

export function either(...conditions: readonly Condition[]): Condition {
  return { either: conditions };
}

export function both(...conditions: readonly Condition[]): Condition {
  return { both: conditions };
}

/**
 * Why a condition does not hold, naming the fields to set; undefined where it holds.
 *
 * @param valueAt the value at a path
 * @param isKnown false of a name that the declaration cannot know, a plugin's: what it reads is its own affair
 */
export function unmet(
  condition: Condition,
  valueAt: (path: string) => unknown,
  isKnown: (path: string, value: unknown) => boolean = () => true,
): string | undefined {
  if ("either" in condition) {
    const reasons = condition.either.map((one) => unmet(one, valueAt, isKnown));
    return reasons.includes(undefined) ? undefined : reasons.join("; nor ");
  }
  if ("both" in condition) {
    for (const one of condition.both) {
      const reason = unmet(one, valueAt, isKnown);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }
  const { path } = condition;
  const value = valueAt(path);
  if (!isKnown(path, value)) return undefined;
  if ("absent" in condition) {
    return value === undefined ? undefined : `with ${path} given (it has one without)`;
  }
  if ("above" in condition) {
    const large = typeof value === "number" && value > condition.above;
    return large ? undefined : `with ${path} ${show(value)} (it has one with ${path} above ${condition.above})`;
  }
  if ("isNot" in condition) {
    return condition.isNot.includes(value) ? `with ${path} ${show(value)} (it has one with any other)` : undefined;
  }
  return condition.is.includes(value)
    ? undefined
    : `with ${path} ${show(value)} (it has one with ${condition.is.map(show).join(", ")})`;
}
