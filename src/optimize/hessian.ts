/**
 * Powell's damped BFGS update of B [n × n] for the step s and the change y of the Lagrangian's gradient:
 * y is pulled towards Bs until s'y ≥ 0.2 s'Bs, so that B stays positive definite. (Nocedal and Wright, Procedure 18.2.)
 */
export function dampedBfgs(b: Float64Array, s: Float64Array, y: Float64Array, product: Float64Array): void {
  const n = s.length;
  let sBs = 0;
  let sy = 0;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += b[i * n + j]! * s[j]!;
    product[i] = sum;
    sBs += s[i]! * sum;
    sy += s[i]! * y[i]!;
  }
  if (!(sBs > 0)) return;
  const theta = sy >= 0.2 * sBs ? 1 : (0.8 * sBs) / (sBs - sy);
  let sr = 0;
  for (let i = 0; i < n; i++) {
    y[i] = theta * y[i]! + (1 - theta) * product[i]!;
    sr += s[i]! * y[i]!;
  }
  if (!(sr > 0)) return;
  for (let i = 0; i < n; i++) {
    const left = product[i]! / sBs;
    const right = y[i]! / sr;
    for (let j = 0; j <= i; j++) {
      const value = b[i * n + j]! - left * product[j]! + right * y[j]!;
      b[i * n + j] = value;
      b[j * n + i] = value;
    }
  }
}
