import { pack, unpack } from "../bindings/coding.js";
import { allocate, f32, free, i32, u8 } from "../bindings/memory.js";
import { stream } from "../bindings/random.js";
import { freshContext, quantizer, quantizerNames } from "../src/quantizers/index.js";
import { type Comparison, inProcess, type Sides } from "./comparison.js";

const entries = 462_410;
/** GB of float32 in: four bytes an entry */
const gigabytes = { amount: (4 * entries) / 1e9, unit: "GB" } as const;

/** Packing, EMQ against plain JavaScript, and every quantizer on an update of the paper's network. */
export const comparisons: Comparison[] = [
  ...[1, 2, 3, 4, 5, 6, 7, 8].flatMap((width): Comparison[] => {
    const common = {
      work: { amount: (4 * 65_536) / 1e9, unit: "GB" },
      ...(width === 4 ? {} : { full: true as const }),
    } as const;
    return [
      { name: `pack-${width}`, what: `fields of ${width} bits packed`, ...common, sides: () => packing(width).pack },
      {
        name: `unpack-${width}`,
        what: `fields of ${width} bits unpacked`,
        ...common,
        sides: () => packing(width).unpack,
      },
    ];
  }),
  ...(["fixed", "range", "auto"] as const).map(
    (coder): Comparison => ({
      name: `emq-${coder}`,
      what: `EMQ digits 0, coder ${coder}, encode`,
      work: gigabytes,
      ...(coder === "auto" ? { full: true as const } : {}),
      sides: () => emq(coder),
    }),
  ),
  ...quantizerNames.flatMap((name): Comparison[] => {
    const full = name === "emq" || name === "laq" ? {} : { full: true as const };
    return [
      {
        name: `encode-${name}`,
        what: `${name} with its defaults, encode`,
        work: gigabytes,
        ...full,
        sides: () => whole(name, "encode"),
      },
      {
        name: `decode-${name}`,
        what: `${name} with its defaults, decode`,
        work: gigabytes,
        ...full,
        sides: () => whole(name, "decode"),
      },
    ];
  }),
];

function packing(width: number): { pack: Sides; unpack: Sides } {
  const n = 65_536;
  const [symbols, bytes, back] = [allocate(4 * n + 64), allocate(2 * n + 64), allocate(4 * n + 64)];
  const random = stream(width, "test");
  const plain = Int32Array.from({ length: n }, () => random.word() & (2 ** width - 1));
  i32(symbols, n).set(plain);
  const plainBytes = new Uint8Array((n * width) / 8 + 8);
  const plainBack = new Int32Array(n);
  packPlain(plain, width, plainBytes);
  pack({ pointer: symbols, length: n }, 0, width, bytes);
  if (Buffer.compare(u8(bytes, (n * width) / 8), plainBytes.subarray(0, (n * width) / 8)) !== 0)
    throw new Error(`the packed bytes of width ${width} differ`);
  const release = () => [symbols, bytes, back].forEach(free);
  return {
    pack: inProcess(
      () => pack({ pointer: symbols, length: n }, 0, width, bytes),
      { "plain JavaScript": () => packPlain(plain, width, plainBytes) },
      [release],
    ),
    unpack: inProcess(
      () => unpack(bytes, 0, width, { pointer: back, length: n }),
      { "plain JavaScript": () => unpackPlain(plainBytes, width, plainBack) },
      [release],
    ),
  };
}

/** The update in kernel memory, as a client has it; beside it the same from elsewhere. */
function emq(coder: "fixed" | "range" | "auto"): Sides {
  const update = heavyTailed();
  const inKernel = allocate(4 * entries);
  f32(inKernel, entries).set(update);
  const context = freshContext();
  const method = quantizer("emq", { coder });
  return inProcess(
    () => method.encode(f32(inKernel, entries), context),
    {
      "plain JavaScript, fixed": () => encodePlain(update),
      "ours from elsewhere": () => method.encode(update, context),
    },
    [() => free(inKernel)],
  );
}

function whole(name: string, task: "encode" | "decode"): Sides {
  const update = heavyTailed();
  const method = quantizer(name);
  const packet = method.encode(update, freshContext())!;
  const out = new Float32Array(entries);
  return inProcess(
    task === "encode"
      ? () => method.encode(update, freshContext())
      : () => method.decode(packet.bytes, out, freshContext()),
    {},
  );
}

/** As updates from training are: a few large entries, most far below them. */
function heavyTailed(): Float32Array {
  const update = new Float32Array(entries);
  stream(1, "test").fillNormal(update);
  return update.map((z) => 1e-3 * z * z * z);
}

function packPlain(symbols: Int32Array, width: number, out: Uint8Array): void {
  let held = 0;
  let fill = 0;
  let at = 0;
  for (let i = 0; i < symbols.length; i++) {
    held |= symbols[i]! << fill;
    fill += width;
    while (fill >= 8) {
      out[at++] = held & 255;
      held >>>= 8;
      fill -= 8;
    }
  }
}

function unpackPlain(bytes: Uint8Array, width: number, out: Int32Array): void {
  let held = 0;
  let fill = 0;
  let at = 0;
  const mask = 2 ** width - 1;
  for (let i = 0; i < out.length; i++) {
    while (fill < width) {
      held |= bytes[at++]! << fill;
      fill += 8;
    }
    out[i] = held & mask;
    held >>>= width;
    fill -= width;
  }
}

/** The encoder one would write first: maximum, rounding, counting, packing. */
function encodePlain(v: Float32Array): { bytes: Uint8Array; nominalBits: number } {
  let largest = 0;
  for (let i = 0; i < v.length; i++) {
    if (!Number.isFinite(v[i]!)) throw new Error(`entry ${i}`);
    largest = Math.max(largest, Math.abs(v[i]!));
  }
  const inverse = 1 / 10 ** Math.floor(Math.log10(largest));
  const symbols = new Int32Array(v.length);
  let low = 0;
  let high = 0;
  let nominalBits = 0;
  for (let i = 0; i < v.length; i++) {
    const x = v[i]! * inverse;
    let m = Math.round(x);
    if (m - x === 0.5 && m % 2 !== 0) m -= 1;
    symbols[i] = m;
    nominalBits += 33 - Math.clz32(Math.abs(m));
    low = Math.min(low, m);
    high = Math.max(high, m);
  }
  const width = 32 - Math.clz32(high - low);
  for (let i = 0; i < symbols.length; i++) symbols[i]! -= low;
  const bytes = new Uint8Array(Math.ceil((v.length * width) / 8) + 8);
  packPlain(symbols, width, bytes);
  return { bytes, nominalBits };
}
