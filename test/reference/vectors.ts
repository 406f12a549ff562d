import { stream } from "../../bindings/random.js";

/** Vectors that a quantizer must survive, by name. */
export function awkwardVectors(): Record<string, Float32Array> {
  const normals = (n: number, scale: number) => {
    const out = new Float32Array(n);
    stream(5, "test", n).fillNormal(out, scale);
    return out;
  };
  return {
    empty: new Float32Array(0),
    one: new Float32Array([-0.3]),
    zeros: new Float32Array(37),
    "signed zeros": new Float32Array([0, -0, 0, -0, 0]),
    denormals: new Float32Array([1e-45, -3e-45, 1e-40, -1.1e-38, 0]),
    edge: new Float32Array([3.4028234663852886e38, -3.4028234663852886e38, 3.4e38, 1, 0, -1e-45]),
    constant: new Float32Array(50).fill(-0.25),
    "one of many": Float32Array.from({ length: 70 }, (_, i) => (i === 33 ? 5 : 0)),
    powers: Float32Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 1 : -1) * 2 ** (i - 30)),
    ties: Float32Array.from({ length: 64 }, (_, i) => (i - 32) / 4),
    small: normals(129, 1e-3),
    normal: normals(5000, 1),
    large: normals(1031, 1e30),
  };
}
