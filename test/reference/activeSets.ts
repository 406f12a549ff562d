/** Plain references for quadratic programs: solve a linear system; try every active set. */

/** Gaussian elimination with partial pivoting; undefined where the matrix is singular to 1e-10 of its largest entry. */
export function solveLinear(matrix: number[][], right: number[]): number[] | undefined {
  const n = right.length;
  const a = matrix.map((row, i) => [...row, right[i]!]);
  const size = Math.max(1e-300, ...matrix.flat().map(Math.abs));
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(a[i]![k]!) > Math.abs(a[pivot]![k]!)) pivot = i;
    if (Math.abs(a[pivot]![k]!) < 1e-10 * size) return undefined;
    [a[k], a[pivot]] = [a[pivot]!, a[k]!];
    for (let i = k + 1; i < n; i++) {
      const factor = a[i]![k]! / a[k]![k]!;
      for (let j = k; j <= n; j++) a[i]![j]! -= factor * a[k]![j]!;
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--) {
    let sum = a[i]![n]!;
    for (let j = i + 1; j < n; j++) sum -= a[i]![j]! * x[j]!;
    x[i] = sum / a[i]![i]!;
  }
  return x;
}

/**
 * min ½x'Hx + g'x, the first `equalities` rows C x = b, the others C x ≥ b, by trying every set of at most n active
 * rows: at an extreme point of the solutions some independent set of active normals has a nonsingular
 * Karush–Kuhn–Tucker matrix. Undefined where no set gives a feasible point with multipliers ≥ 0.
 */
export function everyActiveSet(
  h: number[][],
  g: number[],
  rows: number[][],
  b: number[],
  equalities: number,
): { x: number[]; value: number } | undefined {
  const n = g.length;
  const m = b.length;
  for (let mask = 0; mask < 1 << m; mask++) {
    const set = Array.from({ length: m }, (_, i) => i).filter((i) => (mask >> i) & 1);
    if (set.length > n || set.filter((i) => i < equalities).length < equalities) continue;
    const size = n + set.length;
    const matrix = Array.from({ length: size }, () => new Array<number>(size).fill(0));
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) matrix[i]![j] = h[i]![j]!;
      set.forEach((row, k) => {
        matrix[i]![n + k] = -rows[row]![i]!;
        matrix[n + k]![i] = rows[row]![i]!;
      });
    }
    const answer = solveLinear(matrix, [...g.map((v) => -v), ...set.map((row) => b[row]!)]);
    if (answer === undefined) continue;
    const x = answer.slice(0, n);
    const size1 = 1 + Math.max(...x.map(Math.abs));
    if (set.some((row, k) => row >= equalities && answer[n + k]! < -1e-9)) continue;
    if (rows.some((row, i) => row.reduce((sum, v, j) => sum + v * x[j]!, 0) < b[i]! - 1e-9 * size1)) continue;
    let value = 0;
    for (let i = 0; i < n; i++) {
      value += g[i]! * x[i]!;
      for (let j = 0; j < n; j++) value += 0.5 * x[i]! * h[i]![j]! * x[j]!;
    }
    return { x, value };
  }
  return undefined;
}
