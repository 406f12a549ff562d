import type { Quantizer } from "../../config/records.js";
import { quantizer } from "../index.js";
import { freshContext } from "../method.js";
import type { Settings } from "../settings.js";
import { distortion } from "./measure.js";
import { gaussianProbe, laplaceProbe } from "./probes.js";

/** Normalized errors on the probes that are known from elsewhere, to the digits given; [Gaussian, Laplace]. */
interface Golden {
  name: string;
  settings: Settings;
  nmse: readonly [string | null, string | null];
  /** The value is an expectation over the seeds, or a limit for many entries ("rotation") */
  random?: "rounding" | "rotation";
}

const midRise = { kind: "mid-rise" };
const goldens: readonly Golden[] = [
  { name: "emq", settings: {}, nmse: ["0.083", "0.933"] },
  { name: "sign", settings: {}, nmse: ["0.363371", "0.499944"] },
  { name: "laq", settings: { bits: 2 }, nmse: ["0.771198", "4.13231"] },
  { name: "laq", settings: { bits: 4 }, nmse: ["0.0277111", "0.0974306"] },
  { name: "laq", settings: { bits: 8 }, nmse: ["9.58773e-5", "3.15388e-4"] },
  { name: "aquila", settings: {}, nmse: ["0.771198", null] },
  { name: "top-q", settings: { fraction: 0.01 }, nmse: ["0.915563", "0.838"] },
  { name: "top-q", settings: { fraction: 0.1 }, nmse: ["0.560709", "0.4047"] },
  { name: "mxfp4", settings: {}, nmse: ["0.0128052", "0.0179"] },
  { name: "mxfp8", settings: {}, nmse: ["7.59666e-4", "0.001165"] },
  {
    name: "uniform",
    settings: { ...midRise, bits: 2, rounding: "stochastic" },
    nmse: ["1.46395", "6.017"],
    random: "rounding",
  },
  {
    name: "uniform",
    settings: { ...midRise, bits: 4, rounding: "stochastic" },
    nmse: ["0.0554218", "0.1877"],
    random: "rounding",
  },
  { name: "qsgd", settings: { levels: 4 }, nmse: ["3.51355", "3.002"], random: "rounding" },
  { name: "qsgd", settings: { levels: 16 }, nmse: ["0.333338", "0.3129"], random: "rounding" },
  { name: "terngrad", settings: {}, nmse: ["2.45085", "4.54586"], random: "rounding" },
  { name: "natural", settings: {}, nmse: ["0.0817171", "0.0820446"], random: "rounding" },
  { name: "drive", settings: {}, nmse: ["0.570796", "0.570796"], random: "rotation" },
  { name: "eden", settings: { bits: 2 }, nmse: ["0.133121", "0.133121"], random: "rotation" },
];

/** Quantizers with known errors, in the order of the results. */
export const goldenNames: readonly string[] = [...new Set(goldens.map(({ name }) => name))];

export interface GoldenResult {
  quantizer: string;
  probe: "gaussian" | "laplace";
  known: number;
  measured: number;
  /** Half of the 95 % interval of a mean over seeds; 0 of a deterministic quantizer */
  interval: number;
  passed: boolean;
}

/** Every known error against ours: to the printed digits, or within the interval of a mean over `seeds` seeds. */
export function checkGoldens(names: (name: string) => boolean = () => true, seeds = 16): GoldenResult[] {
  const probes = [gaussianProbe(), laplaceProbe()] as const;
  return goldens
    .filter(({ name }) => names(name))
    .flatMap((golden) =>
      probes.flatMap((probe, p): GoldenResult[] => {
        const printed = golden.nmse[p as 0 | 1];
        if (printed === null) return [];
        const method = quantizer(golden.name, golden.settings);
        const values = Array.from({ length: golden.random === undefined ? 1 : seeds }, (_, seed) =>
          nmseOf(method, probe, seed + 1),
        );
        const { mean, error } = meanAndError(values);
        const known = Number(printed);
        // Half a unit of the last printed digit; the float32 probe itself moves a sum by less than 1e-6 of it.
        const rounding = halfUnit(printed) + 1e-6 * known;
        // A rotation of 65536 entries is not quite normal: 1e-3 of the limit.
        const slack = golden.random === "rotation" ? 1e-3 * known : 0;
        return [
          {
            quantizer: labelOf(golden.name, golden.settings),
            probe: p === 0 ? "gaussian" : "laplace",
            known,
            measured: mean,
            interval: 1.96 * error,
            passed: Math.abs(mean - known) <= rounding + slack + 4 * error,
          },
        ];
      }),
    );
}

/** "laq:bits=4", as the command line takes it. */
export function labelOf(name: string, settings: Settings): string {
  return [name, ...Object.entries(settings).map(([key, value]) => `${key}=${value}`)].join(":");
}

export function meanAndError(values: readonly number[]): { mean: number /** Standard error */; error: number } {
  const n = values.length;
  const mean = values.reduce((sum, x) => sum + x, 0) / n;
  const squares = values.reduce((sum, x) => sum + (x - mean) * (x - mean), 0);
  return { mean, error: n > 1 ? Math.sqrt(squares / (n - 1) / n) : 0 };
}

function nmseOf(method: Quantizer, v: Float32Array, seed: number): number {
  const packet = method.encode(v, freshContext(seed));
  const decoded = new Float32Array(v.length);
  if (packet !== null) method.decode(packet.bytes, decoded, freshContext(seed));
  return distortion(v, decoded).nmse;
}

function halfUnit(printed: string): number {
  const [digits, exponent = "0"] = printed.split("e") as [string, string?];
  return 0.5 * Number(`1e${Number(exponent) - (digits.split(".")[1] ?? "").length}`);
}
