import { InputError, unknownName } from "./errors.js";

/** The parts of one kind, by name: the built-in ones, and those that plugins added. */
export interface Registry<T extends { readonly name: string }> {
  /** "power method", for messages */
  readonly kind: string;
  /** All names; it grows as parts are added */
  readonly names: readonly string[];
  /** All parts, in the order of the names */
  readonly parts: readonly T[];
  find(name: unknown): T | undefined;
  /** @throws InputError at `path`, with the nearest known name */
  named(name: unknown, path: string): T;
  isBuiltIn(name: string): boolean;
  /** Names are unique: who adds sees to that */
  add(part: T): void;
  /** Takes back a part that was added; a built-in one stays */
  remove(name: string): void;
}

export function createRegistry<T extends { readonly name: string }>(kind: string, builtIn: readonly T[]): Registry<T> {
  const parts = [...builtIn];
  const names = parts.map(({ name }) => name);
  const find = (name: unknown) => parts.find((part) => part.name === name);
  return {
    kind,
    names,
    parts,
    find,
    named(name, path) {
      const part = find(name);
      if (part === undefined) throw new InputError(path, unknownName(kind, name, names));
      return part;
    },
    isBuiltIn: (name) => builtIn.some((part) => part.name === name),
    add(part) {
      parts.push(part);
      names.push(part.name);
    },
    remove(name) {
      const at = names.indexOf(name, builtIn.length);
      if (at < 0) return;
      parts.splice(at, 1);
      names.splice(at, 1);
    },
  };
}
