import type { Variant } from "../../study/plan/axes.js";

/** A method of the zoo, with the resolutions among which it is chosen, from few bits to many; one where it has none. */
export interface ZooMethod {
  /** What the choice is called, and the method where it has no resolution */
  name: string;
  /** Settings of its quantizer as of `--set`, one list a candidate */
  candidates: readonly Variant[];
}

/** Candidates over one setting, from few bits to many. */
function over(name: string, setting: string, values: readonly number[], ...fixed: string[]): ZooMethod {
  const [quantizer] = name.split(",") as [string];
  const candidates = values.map((value) => ({
    label: `${name}, ${setting} ${value}`,
    sets: [`quantizer=${quantizer}`, ...fixed, `quantizer.${setting}=${value}`],
  }));
  return { name, candidates };
}

function alone(name: string, ...fixed: string[]): ZooMethod {
  const [quantizer] = name.split(",") as [string];
  return { name, candidates: [{ label: name, sets: [`quantizer=${quantizer}`, ...fixed] }] };
}

/** Full precision: what all are held against. */
export const whole = alone("identity");
export const decade = over("emq, decade", "digits", [0, 1, 2]);
export const freeStep = over("emq, free step", "levels", [3, 10, 30], "quantizer.step=fractional");
/** At a tenth of a bit or less. */
export const rateDistortion = over("rate-distortion", "bits", [0.02, 0.05, 0.1]);

/** Everything there is, each once: what has error feedback by default keeps it, the others are as their papers have them. */
export const zoo: readonly ZooMethod[] = [
  whole,
  decade,
  freeStep,
  rateDistortion,
  over("rate-distortion, no feedback", "bits", [0.02, 0.05, 0.1], "quantizer.feedback=0"),
  alone("rate-distortion, both ways", "downlink.quantizer=rate-distortion", "downlink.initial=seed"),
  over("mixed-resolution", "bits", [4, 6, 10]),
  over("laq", "bits", [2, 4, 8]),
  alone("aquila"),
  over("top-q", "fraction", [0.002, 0.01, 0.05], "quantizer.bits=4"),
  over("top-k", "fraction", [0.002, 0.01, 0.05]),
  over("rand-k", "fraction", [0.01, 0.1, 0.5]),
  over("qsgd", "levels", [1, 4, 16]),
  over("nuqsgd", "levels", [1, 3, 7]),
  ...["terngrad", "sign", "natural"].map((name) => alone(name)),
  over("uniform", "bits", [4, 6, 8]),
  ...["fp16", "bf16", "fp8-e4m3", "fp8-e5m2", "mxfp4", "mxfp8", "nf4"].map((name) => alone(name)),
  over("drive", "bits", [1, 2, 4]),
  over("eden", "bits", [0.1, 0.5, 2]),
  over("turboquant", "bits", [1, 2, 4]),
  over("quic-fl", "bits", [1, 2, 4]),
  over("fedbif", "bits", [2, 4, 8]),
  over("thc", "bits", [2, 3, 4]),
  over("powersgd", "rank", [1, 2, 4]),
];
