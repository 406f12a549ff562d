import { InputError } from "./errors.js";

/** Deeper than anything that a file of this project's has a meaning for, and far from the end of any stack. */
const mostLevels = 200;

/**
 * What a JSON file holds.
 * @param path the file's, for messages
 * @throws InputError with the line and the column where it is no JSON, is nested too deep, or has a name twice
 */
export function parseJson(text: string, path: string): unknown {
  const plain = text.replace(/^\uFEFF/, ""); // the mark that some editors put in front
  const { deep, twice } = outline(plain);
  if (deep !== undefined)
    throw new InputError(path, `${placeOf(plain, deep)}: nested more than ${mostLevels} levels deep`);
  let value: unknown;
  try {
    value = JSON.parse(plain);
  } catch (cause) {
    const { at, what } = faultOf(plain);
    throw new InputError(path, `this is not JSON: ${placeOf(plain, at)}: ${what}`, { cause });
  }
  if (twice !== undefined) {
    const shown = twice.name.length > 40 ? `${twice.name.slice(0, 40)}…` : twice.name;
    throw new InputError(
      path,
      `${placeOf(plain, twice.at)}: ${JSON.stringify(shown)} is there twice; only one of them could count`,
    );
  }
  return value;
}

function placeOf(text: string, at: number): string {
  const lines = text.slice(0, at).split(/\r\n|\n|\r/);
  return `line ${lines.length}, column ${[...lines.at(-1)!].length + 1}`;
}

/** Where something is nested too deep, known before anything is built that deep, and the first name that an object repeats. */
function outline(text: string): { deep?: number; twice?: { at: number; name: string } } {
  /** The names of each object that is open; null for an array. */
  const open: (Set<string> | null)[] = [];
  let awaitsName = false;
  let twice: { at: number; name: string } | undefined;
  for (let i = 0; i < text.length; i++) {
    const sign = text[i];
    if (sign === '"') {
      const end = endOfText(text, i);
      const names = open.at(-1);
      if (awaitsName && names) {
        const name = named(text.slice(i, end + 1));
        if (names.has(name)) twice ??= { at: i, name };
        names.add(name);
      }
      awaitsName = false;
      i = end;
    } else if (sign === "[" || sign === "{") {
      if (open.push(sign === "{" ? new Set() : null) > mostLevels) return { deep: i };
      awaitsName = sign === "{";
    } else if (sign === "]" || sign === "}") open.pop();
    else if (sign === ",") awaitsName = true;
  }
  return { ...(twice && { twice }) };
}

/** Of the text whose first quote stands at `start`, the place of its last; the text's end where it has none. */
function endOfText(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"') return i;
  }
  return text.length;
}

/** "\u0061" and "a" are one name. */
function named(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted;
  }
}

interface Fault {
  /** Where, in code units */
  at: number;
  what: string;
}

const token =
  /(?:([[\]{},:])|("(?:[^"\\\p{Cc}]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])|$)/uy;

const blank = /[ \t\n\r]*/y;

/** Goes through the signs of a text as a reader of JSON does, and stops at the first that cannot stand there. */
function faultOf(text: string): Fault {
  const open: string[] = [];
  let expected: Expected = "value";
  for (let at = 0; ; at = token.lastIndex) {
    blank.lastIndex = at;
    blank.exec(text);
    const start = blank.lastIndex;
    token.lastIndex = start;
    const match = token.exec(text);
    if (match === null) return { at: start, what: `${unreadable(text, start)}${wanted(expected, open)}` };
    const [all, sign, string] = match;
    if (all === "") return { at: start, what: `the file ends${wanted(expected, open)}` };
    const next: Expected | undefined = after(expected, sign ?? (string === undefined ? "value" : "text"), open);
    const shown = all.length > 20 ? `${all.slice(0, 20)}…` : all;
    if (next === undefined) return { at: start, what: `${shown} cannot stand here${wanted(expected, open)}` };
    expected = next;
  }
}

/** "first": a value or the end of an array; "key": a name or the end of an object; "name": a name */
type Expected = "value" | "first" | "key" | "name" | "colon" | "more" | "end";

/** What may come after a sign. @returns undefined where it cannot stand there */
function after(expected: Expected, sign: string, open: string[]): Expected | undefined {
  const closed = (): Expected => {
    open.pop();
    return open.length === 0 ? "end" : "more";
  };
  const inside = open.at(-1);
  switch (expected) {
    case "value":
    case "first":
      if (sign === "]" && expected === "first") return closed();
      if (sign === "[" || sign === "{") {
        open.push(sign);
        return sign === "[" ? "first" : "key";
      }
      return sign === "value" || sign === "text" ? (inside === undefined ? "end" : "more") : undefined;
    case "key":
    case "name":
      if (sign === "}" && expected === "key") return closed();
      return sign === "text" ? "colon" : undefined;
    case "colon":
      return sign === ":" ? "value" : undefined;
    case "more":
      if (sign === ",") return inside === "[" ? "value" : "name";
      return sign === (inside === "[" ? "]" : "}") ? closed() : undefined;
    case "end":
      return undefined;
  }
}

function wanted(expected: Expected, open: readonly string[]): string {
  const close = open.at(-1) === "[" ? "]" : "}";
  const words: Record<Expected, string> = {
    value: "a value",
    first: "a value or ]",
    key: 'a name in "…" or }',
    name: 'a name in "…"',
    colon: ":",
    more: `a comma or ${close}`,
    end: "nothing more",
  };
  return ` (expected: ${words[expected]})`;
}

function unreadable(text: string, at: number): string {
  if (text[at] === '"') return "a text that does not end, or holds a sign that must be escaped";
  const word = /^[^\s,:[\]{}"]{1,20}/u.exec(text.slice(at, at + 40))?.[0] ?? text.slice(at, at + 1);
  return `${JSON.stringify(word)} is no value`;
}
