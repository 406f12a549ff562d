import { methodText } from "../../config/grammar.js";
import type { Quantizer } from "../../config/records.js";
import { quantizer, quantizers } from "../index.js";
import { freshContext } from "../method.js";
import { distortion } from "./measure.js";
import { gaussianProbe, laplaceProbe } from "./probes.js";

/** What is known of every method, as it says itself. */
function goldens() {
  return quantizers.parts.flatMap((part) =>
    "proof" in part ? (part.proof?.goldens ?? []).map((golden) => ({ name: part.name, ...golden })) : [],
  );
}

/** Quantizers with known errors, in the order of the results. */
export function goldenNames(): string[] {
  return [...new Set(goldens().map(({ name }) => name))];
}

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
  return goldens()
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
            quantizer: methodText(golden),
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
