/**
 * The most that WebAssembly's 128-bit multiplications and additions can do here, measured: chains of each that stay in
 * registers, in a module of a few hundred bytes.
 */

/**
 * Operations of a turn of the loop: enough that none waits for the one before, few enough for the registers. How a loop
 * falls on the processor's decoders decides between counts, so the best of some is taken.
 */
const counts = [12, 13, 14];

type Precision = "float32" | "float64";

/** SIMD opcodes of the specification: splat, mul, add, extract_lane. */
const opcodes = {
  float32: {
    lanes: 4,
    constant: [0x43],
    bytes: 4,
    splat: [0x13],
    mul: [0xe6, 0x01],
    add: [0xe4, 0x01],
    lane: [0x1f, 0],
  },
  float64: {
    lanes: 2,
    constant: [0x44],
    bytes: 8,
    splat: [0x14],
    mul: [0xf2, 0x01],
    add: [0xf0, 0x01],
    lane: [0x21, 0],
  },
} as const;

/** @returns GFLOP/s, the best of many short calls */
export function measuredPeak(precision: Precision): number {
  return Math.max(...counts.map((chains) => peakOf(precision, chains)));
}

function peakOf(precision: Precision, chains: number): number {
  const turns = 20_000;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleOf(precision, chains)));
  const run = exports.run as (turns: number) => number;
  let best = Number.POSITIVE_INFINITY;
  const end = performance.now() + 150; // the optimizing compiler takes some of it
  while (performance.now() < end) {
    const begin = performance.now();
    run(turns);
    best = Math.min(best, performance.now() - begin);
  }
  return (chains * opcodes[precision].lanes * turns) / best / 1e6;
}

/** (func (export "run") (param i32) (result f64)) with the chains as locals from 1 on and the constant 1 behind them. */
function moduleOf(precision: Precision, chains: number): Uint8Array<ArrayBuffer> {
  const op = opcodes[precision];
  const simd = (code: readonly number[]) => [0xfd, ...code];
  const constant = (value: number) => {
    const bytes = new Uint8Array(op.bytes);
    const view = new DataView(bytes.buffer);
    if (op.bytes === 4) view.setFloat32(0, value, true);
    else view.setFloat64(0, value, true);
    return [...op.constant, ...bytes, ...simd(op.splat)];
  };
  const code: number[] = [...constant(1), 0x21, chains + 1];
  for (let i = 1; i <= chains; i++) code.push(...constant(i), 0x21, i);
  code.push(0x03, 0x40); // loop
  for (let i = 1; i <= chains; i++)
    code.push(0x20, i, 0x20, chains + 1, ...simd(i % 2 === 0 ? op.mul : op.add), 0x21, i); // x = x·1, x = x + 1
  code.push(0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b); // until the count is 0
  code.push(0x20, 1);
  for (let i = 2; i <= chains; i++) code.push(0x20, i, ...simd(op.add));
  code.push(...simd(op.lane), ...(precision === "float32" ? [0xbb] : []), 0x0b);
  const locals = [1, ...leb(chains + 1), 0x7b];
  const body = [...leb(locals.length + code.length), ...locals, ...code];
  const section = (id: number, content: number[]) => [id, ...leb(content.length), ...content];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, 0x7f, 1, 0x7c]),
    ...section(3, [1, 0]),
    ...section(7, [1, 3, 0x72, 0x75, 0x6e, 0, 0]),
    ...section(10, [1, ...body]),
  ]);
}

function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >> 7)];
}
