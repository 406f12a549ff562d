/**
 * Complex vectors and small matrices side by side in one array, re and im next to each other: N × N blocks, row-major,
 * block b from 2·b·N², and vectors of N entries, vector v from 2·v·N.
 */

/** out = T T^H of block `block`. */
export function outerProduct(t: Float64Array, block: number, N: number, out: Float64Array): void {
  const base = 2 * block * N * N;
  for (let a = 0; a < N; a++)
    for (let b = 0; b < N; b++) {
      let re = 0;
      let im = 0;
      for (let m = 0; m < N; m++) {
        const [xr, xi] = [t[base + 2 * (a * N + m)]!, t[base + 2 * (a * N + m) + 1]!];
        const [yr, yi] = [t[base + 2 * (b * N + m)]!, t[base + 2 * (b * N + m) + 1]!];
        re += xr * yr + xi * yi;
        im += xi * yr - xr * yi;
      }
      out[2 * (a * N + b)] = re;
      out[2 * (a * N + b) + 1] = im;
    }
}

/** x^H y of `count` complex numbers from entry 2·x0 and 2·y0 on, [re, im]; for two blocks it is tr(X^H Y). */
export function innerProduct(
  x: Float64Array,
  x0: number,
  y: Float64Array,
  y0: number,
  count: number,
): readonly [number, number] {
  let re = 0;
  let im = 0;
  for (let n = 0; n < 2 * count; n += 2) {
    const [ar, ai] = [x[2 * x0 + n]!, x[2 * x0 + n + 1]!];
    const [br, bi] = [y[2 * y0 + n]!, y[2 * y0 + n + 1]!];
    re += ar * br + ai * bi;
    im += ar * bi - ai * br;
  }
  return [re, im];
}

/** tr(A B) of two Hermitian blocks, which is real: Σ_ab Re(A_ab conj(B_ab)). */
export function traceOfProduct(a: Float64Array, blockA: number, b: Float64Array, blockB: number, N: number): number {
  const size = 2 * N * N;
  let sum = 0;
  for (let i = 0; i < size; i++) sum += a[blockA * size + i]! * b[blockB * size + i]!;
  return sum;
}

/** x^H A x of a Hermitian block and a vector. */
export function quadraticForm(a: Float64Array, block: number, x: Float64Array, vector: number, N: number): number {
  const [base, from] = [2 * block * N * N, 2 * vector * N];
  let sum = 0;
  for (let r = 0; r < N; r++)
    for (let c = 0; c < N; c++) {
      const [ar, ai] = [a[base + 2 * (r * N + c)]!, a[base + 2 * (r * N + c) + 1]!];
      const [xr, xi] = [x[from + 2 * r]!, x[from + 2 * r + 1]!];
      const [yr, yi] = [x[from + 2 * c]!, x[from + 2 * c + 1]!];
      sum += xr * (ar * yr - ai * yi) + xi * (ar * yi + ai * yr);
    }
  return sum;
}

/** ‖x‖² of a vector. */
export function squaredNorm(x: Float64Array, vector: number, N: number): number {
  let sum = 0;
  for (let n = 2 * vector * N; n < 2 * (vector + 1) * N; n++) sum += x[n]! * x[n]!;
  return sum;
}

/** out += A x, A block `block` of `matrices`, x and out from positions in their arrays. */
export function addProduct(
  matrices: Float64Array,
  block: number,
  x: Float64Array,
  from: number,
  out: Float64Array,
  to: number,
  N: number,
): void {
  for (let i = 0; i < N; i++) {
    const row = 2 * (block * N + i) * N;
    let re = 0;
    let im = 0;
    for (let j = 0; j < 2 * N; j += 2) {
      const [ar, ai] = [matrices[row + j]!, matrices[row + j + 1]!];
      const [xr, xi] = [x[from + j]!, x[from + j + 1]!];
      re += ar * xr - ai * xi;
      im += ar * xi + ai * xr;
    }
    out[to + 2 * i]! += re;
    out[to + 2 * i + 1]! += im;
  }
}
