import type { Estimates } from "./estimates.js";
import type { Network } from "./network.js";

/** More antennas than this are left as they are: Jacobi's rotations grow with the third power. */
const mostAntennas = 16;
const sweeps = 2;

/**
 * The estimates W_kl w, T_kl w as functions of Q^H w, which is as white as w: Q [N·N] of each AP and pilot holds the
 * eigenvectors of Σ_{k on the pilot} W_kl^H W_kl, so that few of the white numbers carry most of the estimates' power.
 * The law of the estimates stays; their strata (assembly/channel/stratify.ts) then tell far more of a correlated
 * channel. Without correlation W_kl is a multiple of I and nothing would change. @returns W Q, T Q [L·K·N·N]
 */
export function alongPrincipalDirections(
  network: Network,
  { means, estimator }: Estimates,
): Pick<Estimates, "means" | "estimator"> {
  const { clients: K, accessPoints: L, antennas: N, pilotIndex } = network;
  if (network.correlation === undefined || N < 2 || N > mostAntennas) return { means, estimator };
  const turned = means.slice();
  const turnedEstimator = estimator === means ? turned : estimator.slice();
  const size = 2 * N * N;
  for (let l = 0; l < L; l++)
    for (const pilot of new Set(pilotIndex)) {
      const blocks = [...pilotIndex.keys()].filter((k) => pilotIndex[k] === pilot).map((k) => (l * K + k) * size);
      const gram = new Float64Array(size);
      for (const block of blocks) addGram(means, block, N, gram);
      // Links without gain count as a hair's breadth above 0 (estimates.ts): the squares of that would be 0.
      if (gram[0]! < 1e-150) for (let i = 0; i < size; i++) gram[i]! *= 2 ** 600;
      const q = eigenvectors(gram, N);
      for (const block of blocks) {
        multiply(means, block, q, N, turned);
        if (turnedEstimator !== turned) multiply(estimator, block, q, N, turnedEstimator);
      }
    }
  return { means: turned, estimator: turnedEstimator };
}

/** gram += W^H W of the block at `base`. */
function addGram(w: Float64Array, base: number, N: number, gram: Float64Array): void {
  for (let a = 0; a < N; a++)
    for (let b = 0; b < N; b++)
      for (let m = 0; m < N; m++) {
        const [x, y] = [base + 2 * (m * N + a), base + 2 * (m * N + b)];
        gram[2 * (a * N + b)]! += w[x]! * w[y]! + w[x + 1]! * w[y + 1]!;
        gram[2 * (a * N + b) + 1]! += w[x]! * w[y + 1]! - w[x + 1]! * w[y]!;
      }
}

/** out's block = W Q. */
function multiply(w: Float64Array, base: number, q: Float64Array, N: number, out: Float64Array): void {
  for (let a = 0; a < N; a++)
    for (let b = 0; b < N; b++) {
      let re = 0;
      let im = 0;
      for (let m = 0; m < N; m++) {
        const [x, y] = [base + 2 * (a * N + m), 2 * (m * N + b)];
        re += w[x]! * q[y]! - w[x + 1]! * q[y + 1]!;
        im += w[x]! * q[y + 1]! + w[x + 1]! * q[y]!;
      }
      out[base + 2 * (a * N + b)] = re;
      out[base + 2 * (a * N + b) + 1] = im;
    }
}

/**
 * Eigenvectors [N·N], columns, of a Hermitian matrix, which is overwritten, by cyclic Jacobi rotations of a fixed number
 * of sweeps: unitary to rounding however far the matrix still is from diagonal.
 */
export function eigenvectors(a: Float64Array, N: number): Float64Array {
  const q = new Float64Array(2 * N * N);
  for (let n = 0; n < N; n++) q[2 * n * (N + 1)] = 1;
  for (let sweep = 0; sweep < sweeps; sweep++)
    for (let i = 0; i < N; i++)
      for (let j = i + 1; j < N; j++) {
        const at = 2 * (i * N + j);
        const size = Math.sqrt(a[at]! * a[at]! + a[at + 1]! * a[at + 1]!);
        if (!(size > 0)) continue;
        const tau = (a[2 * j * (N + 1)]! - a[2 * i * (N + 1)]!) / (2 * size);
        const t = (tau < 0 ? -1 : 1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau));
        const c = 1 / Math.sqrt(1 + t * t);
        const [er, ei] = [(t * c * a[at]!) / size, (t * c * a[at + 1]!) / size];
        turnColumns(a, N, i, j, c, er, ei);
        turnRows(a, N, i, j, c, er, ei);
        turnColumns(q, N, i, j, c, er, ei);
      }
  return q;
}

/** Columns i, j times [c, e; −ē, c]. */
function turnColumns(a: Float64Array, N: number, i: number, j: number, c: number, er: number, ei: number): void {
  for (let n = 0; n < N; n++) {
    const [x, y] = [2 * (n * N + i), 2 * (n * N + j)];
    const [xr, xi, yr, yi] = [a[x]!, a[x + 1]!, a[y]!, a[y + 1]!];
    a[x] = c * xr - (er * yr + ei * yi);
    a[x + 1] = c * xi - (er * yi - ei * yr);
    a[y] = c * yr + (er * xr - ei * xi);
    a[y + 1] = c * yi + (er * xi + ei * xr);
  }
}

/** Rows i, j times the adjoint of that. */
function turnRows(a: Float64Array, N: number, i: number, j: number, c: number, er: number, ei: number): void {
  for (let n = 0; n < N; n++) {
    const [x, y] = [2 * (i * N + n), 2 * (j * N + n)];
    const [xr, xi, yr, yi] = [a[x]!, a[x + 1]!, a[y]!, a[y + 1]!];
    a[x] = c * xr - (er * yr - ei * yi);
    a[x + 1] = c * xi - (er * yi + ei * yr);
    a[y] = c * yr + (er * xr + ei * xi);
    a[y + 1] = c * yi + (er * xi - ei * xr);
  }
}
