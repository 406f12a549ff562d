import { describe, expect, it } from "vitest";
import { stream } from "../../bindings/random.js";
import { curvatureOf, someOf } from "../../src/federated/curvature.js";

const at = (round: number) => ({ seed: 1, client: 3, round });

/** f(w) = ½ (w − c)ᵀ H (w − c), symmetric H [n·n]. */
function quadratic(hessian: Float64Array, center: Float32Array) {
  const n = center.length;
  return (w: Float32Array): number => {
    let sum = 0;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) sum += hessian[i * n + j]! * (w[i]! - center[i]!) * (w[j]! - center[j]!);
    return sum / 2;
  };
}

describe("how a loss bends", () => {
  const n = 37; // more than a word of signs
  const random = stream(5, "test");
  const normals = (length: number) => {
    const values = new Float64Array(length);
    random.fillNormal(values);
    return values;
  };
  const factor = normals(n * n);
  const hessian = Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let k = 0; k < n; k++) sum += (factor[i * n + k]! * factor[j * n + k]!) / n;
    return sum;
  });
  const model = Float32Array.from(normals(n));
  const update = Float32Array.from(normals(n), (v) => 0.1 * v);
  const lossAt = quadratic(hessian, Float32Array.from(normals(n)));

  it("along an update is vᵀHv/‖v‖²", () => {
    let [product, squared] = [0, 0];
    for (let i = 0; i < n; i++) {
      squared += update[i]! ** 2;
      for (let j = 0; j < n; j++) product += hessian[i * n + j]! * update[i]! * update[j]!;
    }
    // w ± u are rounded to float32: some 1e-7 of the loss' slope, over ‖u‖² = 0.3.
    expect(curvatureOf(lossAt, model, update, at(1)).along).toBeCloseTo(product / squared, 3);
  });

  it("in the mean over directions is the trace over n, and exactly so where H is diagonal", () => {
    const diagonal = hessian.map((h, at) => (at % (n + 1) === 0 ? h : 0));
    const trace = diagonal.reduce((sum, h) => sum + h, 0) / n;
    const center = new Float32Array(n);
    expect(curvatureOf(quadratic(diagonal, center), model, update, at(1)).mean).toBeCloseTo(trace, 3);
    const draws = Array.from({ length: 400 }, (_, round) => curvatureOf(lossAt, model, update, at(round)).mean);
    const mean = draws.reduce((sum, d) => sum + d, 0) / draws.length;
    const deviation = Math.sqrt(draws.reduce((sum, d) => sum + (d - mean) ** 2, 0) / draws.length);
    expect(deviation).toBeGreaterThan(0);
    // Four standard errors
    expect(Math.abs(mean - trace)).toBeLessThan((4 * deviation) / Math.sqrt(draws.length));
  });

  it("is nothing along an update of zeros", () => {
    expect(curvatureOf(lossAt, model, new Float32Array(n), at(1))).toEqual({ along: 0, mean: 0 });
  });
});

it.each([
  [3, [0, 1, 2]],
  [256, [0, 1, 255]],
  [600, [0, 3, 597]],
])("of %i examples of a client some are looked at, from all over its shard", (count, some) => {
  const shard = Int32Array.from({ length: count }, (_, i) => 699 - i);
  const chosen = [...someOf(shard)];
  expect(chosen).toHaveLength(Math.ceil(count / Math.ceil(count / 256)));
  for (const i of some) expect(chosen).toContain(699 - i);
  expect(new Set(chosen).size).toBe(chosen.length);
});
