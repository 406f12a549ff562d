import { coderOf, type Method } from "../method.js";
import { mostGridBits } from "./grid.js";
import { decodeInnovation, encodeInnovation, lastInnovation } from "./innovation.js";

/**
 * LAQ, lazily aggregated quantization (Sun et al., NeurIPS 2019): the innovation on a grid of b bits (innovation.ts),
 * nominal 32 + b d. The client skips a round, and counts with what it sent last, when
 *   ‖Δq‖² ≤ ξ Σ_{j=1…D} ‖w_{t+1−j} − w_{t−j}‖² + 3(‖ε‖² + ‖ε̂‖²),
 * ε̂ the error of its last upload, and at most `patience` rounds in a row. Equation (7) there has 1/(α² M²) before the
 * sum because its server adds M gradients times α; ours averages updates, which makes both 1.
 * The variant "authors-code": innovation.ts.
 */
export const laq: Method = {
  name: "laq",
  title: "LAQ",
  format: 4,
  summary: "lazy uploads of the innovation on a uniform grid",
  resolution: () => ({ setting: "bits", unit: "bits" }),
  proof: {
    benchmark: [{ bits: 2 }, { bits: 4 }, { bits: 8 }],
    forms: [{}, { variant: "authors-code" }, { variant: "authors-code", bits: 16 }],
    goldens: [
      { settings: { bits: 2 }, nmse: ["0.771198", "4.13231"] },
      { settings: { bits: 4 }, nmse: ["0.0277111", "0.0974306"] },
      { settings: { bits: 8 }, nmse: ["9.58773e-5", "3.15388e-4"] },
    ],
  },
  settings: {
    bits: { default: 4, integer: true, minimum: 1, maximum: mostGridBits, summary: "bits an entry" },
    variant: {
      default: "original",
      choices: ["original", "authors-code"],
      summary: "authors-code: on the weights, on a grid with zero, never skipping",
    },
    history: {
      default: 10,
      integer: true,
      minimum: 1,
      maximum: 1000,
      summary: "D, model changes in the lazy rule",
      when: { setting: "variant", is: ["original"] },
    },
    weight: {
      default: 0.8,
      minimum: 0,
      maximum: 1000,
      summary: "ξ · D of the lazy rule",
      when: { setting: "variant", is: ["original"] },
    },
    patience: {
      default: 100,
      integer: true,
      minimum: 0,
      maximum: 1e9,
      summary: "t̄, most rounds skipped in a row",
      when: { setting: "variant", is: ["original"] },
    },
  },
  needsModel: (settings) => settings.variant === "authors-code",
  encoder(settings) {
    const history = settings.history as number;
    const xi = (settings.weight as number) / history;
    const patience = settings.patience as number;
    const original = settings.variant === "original";
    const plan = {
      bits: () => settings.bits as number,
      onWeights: !original,
      coder: coderOf(settings),
      skips: original
        ? ({ step, error, lastError, skipped }, { modelChanges }) => {
            const moved = modelChanges.slice(0, history).reduce((sum, one) => sum + one, 0);
            return skipped < patience && step <= xi * moved + 3 * (error + lastError);
          }
        : null,
    } satisfies Parameters<typeof encodeInnovation>[0];
    return (input, context, writer) => encodeInnovation(plan, input, context, writer);
  },
  decode: decodeInnovation,
  absent: lastInnovation,
};
