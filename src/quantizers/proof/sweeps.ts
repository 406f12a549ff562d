import type { Quantizer, TensorSlice } from "../../config/records.js";
import { quantizer } from "../index.js";
import { decadeScales, type Measurement, measureQuantizer, scaled } from "./benchmark.js";
import { gaussianProbe, heavyTailedProbe, laplaceProbe, shuffled } from "./probes.js";

/** A vector under test, with the tensors it consists of where they are known. */
export interface ProbeVector {
  name: string;
  v: Float32Array;
  tensors: readonly TensorSlice[];
}

/** One vector through one quantizer. */
export interface InputRow extends Measurement {
  input: string;
}

export interface SweepRow extends InputRow {
  /** The input's factor, or the significance threshold */
  scale: number | null;
  threshold: number | null;
}

/** The probes and vectors of one's own through a quantizer. */
export function measureInputs(method: Quantizer, own: readonly ProbeVector[], seed: number): InputRow[] {
  return [...probes(), ...own].map(({ name, v, tensors }) => ({
    input: name,
    ...measureQuantizer(method, v, seed, tensors),
  }));
}

/** The probes through a quantizer, at scales over a decade. */
export function scaleSweep(method: Quantizer, seed: number): SweepRow[] {
  return probes().flatMap(({ name, v }) =>
    decadeScales.map((scale) => ({
      input: name,
      scale,
      threshold: null,
      ...measureQuantizer(method, scaled(v, scale), seed),
    })),
  );
}

const thresholds = [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5];

/** The probes and vectors of one's own through EMQ, over its thresholds. */
export function thresholdSweep(own: readonly ProbeVector[], seed: number): SweepRow[] {
  return [...probes(), ...own].flatMap(({ name, v, tensors }) =>
    thresholds.map((threshold) => ({
      input: name,
      scale: null,
      threshold,
      ...measureQuantizer(quantizer("emq", { threshold }), v, seed, tensors),
    })),
  );
}

let known: readonly ProbeVector[] | undefined;

function probes(): readonly ProbeVector[] {
  known ??= [
    { name: "gaussian", v: shuffled(gaussianProbe()), tensors: [] },
    { name: "laplace", v: shuffled(laplaceProbe()), tensors: [] },
    { name: "heavy-tailed", v: shuffled(heavyTailedProbe()), tensors: [] },
  ];
  return known;
}
