import type { Stream } from "../../../bindings/random.js";
import { type Anatomy, pick, spliced, varintBytes } from "./fields.js";

/**
 * Sections of symbols coded in contexts whose table of frequencies is coded in contexts again, which no encoder writes:
 * a decoder that reads them needs a block for the inner table while the outer one is in use, and a frame of its stack
 * a level. All the tables are zeros, and the streams end as they begin, so that such a section is otherwise sound.
 */

const states = [0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0];
/** Deep enough to overflow a stack, one time in that many. */
const deepest = 2000;
const onceIn = 400;

/** The packet with such a section in the place of one of its own. */
export function nested(anatomy: Anatomy, entries: number, random: Stream): Uint8Array {
  const section = pick(anatomy.sections, random);
  if (section === undefined) return anatomy.bytes.slice();
  const depth = random.integer(onceIn) === 0 ? deepest : 1 + random.integer(3);
  return spliced(anatomy.bytes, section, nest(entries, depth, random));
}

function nest(entries: number, depth: number, random: Stream): Uint8Array {
  const heads: number[][] = [];
  let count = entries;
  for (let level = 0; level < depth; level++) {
    // A deep one of the smallest tables: what is nested is what counts there.
    const small = depth > 4;
    const half = small ? 1 : (pick([1, 2, 7, 31, 127], random) as number);
    const size = 2 * half + 1;
    const places = small ? 1 : 1 + random.integer(3);
    const levels = Array.from({ length: places }, () => (small ? 1 : 1 + random.integer(2)));
    const precision = Math.min(14, Math.max(bits(size) + 1, bits(count) - 2));
    heads.push([
      4,
      half,
      precision,
      places,
      ...levels.flatMap((one, j) => [1 + j, one]),
      1,
      2,
      count < 2 ** 15 ? 2 : count < 2 ** 18 ? 4 : 8,
    ]);
    count = size * ((1 + levels.reduce((product, one) => product * (2 * one + 1), 1)) / 2);
  }
  const plain = [0, 0, 0];
  const streams = heads.flatMap(() => [...varintBytes(states.length), ...states]);
  return Uint8Array.from([...heads.flat(), ...plain, ...streams]);
}

function bits(value: number): number {
  return 32 - Math.clz32(value);
}
