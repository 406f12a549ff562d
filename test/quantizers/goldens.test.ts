import { describe, expect, it } from "vitest";
import { freshContext, quantizer } from "../../src/quantizers/index.js";
import { distortion } from "../../src/quantizers/proof/measure.js";
import { gaussianProbe, inverseNormal, laplaceProbe } from "../../src/quantizers/proof/probes.js";

const gaussian = gaussianProbe();
const laplace = laplaceProbe();

function nmse(name: string, settings: Record<string, string | number>, v: Float32Array, seed = 0): number {
  const q = quantizer(name, settings);
  const packet = q.encode(v, freshContext(seed))!;
  const decoded = new Float32Array(v.length);
  q.decode(packet.bytes, decoded, freshContext());
  return distortion(v, decoded).nmse;
}

it("the probes are those of the reference", () => {
  [-4.32491904, 0.30032237, -0.71903039, 1.05412795].forEach((x, j) => {
    expect(Math.abs(inverseNormal((((40503 * j) % 65536) + 0.5) / 65536) - x)).toBeLessThanOrEqual(0.5e-8);
  });
  [-11.09035489, 0.26927745, -0.75051744, 1.23160323].forEach((x, j) => {
    expect(laplace[j]).toBeCloseTo(x, 6);
  });
});

/** Printed digits, so half a unit of the last one; float32 probes and values move the sums by a few 1e-7 relative. */
function near(value: number, printed: string): void {
  const decimals = (printed.split(/e/)[0]!.split(".")[1] ?? "").length - Number(printed.split("e")[1] ?? 0);
  const golden = Number(printed);
  expect(Math.abs(value - golden)).toBeLessThanOrEqual(0.5 * 10 ** -decimals + 1e-6 * golden);
}

describe("deterministic quantizers", () => {
  it.each([
    ["sign", {}, "0.363371", "0.499944"],
    ["laq", { bits: 2 }, "0.771198", "4.13231"],
    ["laq", { bits: 4 }, "0.0277111", "0.0974306"],
    ["laq", { bits: 8 }, "9.58773e-5", "3.15388e-4"],
    ["uniform", { bits: 4, kind: "mid-rise" }, "0.0277111", "0.0974306"],
    ["aquila", {}, "0.771198", undefined],
    ["mxfp4", {}, "0.0128052", "0.0179"],
    ["mxfp8", {}, "7.59666e-4", "0.001165"],
    ["top-q", { fraction: 0.01 }, "0.915563", "0.838"],
    ["top-q", { fraction: 0.1 }, "0.560709", "0.4047"],
    ["emq", {}, "0.083", "0.933"],
  ] as const)("%s %j", (name, settings, onGaussian, onLaplace) => {
    near(nmse(name, settings, gaussian), onGaussian);
    if (onLaplace !== undefined) near(nmse(name, settings, laplace), onLaplace);
  });

  it("emq over scales of the probe", () => {
    near(
      nmse(
        "emq",
        {},
        gaussian.map((x) => x * 2.61),
      ),
      "0.837",
    );
    near(
      nmse(
        "emq",
        {},
        gaussian.map((x) => x * 8.25),
      ),
      "0.122",
    );
    near(
      nmse(
        "emq",
        {},
        laplace.map((x) => x * 8.25),
      ),
      "0.059",
    );
  });
});

// The mean over encodings with fixed seeds against the expectation, within four of its own standard errors (the
// goldens' half unit added): a seed that fails would have had a chance of 6e-5.
describe("stochastic quantizers, in expectation", () => {
  it.each([
    ["uniform", { bits: 2, kind: "mid-rise", rounding: "stochastic" }, "1.46395", "6.017"],
    ["uniform", { bits: 4, kind: "mid-rise", rounding: "stochastic" }, "0.0554218", "0.1877"],
    ["qsgd", { levels: 4, norm: "l2", bucket: 512 }, "3.51355", "3.002"],
    ["qsgd", { levels: 16, norm: "l2", bucket: 512 }, "0.333338", "0.3129"],
    ["terngrad", {}, "2.45085", "4.54586"],
    ["natural", {}, "0.0817171", "0.0820446"],
  ] as const)("%s %j", (name, settings, onGaussian, onLaplace) => {
    expectNear(name, settings, gaussian, onGaussian);
    expectNear(name, settings, laplace, onLaplace);
  });

  // The published values are limits for many entries; with 65536 the last digits differ by O(1/√n) of one rotation.
  it.each([
    ["drive", { bits: 1 }, 0.570796],
    ["eden", { bits: 1 }, 0.570796],
    ["eden", { bits: 2 }, 0.133121],
    // 1/(1 − D_b) − 1 with the distortions of the Lloyd–Max quantizers of a normal
    ["eden", { bits: 3 }, 0.035784],
    ["eden", { bits: 4 }, 0.0095921],
    ["eden", { bits: 5 }, 0.00251096],
    ["eden", { bits: 8 }, 4.11868e-5],
  ] as const)("%s %j", (name, settings, expected) => {
    for (const v of [gaussian, laplace]) {
      const values = Array.from({ length: 12 }, (_, seed) => nmse(name, settings, v, seed));
      const { mean, error } = meanAndError(values);
      expect(Math.abs(mean - expected)).toBeLessThan(5 * error + 2e-3 * expected);
      expect(Math.abs(mean - expected)).toBeLessThan(0.02 * expected);
    }
  });
});

function expectNear(name: string, settings: Record<string, string | number>, v: Float32Array, printed: string): void {
  const values = Array.from({ length: 16 }, (_, seed) => nmse(name, settings, v, seed + 1));
  const { mean, error } = meanAndError(values);
  const decimals = (printed.split(".")[1] ?? "").length;
  expect(error).toBeLessThan(0.005 * mean);
  expect(Math.abs(mean - Number(printed))).toBeLessThan(4 * error + 0.5 * 10 ** -decimals);
}

function meanAndError(values: readonly number[]) {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1);
  return { mean, error: Math.sqrt(variance / values.length) };
}
