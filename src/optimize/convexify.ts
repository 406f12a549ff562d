/**
 * |H|: the symmetric matrix with H's eigenvectors and the magnitudes of its eigenvalues, none below `floor` of the
 * largest: a step then has the Newton length along directions of negative curvature, downhill. The identity for
 * H = 0. Cyclic Jacobi rotations
 * (Golub and Van Loan, section 8.5). In place; needs no more than a few sweeps.
 */
export function magnitude(h: Float64Array, n: number, floor: number): void {
  const a = Float64Array.from(h);
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  let total = 0;
  for (const entry of a) total += entry * entry;
  for (let sweep = 0; sweep < 30; sweep++) {
    let off = 0;
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) off += a[i * n + j]! * a[i * n + j]!;
    if (off <= 1e-30 * total) break;
    for (let p = 0; p < n - 1; p++) for (let q = p + 1; q < n; q++) rotateAway(a, v, n, p, q);
  }
  let largest = 0;
  for (let k = 0; k < n; k++) largest = Math.max(largest, Math.abs(a[k * n + k]!));
  h.fill(0);
  for (let k = 0; k < n; k++) {
    const value = largest > 0 ? Math.max(Math.abs(a[k * n + k]!), floor * largest) : 1;
    for (let i = 0; i < n; i++) {
      const factor = value * v[i * n + k]!;
      for (let j = 0; j < n; j++) h[i * n + j] = h[i * n + j]! + factor * v[j * n + k]!;
    }
  }
}

function rotateAway(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q]!;
  if (apq === 0) return;
  const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * apq);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const cos = 1 / Math.sqrt(t * t + 1);
  const sin = t * cos;
  for (let k = 0; k < n; k++) {
    const x = a[k * n + p]!;
    const y = a[k * n + q]!;
    a[k * n + p] = cos * x - sin * y;
    a[k * n + q] = sin * x + cos * y;
  }
  for (let k = 0; k < n; k++) {
    const x = a[p * n + k]!;
    const y = a[q * n + k]!;
    a[p * n + k] = cos * x - sin * y;
    a[q * n + k] = sin * x + cos * y;
    const u = v[k * n + p]!;
    const w = v[k * n + q]!;
    v[k * n + p] = cos * u - sin * w;
    v[k * n + q] = sin * u + cos * w;
  }
}
