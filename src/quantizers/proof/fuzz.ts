import { allocatedBytes } from "../../../bindings/memory.js";
import { overrun } from "../../../bindings/quantize.js";
import { type Stream, stream } from "../../../bindings/random.js";
import { coderNames } from "../coding/coders.js";
import { PacketError, sealed } from "../coding/packet.js";
import { decodePacket, quantizer, quantizers } from "../index.js";
import { freshContext } from "../method.js";
import type { Settings } from "../settings.js";

export interface FuzzReport {
  packets: number;
  /** Refused with a PacketError */
  refused: number;
  /** Decoded to finite numbers: the change was one that a valid packet could have had */
  decoded: number;
  /** Longest time for one packet, ms */
  slowest: number;
  /** What must not happen: another error, a NaN, a write beyond a block, memory out of proportion */
  failures: { method: string; what: string; packet: string }[];
}

/** Every format, and the settings that change a format's form. */
function subjects(): (readonly [string, Settings])[] {
  return quantizers.parts.flatMap((part) => {
    if (!("format" in part)) return [];
    return (part.proof?.forms ?? [{}]).map((settings) => [part.name, settings] as const);
  });
}

/** Most entries that a damaged packet may make the decoder allocate for here. */
const limit = 100_000;

/**
 * Decodes `count` damaged packets: truncated, lengthened, flipped, overwritten with random bytes or with numbers near
 * 2³², spliced from two packets; most with the checksum made to fit, so that the decoders behind it see them.
 */
export function fuzzPackets(count: number, seed = 1, progress: (done: number) => void = () => {}): FuzzReport {
  const random = stream(seed, "probe", 1);
  const corpus = packetsOf(random);
  const before = allocatedBytes();
  const report: FuzzReport = { packets: 0, refused: 0, decoded: 0, slowest: 0, failures: [] };
  for (; report.packets < count; report.packets++) {
    const { method, bytes } = corpus[random.integer(corpus.length)] as { method: string; bytes: Uint8Array };
    const other = (corpus[random.integer(corpus.length)] as { bytes: Uint8Array }).bytes;
    const damaged = damage(bytes, other, random);
    const packet = random.integer(8) === 0 ? damaged : sealed(damaged);
    const started = performance.now();
    const what = outcome(packet, report);
    report.slowest = Math.max(report.slowest, performance.now() - started);
    if (what !== "" && report.failures.length < 20) report.failures.push({ method, what, packet: hex(packet) });
    if (report.packets % 1024 === 0) progress(report.packets);
  }
  const grown = allocatedBytes() - before;
  // The blocks that the decoders keep: a dozen, each at most 16 bytes an entry of the limit.
  if (grown > 12 * 16 * limit + 1e6) report.failures.push({ method: "all", what: `kept ${grown} bytes`, packet: "" });
  return report;
}

function outcome(packet: Uint8Array, report: FuzzReport): string {
  try {
    const decoded = decodePacket(packet, limit);
    report.decoded++;
    const wrong = decoded.findIndex((x) => !Number.isFinite(x));
    if (wrong >= 0) return `entry ${wrong} decoded to ${decoded[wrong]}`;
  } catch (error) {
    if (!(error instanceof PacketError)) return String(error);
    report.refused++;
  }
  const region = overrun();
  return region === undefined ? "" : `wrote beyond the block "${region}"`;
}

function packetsOf(random: Stream): { method: string; bytes: Uint8Array }[] {
  const v = new Float32Array(200);
  random.fillNormal(v);
  const context = freshContext(3);
  context.tensors = [
    { name: "a", shape: [150], offset: 0, length: 150 },
    { name: "b", shape: [50], offset: 150, length: 50 },
  ];
  return subjects().flatMap(([name, settings]) =>
    coderNames.map((coder) => {
      const packet = quantizer(name, { ...settings, coder }).encode(v, { ...context, memory: new Map() });
      return { method: name, bytes: (packet as { bytes: Uint8Array }).bytes };
    }),
  );
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

function damage(bytes: Uint8Array, other: Uint8Array, random: Stream): Uint8Array {
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
