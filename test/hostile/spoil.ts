import type { Random } from "../soak/random.js";

/** What stands where something else should, as JSON. */
const oddValues = [
  ...'null true false [] {} [[]] "" "all" "7" "NaN" "1e5" 0 -0 -1 0.5 1 7 1e-320 5e-324 1e-30 1e9 2147483648 4294967296'.split(
    " ",
  ),
  ...'9007199254740993 1e15 1e30 1e155 1e308 -1e308 1e400 -1e400 [1,2] [[1,2],[3]] {"re":1,"im":2} {"length":4} {"0":1}'.split(
    " ",
  ),
  `"${"x".repeat(10_000)}"`,
  `${"[".repeat(150)}1${"]".repeat(150)}`,
  `${"[".repeat(20_000)}${"]".repeat(20_000)}`,
  `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`,
  `[${Array(3000).fill("1").join(",")}]`,
  '"<img src=x onerror=alert(1)>"',
  '"../../../etc/passwd"',
  '"missing.npy"',
];
/** What is no JSON at all. */
const noValues = [
  "NaN",
  "Infinity",
  "-Infinity",
  "undefined",
  "0x10",
  "01",
  "1.",
  ".5",
  "+1",
  "'a'",
  "1_000",
  "// a",
  "",
];
const keys = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "length",
  "",
  "0",
  "$schema",
  "preset",
];

type Change = (text: string, random: Random) => string;

/** Changes of a JSON text, by what they are. */
const textChanges: Readonly<Record<string, Change>> = {
  "another value": (text, random) => atValue(text, random, () => random.pick(oddValues)),
  "two other values": (text, random) =>
    atValue(
      atValue(text, random, () => random.pick(oddValues)),
      random,
      () => random.pick(oddValues),
    ),
  "no value": (text, random) => atValue(text, random, () => random.pick(noValues)),
  "a number another": (text, random) =>
    atNumber(text, random, () => random.pick(["-1", "0", "1e400", "1e-400", "1e300", "3.5"])),
  "a field less": (text, random) => atField(text, random, () => ""),
  "a field twice": (text, random) =>
    atField(text, random, (field) => `${field},${field.replace(/:.*/s, `:${random.pick(oddValues)}`)},`),
  "another name": (text, random) =>
    atField(text, random, (field) => `${field.replace(/^"[^"]*"/, JSON.stringify(random.pick(keys)))},`),
  "one more field": (text, random) =>
    text.replace("{", `{${JSON.stringify(random.pick(keys))}:${random.pick(oddValues)},`),
  "an entry less": (text, random) =>
    atNumber(text, random, () => "")
      .replace(/\[\s*,/, "[")
      .replace(/,\s*([,\]])/, "$1"),
  "an entry more": (text, random) => atNumber(text, random, (number) => `${number},${number}`),
  "an array as an object": (text) =>
    text.replace(
      /\[([^[\]]*)\]/,
      (_, inner) =>
        `{${inner
          .split(",")
          .map((one: string, i: number) => `"${i}":${one}`)
          .join(",")}}`,
    ),
  "cut short": (text, random) => text.slice(0, random.below(text.length)),
  "something behind": (text, random) => text + random.pick(["x", "{}", ",", "]", "\0", "\u2028"]),
  "a comma too many": (text) => text.replace(/\}\s*$/, ",}"),
  "inside an array": (text) => `[${text}]`,
  "as a text": (text) => JSON.stringify(text),
  "as lines": (text) => `${text}\n${text}`,
};

/** Changes of the bytes, by what they are. */
const byteChanges: Readonly<Record<string, (text: string, random: Random) => Uint8Array>> = {
  "a byte-order mark": (text) => Buffer.from(`\uFEFF${text}`),
  "two byte-order marks": (text) => Buffer.from(`\uFEFF\uFEFF${text}`),
  "UTF-16": (text, random) => {
    const bytes = Buffer.from(`${random.chance(0.5) ? "\uFEFF" : ""}${text}`, "utf16le");
    return random.chance(0.5) ? bytes : bytes.swap16();
  },
  "Latin-1": (text) => Buffer.concat([Buffer.from(text.replace("{", '{"ä":1,'), "latin1")]),
  "no bytes": () => new Uint8Array(0),
  "random bytes": (_, random) => Uint8Array.from({ length: random.below(400) }, () => random.below(256)),
  zeros: (_, random) => new Uint8Array(random.below(2000)),
  "flipped bits": (text, random) => {
    const bytes = Buffer.from(text);
    for (let i = 0; i <= random.below(4); i++) bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
    return bytes;
  },
  "a NumPy array": (_, random) => {
    const shape = random.pick(["(3, 4)", "(4, 3)", "()", "(1e9,)", "(2, 2, 2)", "(99999999999, 99999999999)", "(-1,)"]);
    const header = `{'descr': '${random.pick(["<f8", "<c16", "|O", ">i4", "<U9"])}', 'fortran_order': False, 'shape': ${shape}, }\n`;
    return Buffer.concat([
      Buffer.from([0x93]),
      Buffer.from("NUMPY\x01\0"),
      Buffer.from([header.length, 0]),
      Buffer.from(header),
      Buffer.alloc(random.below(99)),
    ]);
  },
  "a zip archive": (_, random) => Buffer.concat([Buffer.from("PK\x03\x04"), Buffer.alloc(random.below(200), 7)]),
};

export const spoilings: readonly string[] = [...Object.keys(textChanges), ...Object.keys(byteChanges)];

/** A file's bytes with something wrong in them, or nothing. */
export function spoiled(text: string, random: Random): { how: string; bytes: Uint8Array } {
  const how = random.pick(spoilings);
  const change = textChanges[how];
  const bytes = change === undefined ? byteChanges[how]!(text, random) : Buffer.from(change(text, random));
  return { how, bytes };
}

function atMatch(text: string, random: Random, pattern: RegExp, make: (found: string) => string): string {
  const found = [...text.matchAll(pattern)];
  if (found.length === 0) return text;
  const { index, 0: old } = random.pick(found);
  return text.slice(0, index) + make(old) + text.slice(index + old.length);
}

const atNumber = (text: string, random: Random, make: (number: string) => string) =>
  atMatch(text, random, /(?<=[:[,]\s*)-?\d[\d.eE+-]*/g, make);

/** A value: a number or a text, or all of an array or an object without any inside. */
const atValue = (text: string, random: Random, make: () => string) =>
  atMatch(text, random, /(?<=[:[,]\s*)(?:-?\d[\d.eE+-]*|"[^"]*"(?!\s*:)|\[[^[\]]*\]|\{[^{}]*\})/g, make);

/** A field with a comma behind it. */
const atField = (text: string, random: Random, make: (field: string) => string) =>
  atMatch(text, random, /"\w+":\s*(?:-?\d[\d.eE+-]*|"[^"]*"|\[[^[\]]*\]|\{[^{}]*\})\s*,/g, (field) =>
    make(field.replace(/,$/, "")),
  );
