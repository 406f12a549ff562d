/**
 * What 128-bit lanes can do at most here: a loop of multiplications and additions in registers alone, written as a module
 * of its own, because a kernel's compiler could change it.
 */
const [sums, unrolled, turns] = [13, 8, 2500] as const;

/** @returns float32 operations a second, the best of some short runs */
export function peak(): number {
  let least = Number.POSITIVE_INFINITY;
  for (let call = 0; call < 20; call++) {
    const begin = performance.now();
    loop(turns, 0.9999, 0.5);
    least = Math.min(least, performance.now() - begin);
  }
  return (turns * unrolled * sums * 8) / (least / 1e3);
}

const loop = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes())).exports.loop as (
  turns: number,
  factor: number,
  summand: number,
) => number;

/** s₁ … s₁₃ ← s·factor + summand, eight times a turn; factor and summand are arguments, so that they stay in registers. */
function moduleBytes(): Uint8Array<ArrayBuffer> {
  const [turnsLeft, factor, summand, x, y, first] = [0, 1, 2, 3, 4, 5];
  const [get, set, simd] = [0x20, 0x21, 0xfd];
  const [splat, add, multiply] = [
    [simd, 0x13],
    [simd, 0xe4, 0x01],
    [simd, 0xe6, 0x01],
  ] as const;
  const each = (write: (sum: number) => number[]) => Array.from({ length: sums }, (_, i) => write(first + i)).flat();
  const turn = each((sum) => [get, sum, get, x, ...multiply, get, y, ...add, set, sum]);
  const count = [get, turnsLeft, 0x41, 1, 0x6b, 0x22, turnsLeft, 0x0d, 0]; // turnsLeft − 1, again unless 0
  const body = [
    ...[1, 2 + sums, 0x7b], // locals: x, y and the sums, vectors
    ...[get, factor, ...splat, set, x, get, summand, ...splat, set, y],
    ...[0x03, 0x40, ...Array.from({ length: unrolled }, () => turn).flat(), ...count, 0x0b],
    ...[get, x, ...each((sum) => [get, sum, ...add]), simd, 0x1f, 0, 0x0b],
  ];
  const section = (id: number, content: number[]) => [id, ...size(content.length), ...content];
  const name = [..."loop"].map((letter) => letter.charCodeAt(0));
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 3, 0x7f, 0x7d, 0x7d, 1, 0x7d]),
    ...section(3, [1, 0]),
    ...section(7, [1, name.length, ...name, 0, 0]),
    ...section(10, [1, ...size(body.length), ...body]),
  ]);
}

/** LEB128 */
function size(n: number): number[] {
  return n < 0x80 ? [n] : [(n & 0x7f) | 0x80, ...size(n >> 7)];
}
