/** A linear map, out = A x. */
export type LinearMap = (x: Float64Array, out: Float64Array) => void;

/**
 * A x = b by restarted GMRES from x = 0 (Saad and Schultz, SIAM J. Sci. Stat. Comput. 7, 1986).
 * @param b becomes the residual
 * @param tolerance of the residual's 2-norm, over b's
 * @returns the residual's 2-norm over b's
 */
export function createGmres(size: number, cycle: number) {
  const basis = Array.from({ length: cycle + 1 }, () => new Float64Array(size));
  const triangle = Array.from({ length: cycle }, () => new Float64Array(cycle + 1));
  const [cosine, sine, rest] = [new Float64Array(cycle), new Float64Array(cycle), new Float64Array(cycle + 1)];
  const product = new Float64Array(size);

  /** One cycle from the residual r. @returns the dimension of the space */
  const expand = (apply: LinearMap, r: Float64Array, norm: number, enough: number): number => {
    const start = basis[0]!;
    for (let i = 0; i < size; i++) start[i] = r[i]! / norm;
    rest[0] = norm;
    let j = 0;
    while (j < cycle) {
      const w = basis[j + 1]!;
      const column = triangle[j]!;
      apply(basis[j]!, w);
      for (let i = 0; i <= j; i++) {
        const from = basis[i]!;
        const share = dot(w, from);
        column[i] = share;
        for (let l = 0; l < size; l++) w[l] = w[l]! - share * from[l]!;
      }
      const length = Math.sqrt(dot(w, w));
      if (length > 0) for (let l = 0; l < size; l++) w[l] = w[l]! / length;
      for (let i = 0; i < j; i++) {
        const [a, b] = [column[i]!, column[i + 1]!];
        column[i] = cosine[i]! * a + sine[i]! * b;
        column[i + 1] = cosine[i]! * b - sine[i]! * a;
      }
      const radius = Math.sqrt(column[j]! * column[j]! + length * length);
      if (!(radius > 0)) break;
      cosine[j] = column[j]! / radius;
      sine[j] = length / radius;
      column[j] = radius;
      rest[j + 1] = -sine[j]! * rest[j]!;
      rest[j] = cosine[j]! * rest[j]!;
      j++;
      if (Math.abs(rest[j]!) <= enough || length === 0) break;
    }
    return j;
  };

  return (apply: LinearMap, b: Float64Array, x: Float64Array, tolerance: number, cycles: number): number => {
    x.fill(0);
    const first = Math.sqrt(dot(b, b));
    if (!(first > 0)) return 0;
    let norm = first;
    for (let turn = 0; turn < cycles && norm > tolerance * first; turn++) {
      const steps = expand(apply, b, norm, 0.5 * tolerance * first);
      for (let i = steps - 1; i >= 0; i--) {
        let sum = rest[i]!;
        for (let j = i + 1; j < steps; j++) sum -= triangle[j]![i]! * rest[j]!;
        rest[i] = sum / triangle[i]![i]!;
      }
      product.fill(0);
      for (let j = 0; j < steps; j++) {
        const v = basis[j]!;
        for (let l = 0; l < size; l++) product[l] = product[l]! + rest[j]! * v[l]!;
      }
      for (let l = 0; l < size; l++) x[l] = x[l]! + product[l]!;
      const estimate = Math.abs(rest[steps]!);
      if (estimate <= tolerance * first) return estimate / first;
      apply(product, basis[0]!);
      for (let l = 0; l < size; l++) b[l] = b[l]! - basis[0]![l]!;
      const next = Math.sqrt(dot(b, b));
      if (!(next < 0.9 * norm)) return next / first;
      norm = next;
    }
    return norm / first;
  };
}

function dot(a: Float64Array, b: Float64Array): number {
  let [even, odd] = [0, 0];
  let i = 0;
  for (; i + 1 < a.length; i += 2) {
    even += a[i]! * b[i]!;
    odd += a[i + 1]! * b[i + 1]!;
  }
  if (i < a.length) even += a[i]! * b[i]!;
  return even + odd;
}
