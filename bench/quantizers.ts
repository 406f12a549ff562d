import { pack, unpack } from "../bindings/coding.js";
import { allocate, f32, free, i32, u8 } from "../bindings/memory.js";
import { stream } from "../bindings/random.js";
import { freshContext, quantizer, quantizerNames } from "../src/quantizers/index.js";
import { interleave } from "./measure.js";

const entries = 462_410;

/** Packing, EMQ against plain JavaScript, and every quantizer on an update of the paper's network. */
export function run(): void {
  packing();
  emq();
  all();
}

/** GB/s of float32 in: four bytes an entry. */
function rate(seconds: number, n = entries): string {
  return ((4 * n) / seconds / 1e9).toFixed(2).padStart(7);
}

function packing(): void {
  console.log("fields of w bits, GB/s of float32 in (× plain JavaScript)\n w     pack            unpack");
  const n = 65_536;
  const symbols = allocate(4 * n + 64);
  const bytes = allocate(2 * n + 64);
  const back = allocate(4 * n + 64);
  for (let width = 1; width <= 8; width++) {
    const random = stream(width, "test");
    const plain = Int32Array.from({ length: n }, () => random.word() & (2 ** width - 1));
    i32(symbols, n).set(plain);
    const plainBytes = new Uint8Array((n * width) / 8 + 8);
    const packed = interleave([
      { name: "JavaScript", run: () => packPlain(plain, width, plainBytes) },
      { name: "kernel", run: () => pack({ pointer: symbols, length: n }, 0, width, bytes) },
    ]);
    if (Buffer.compare(u8(bytes, (n * width) / 8), plainBytes.subarray(0, (n * width) / 8)) !== 0) {
      throw new Error(`the packed bytes of width ${width} differ`);
    }
    const plainBack = new Int32Array(n);
    const unpacked = interleave([
      { name: "JavaScript", run: () => unpackPlain(plainBytes, width, plainBack) },
      { name: "kernel", run: () => unpack(bytes, 0, width, { pointer: back, length: n }) },
    ]);
    const cell = (one: ReturnType<typeof interleave>) =>
      `${rate(one[1]!.seconds, n)} (${one[1]!.ratio.toFixed(1).padStart(5)})`;
    console.log(` ${width} ${cell(packed)} ${cell(unpacked)}`);
  }
  for (const pointer of [symbols, bytes, back]) free(pointer);
}

function emq(): void {
  const update = heavyTailed();
  const inKernel = allocate(4 * entries);
  f32(inKernel, entries).set(update);
  const context = freshContext();
  const coders = ["fixed", "range", "auto"] as const;
  const rows = interleave([
    { name: "plain JavaScript, fixed", run: () => encodePlain(update) },
    ...coders.flatMap((coder) => {
      const method = quantizer("emq", { coder });
      return [
        { name: `${coder}, update in kernel memory`, run: () => method.encode(f32(inKernel, entries), context) },
        { name: `${coder}, update elsewhere`, run: () => method.encode(update, context) },
      ];
    }),
  ]);
  console.log(`\nEMQ digits 0, ${entries} entries, encode: GB/s of float32 in (× plain JavaScript)`);
  for (const row of rows) console.log(`${row.name.padEnd(36)} ${rate(row.seconds)} (${row.ratio.toFixed(1)})`);
  const decoded = new Float32Array(entries);
  const decoding = interleave(
    coders.map((coder) => {
      const method = quantizer("emq", { coder });
      const { bytes } = method.encode(update, context)!;
      return { name: coder, run: () => method.decode(bytes, decoded, context) };
    }),
  );
  console.log("decode");
  for (const row of decoding) console.log(`${row.name.padEnd(36)} ${rate(row.seconds)}`);
  free(inKernel);
}

function all(): void {
  const update = heavyTailed();
  console.log(
    `\nevery quantizer with its defaults, ${entries} entries\n${"".padEnd(18)} encode ms   GB/s  decode ms   GB/s`,
  );
  for (const name of quantizerNames) {
    const method = quantizer(name);
    const packet = method.encode(update, freshContext())!;
    const out = new Float32Array(entries);
    const [encode, decode] = interleave(
      [
        { name: "encode", run: () => method.encode(update, freshContext()) },
        { name: "decode", run: () => method.decode(packet.bytes, out, freshContext()) },
      ],
      { rounds: 3 },
    );
    const cell = (seconds: number) => `${(1000 * seconds).toFixed(2).padStart(10)}${rate(seconds)}`;
    console.log(`${name.padEnd(18)}${cell(encode!.seconds)} ${cell(decode!.seconds)}`);
  }
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
