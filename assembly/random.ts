/**
 * Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 *
 * Block b of a stream is the image of the counter (b, c1, c2, c3) under the key (k0, k1): any block can be
 * had without those before it, which is what makes results independent of threads and order.
 */

/** out: 4 × blocks words of 32 bits, block after block. */
export function philoxFill(
  key0: u32, key1: u32, c1: u32, c2: u32, c3: u32, firstBlock: u32, blocks: i32, out: usize,
): void {
  for (let b: i32 = 0; b < blocks; b++) {
    let x0 = firstBlock + <u32>b;
    let x1 = c1;
    let x2 = c2;
    let x3 = c3;
    let k0 = key0;
    let k1 = key1;
    for (let round = 0; round < 10; round++) {
      const p0 = <u64>x0 * 0xd2511f53;
      const p1 = <u64>x2 * 0xcd9e8d57;
      const y0 = <u32>(p1 >>> 32) ^ x1 ^ k0;
      const y2 = <u32>(p0 >>> 32) ^ x3 ^ k1;
      x1 = <u32>p1;
      x3 = <u32>p0;
      x0 = y0;
      x2 = y2;
      k0 += 0x9e3779b9;
      k1 += 0xbb67ae85;
    }
    store<u32>(out, x0);
    store<u32>(out, x1, 4);
    store<u32>(out, x2, 8);
    store<u32>(out, x3, 12);
    out += 16;
  }
}

/**
 * Box–Muller, two float64 normals from a block of four words: radius from words 0–1, angle from words 2–3,
 * each as a 53-bit fraction; the radius's is moved by half a step away from zero. words and out may be the same.
 */
export function normalsFromBlocks(words: usize, blocks: i32, out: usize): void {
  for (let b: i32 = 0; b < blocks; b++) {
    const a = load<u64>(words) >>> 11;
    const c = load<u64>(words, 8) >>> 11;
    const u = (<f64>a + 0.5) * 1.1102230246251565e-16;
    const angle = <f64>c * (6.283185307179586 * 1.1102230246251565e-16);
    const radius = Math.sqrt(-2.0 * NativeMath.log(u));
    store<f64>(out, radius * NativeMath.cos(angle));
    store<f64>(out, radius * NativeMath.sin(angle), 8);
    words += 16;
    out += 16;
  }
}
