import { text as checkText, flag, record, whole } from "../config/arguments.js";
import { InputError } from "../config/errors.js";
import type { Dataset } from "../config/records.js";
import { cutSequences } from "./sequences.js";
import { type Allocate, allocator, plain } from "./storage.js";
import { subsetOf } from "./subset.js";

/** How a text becomes examples. */
export interface TextSettings {
  /** L, characters an example */
  sequenceLength: number;
  /** Use only so many; 0 = all */
  trainExamples: number;
  testExamples: number;
  /** Which they are: evenly spaced over all unless given, or drawn by the seed */
  subset?: "even" | "drawn";
  seed?: number;
  /** Every speaker of a play owns what it says; otherwise the text is one, whoever speaks in it */
  bySpeaker: boolean;
}

/** One in so many of an owner's sequences, the last ones, are kept for the test. */
const testShare = 10;

/**
 * Next-character prediction on any text: L characters in, the L characters one further on as targets.
 *
 * The vocabulary is every character (code point) that occurs, in ascending order. The text is cut into
 * sequences that overlap by the one character that is the last target of one and the first input of the next; an
 * incomplete rest is left out. The last tenth of each owner's sequences is the test part (at least one where there
 * are two).
 *
 * By speaker, a line `NAME: …` (or `NAME:` alone) begins a speech that lasts until the next such line; names
 * are not part of the text, what stands before the first is left out, and `groups` numbers the speakers in order of
 * appearance.
 *
 * @param path of the file, named in errors
 * @throws InputError fewer than two different characters, too few for one training and one test sequence, no
 * speakers
 * @example
 * const text = "to be or not to be, that is the question: ".repeat(4);
 * const dataset = createTextDataset(text, { sequenceLength: 8, trainExamples: 0, testExamples: 0, bySpeaker: false });
 * dataset.train.count; // → 18
 */
export function createTextDataset(
  text: string,
  settings: TextSettings,
  path = "data.file",
  allocate: Allocate = plain,
): Dataset {
  checkText("text", text);
  checkText("path", path);
  record({
    sequenceLength: whole(1),
    trainExamples: whole(),
    testExamples: whole(),
    bySpeaker: flag,
  })("settings", settings);
  allocator("allocate", allocate);
  const length = settings.sequenceLength;
  const owners = (settings.bySpeaker ? speakersOf(text, path) : [text]).map(codePoints);
  const vocabulary = distinct(owners);
  if (vocabulary.length < 2) {
    throw new InputError(
      path,
      vocabulary.length === 0
        ? "an empty text: there is nothing to predict"
        : `a text of the one character ${JSON.stringify(String.fromCodePoint(vocabulary[0]!))}: there is nothing to predict`,
    );
  }
  const code = new Map(Array.from(vocabulary, (point, i) => [point, i]));
  for (const points of owners) for (let i = 0; i < points.length; i++) points[i] = code.get(points[i]!)!;

  const train: { tokens: Int32Array; start: number; count: number }[] = [];
  const test: typeof train = [];
  for (const tokens of owners) {
    const count = Math.max(0, Math.floor((tokens.length - 1) / length));
    const kept = count < 2 ? 0 : Math.max(1, Math.floor(count / testShare));
    train.push({ tokens, start: 0, count: count - kept });
    test.push({ tokens, start: count - kept, count: kept });
  }
  if (test.every((owner) => owner.count === 0)) {
    const longest = owners.reduce((most, tokens) => Math.max(most, tokens.length), 0);
    throw new InputError(
      path,
      `${longest} characters${settings.bySpeaker ? " by the longest speaker" : ""} are too few for one training and ` +
        `one test sequence of ${length} (data.sequenceLength): expected ${2 * length + 1} or more`,
    );
  }
  const { seed = 1 } = settings;
  const trained = cutSequences(train, length, subsetOf(settings, seed, "train"), allocate);
  const tested = cutSequences(test, length, subsetOf(settings, seed, "test"), allocate);
  return {
    name: "text",
    task: "next-token",
    inputShape: [length],
    outputs: vocabulary.length,
    targetSize: length,
    classNames: Array.from(vocabulary, (point) => String.fromCodePoint(point)),
    train: trained.examples,
    test: tested.examples,
    testOf: tested.available,
    ...(settings.bySpeaker ? { groups: trained.owners } : {}),
  };
}

/** What each speaker says, in order of first appearance. */
function speakersOf(text: string, path: string): string[] {
  const speeches = new Map<string, string[]>();
  let current: string[] | undefined;
  for (const line of text.split(/\r?\n/)) {
    const opening = /^(\p{Lu}[^:]{0,39}):(?:\s+(.*))?$/u.exec(line);
    if (opening === null) {
      current?.push(line);
      continue;
    }
    const name = opening[1]!.trim();
    current = speeches.get(name);
    if (current === undefined) {
      current = [];
      speeches.set(name, current);
    }
    if (opening[2] !== undefined) current.push(opening[2]);
  }
  if (speeches.size === 0) {
    throw new InputError(path, 'no line of the form "NAME: …" in it: the split "groups" deals a text by its speakers');
  }
  return Array.from(speeches.values(), (lines) => lines.join("\n"));
}

function codePoints(text: string): Int32Array {
  const points = new Int32Array(text.length);
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i)!;
    points[count++] = point;
    if (point > 0xffff) i++;
  }
  return points.slice(0, count);
}

/** The code points that occur, ascending. */
function distinct(texts: readonly Int32Array[]): Int32Array {
  const seen = new Set<number>();
  for (const points of texts) for (const point of points) seen.add(point);
  return Int32Array.from(seen).sort();
}
