import type { Dataset } from "../config/records.js";

/** Which test examples a model answers rightly, and which they are. */
export interface ModelAnswers {
  /** A bit a target in their order, 1 for a right answer, the lowest of a byte first: in base 64 */
  right: string;
  /** Targets: test examples, times the length of a sequence */
  targets: number;
  /** Test examples */
  examples: number;
  /** How many they were chosen from; null where nobody knows */
  of: number | null;
  /**
   * By which seed they were drawn of so many, or made where `of` is null; null where they are the same whatever the seed,
   * as which a plugin's count
   */
  seed: number | null;
}

/** The same of a run's last models that were tested, the newest last. */
export interface TestAnswers extends Omit<ModelAnswers, "right"> {
  models: { round: number; right: string }[];
}

/** Models that a run keeps the answers of: the last one, and what a mean over the last rounds needs. */
export const lateModels = 5;

/** @param right 1 or 0 for each target */
export function packAnswers(right: Uint8Array, { test, testOf, seed }: Dataset): ModelAnswers {
  const bytes = new Uint8Array(Math.ceil(right.length / 8));
  for (let i = 0; i < right.length; i++) bytes[i >> 3]! |= right[i]! << (i & 7);
  return {
    right: base64Of(bytes),
    targets: right.length,
    examples: test.count,
    of: testOf ?? null,
    seed: seed ?? null,
  };
}

/**
 * 1 or 0 for each target.
 * @throws RangeError for a text that does not hold so many bits
 */
export function unpackAnswers(right: string, targets: number): Uint8Array {
  const bytes = bytesOf(right);
  if (bytes.length !== Math.ceil(targets / 8)) {
    throw new RangeError(`answers: ${bytes.length} bytes are not ${targets} bits`);
  }
  const bits = new Uint8Array(targets);
  for (let i = 0; i < targets; i++) bits[i] = (bytes[i >> 3]! >> (i & 7)) & 1;
  return bits;
}

/** Collects the answers of the last models as they are tested. */
export function lateAnswers(): {
  add(round: number, of: ModelAnswers | undefined): void;
  answers(): TestAnswers | undefined;
} {
  const models: TestAnswers["models"] = [];
  let about: Omit<ModelAnswers, "right"> | undefined;
  return {
    add(round, of) {
      if (of === undefined || models.at(-1)?.round === round) return;
      const { right, ...rest } = of;
      about = rest;
      models.push({ round, right });
      if (models.length > lateModels) models.shift();
    },
    answers: () => about && { ...about, models },
  };
}

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Of a digit's character code; −1 of what is none. A report reads hundreds of millions of them. */
const digitValues = Int8Array.from({ length: 128 }, (_, code) => digits.indexOf(String.fromCharCode(code)));

/** RFC 4648, with its padding; not every engine has a function for it. */
function base64Of(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b = 0, c = 0] = bytes.subarray(i, i + 3);
    const word = (a! << 16) | (b << 8) | c;
    const four = [18, 12, 6, 0].map((shift) => digits[(word >> shift) & 63]!).join("");
    const missing = Math.max(0, i + 3 - bytes.length);
    text += four.slice(0, 4 - missing) + "=".repeat(missing);
  }
  return text;
}

function bytesOf(text: string): Uint8Array {
  const end = text.indexOf("=");
  const length = end < 0 ? text.length : end;
  const bytes = new Uint8Array(Math.floor((length * 3) / 4));
  let word = 0;
  let bits = 0;
  let at = 0;
  for (let i = 0; i < length; i++) {
    const digit = digitValues[text.charCodeAt(i)] ?? -1;
    if (digit < 0) throw new RangeError(`answers: ${JSON.stringify(text[i])} is no digit of base 64`);
    word = ((word << 6) | digit) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = (word >> bits) & 255;
  }
  return bytes;
}
