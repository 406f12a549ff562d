import { allocatedBytes } from "../../../bindings/memory.js";
import { overrun, region, releaseRegions } from "../../../bindings/quantize.js";
import { type Stream, stream } from "../../../bindings/random.js";
import { coderNames } from "../coding/coders.js";
import { PacketError, sealed } from "../coding/packet.js";
import { decodePacket, inspectPacket, quantizer, quantizers } from "../index.js";
import { freshContext, type Method } from "../method.js";
import type { Settings } from "../settings.js";
import { type Anatomy, anatomyOf, changed, pick, unlikeEncoders } from "./fields.js";
import { nested } from "./nests.js";

export interface FuzzReport {
  packets: number;
  /** Refused with a PacketError */
  refused: number;
  /** Decoded to finite numbers: the change was one that a valid packet could have had */
  decoded: number;
  /** Longest time for one packet, ms */
  slowest: number;
  /**
   * What must not happen: another error, a message that grows with the packet, a NaN, a write beyond a block, memory out
   * of proportion, a packet accepted that no encoder writes, another result after other packets. The first twenty, with
   * the number of the packet.
   */
  failures: { method: string; what: string; packet: string; number: number }[];
}

/** Every format, and the settings that change a format's form. */
function subjects(): (readonly [Method, Settings])[] {
  return quantizers.parts.flatMap((part) => {
    if (!("format" in part)) return [];
    return (part.proof?.forms ?? [{}]).map((settings) => [part, settings] as const);
  });
}

/** Most entries that a damaged packet may make the decoder allocate for here. */
const limit = 100_000;
/** The blocks that the decoders keep: a dozen, each at most 16 bytes an entry of the limit. */
const mostBytes = 12 * 16 * limit + 1e6;
const longestMessage = 400;

interface Subject extends Anatomy {
  method: string;
  entries: number;
}

export function emptyFuzzReport(): FuzzReport {
  return { packets: 0, refused: 0, decoded: 0, slowest: 0, failures: [] };
}

/** The packets one after another, without a pause: see `fuzzSteps`. */
export function fuzzPackets(count: number, seed = 1): FuzzReport {
  const report = emptyFuzzReport();
  const steps = fuzzSteps(report, count, seed);
  while (steps.next().done !== true);
  return report;
}

/**
 * Decodes `count` damaged packets. A third are damaged as bytes are: truncated, lengthened, flipped, overwritten with
 * random bytes or with numbers near 2³², spliced from two packets. The others are damaged as packets are: a field with
 * another value or gone or twice, a section of symbols from another packet, coder and method, tables inside tables. Most
 * have the checksum made to fit, so that the decoders behind it see them. One in eight is decoded twice, with no blocks
 * kept and after another packet.
 * @param report is filled as it goes; a step is a packet
 */
export function* fuzzSteps(
  report: FuzzReport,
  count: number,
  seed: number,
  progress: (done: number) => void = () => {},
): Generator<undefined, FuzzReport, undefined> {
  const random = stream(seed, "probe", 1);
  const corpus = packetsOf(random);
  const before = allocatedBytes();
  for (; report.packets < count; report.packets++) {
    const subject = pick(corpus, random) as Subject;
    const other = pick(corpus, random) as Subject;
    const packet = random.integer(8) === 0 ? damage(subject, other, random) : sealed(damage(subject, other, random));
    const started = performance.now();
    const outcome = outcomeOf(packet);
    report.slowest = Math.max(report.slowest, performance.now() - started);
    report[outcome.decoded === undefined ? "refused" : "decoded"]++;
    let { what } = outcome;
    if (what === "" && random.integer(8) === 0) what = stateOf(packet, other.bytes);
    const grown = allocatedBytes() - before;
    if (what === "" && grown > mostBytes) what = `${grown} bytes are kept`;
    if (what !== "" && report.failures.length < 20) {
      report.failures.push({ method: subject.method, what, packet: hex(packet), number: report.packets });
    }
    if (report.packets % 1024 === 0) progress(report.packets);
    yield;
  }
  return report;
}

interface Outcome {
  decoded?: Float32Array;
  /** The message of a refusal */
  refused?: string;
  /** What must not happen */
  what: string;
}

function outcomeOf(packet: Uint8Array): Outcome {
  try {
    const decoded = decodePacket(packet, limit);
    const wrong = decoded.findIndex((x) => !Number.isFinite(x));
    if (wrong >= 0) return { decoded, what: `entry ${wrong} decoded to ${decoded[wrong]}` };
    const { method } = inspectPacket(packet);
    return { decoded, what: unlikeEncoders(anatomy(packet, method)) || beyondBlocks() };
  } catch (error) {
    const refused = String(error);
    if (!(error instanceof PacketError)) return { refused, what: refused };
    const what = refused.length > longestMessage ? `a message of ${refused.length} letters` : beyondBlocks();
    return { refused, what };
  }
}

function beyondBlocks(): string {
  const name = overrun();
  return name === undefined ? "" : `wrote beyond the block "${name}"`;
}

/** What a packet decodes to must not depend on what was decoded before. */
function stateOf(packet: Uint8Array, before: Uint8Array): string {
  releaseRegions();
  const fresh = outcomeOf(packet);
  decodePacket(before, limit);
  const after = outcomeOf(packet);
  const same =
    fresh.refused === after.refused &&
    fresh.decoded?.length === after.decoded?.length &&
    (fresh.decoded ?? []).every((x, i) => Object.is(x, after.decoded?.[i]));
  return same
    ? ""
    : `${fresh.refused ?? "decodes"} at first, ${after.refused ?? "decodes otherwise"} after another packet`;
}

function anatomy(packet: Uint8Array, name: string): Anatomy {
  const method = quantizers.named(name, "quantizer.name") as Method;
  return anatomyOf(packet, method, (entries) => region("output", 4 * entries));
}

function packetsOf(random: Stream): Subject[] {
  const v = new Float32Array(200);
  random.fillNormal(v);
  const tensors = [
    { name: "a", shape: [150], offset: 0, length: 150 },
    { name: "b", shape: [50], offset: 150, length: 50 },
  ];
  return subjects().flatMap(([{ name }, settings]) =>
    coderNames.map((coder) => {
      const packet = quantizer(name, { ...settings, coder }).encode(v, freshContext(3, tensors));
      const { bytes } = packet as { bytes: Uint8Array };
      return { ...anatomy(bytes, name), method: name, entries: v.length };
    }),
  );
}

function damage(subject: Subject, other: Subject, random: Stream): Uint8Array {
  const way = random.integer(6);
  if (way < 2) return damagedBytes(subject.bytes, other.bytes, random);
  return way === 2 ? nested(subject, subject.entries, random) : changed(subject, other, random);
}

const hostile = [
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x80, 0x80, 0x80, 0x80, 0x10],
  [0, 0, 0, 0],
  [0, 0, 0xc0, 0x7f],
  [0, 0, 0x80, 0xff],
  [0xff, 0xff, 0x7f, 0x7f],
];

function damagedBytes(bytes: Uint8Array, other: Uint8Array, random: Stream): Uint8Array {
  const copy = bytes.slice();
  // Half of the damage in the first bytes, where the lengths and parameters are.
  const place = () => random.integer(random.integer(2) === 0 ? Math.min(40, copy.length) : copy.length);
  switch (random.integer(7)) {
    case 0:
      return copy.slice(0, random.integer(copy.length));
    case 1: {
      const longer = new Uint8Array(copy.length + 1 + random.integer(40)).map(() => random.word());
      longer.set(copy);
      return longer;
    }
    case 2:
      for (let i = 1 + random.integer(3); i > 0; i--) {
        const at = place();
        copy[at] = (copy[at] as number) ^ (1 << random.integer(8));
      }
      return copy;
    case 3:
      for (let at = place(), i = random.integer(8); i >= 0 && at < copy.length; i--) copy[at++] = random.word();
      return copy;
    case 4: {
      const pattern = hostile[random.integer(hostile.length)] as number[];
      copy.set(pattern.slice(0, copy.length), Math.min(place(), Math.max(0, copy.length - pattern.length)));
      return copy;
    }
    case 5: {
      const at = place();
      const from = random.integer(other.length);
      return new Uint8Array([...copy.slice(0, at), ...other.slice(from)]);
    }
    default: {
      // Random bytes behind a true beginning
      const at = 4 + random.integer(8);
      return copy.map((byte, i) => (i < at ? byte : random.word()));
    }
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes.slice(0, 400), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
