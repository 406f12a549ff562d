import { log2 } from "../../../bindings/math.js";
import { coderOf, type Method } from "../method.js";
import { mostGridBits } from "./grid.js";
import { decodeInnovation, encodeInnovation, type InnovationPlan, lastInnovation } from "./innovation.js";

/**
 * AQUILA (Zhao et al., arXiv 2308.00258): as LAQ, with b = ⌊log2(1 + R√d / ‖y‖₂)⌋ of each innovation y, R = ‖y‖_∞, at
 * least 1, and skipping when ‖Δq‖² + ‖ε‖² ≤ β ‖w_t − w_{t−1}‖² (its α is 1 for averaged updates). Nominal 32 + b d.
 * The variant "authors-code": innovation.ts; one bit then sends zeros only.
 */
export const aquila: Method = {
  name: "aquila",
  title: "AQUILA",
  format: 5,
  summary: "LAQ with the bits chosen from the innovation's shape",
  proof: { forms: [{}, { variant: "authors-code" }], goldens: [{ settings: {}, nmse: ["0.771198", null] }] },
  settings: {
    variant: {
      default: "original",
      choices: ["original", "authors-code"],
      summary: "authors-code: on the weights, on a grid with zero, never skipping",
    },
    beta: {
      default: 0.25,
      minimum: 0,
      maximum: 1000,
      summary: "β of the skip rule",
      when: { setting: "variant", is: ["original"] },
    },
  },
  needsModel: (settings) => settings.variant === "authors-code",
  encoder(settings) {
    const beta = settings.beta as number;
    const original = settings.variant === "original";
    const plan: InnovationPlan = {
      bits({ values, range, energy }) {
        if (energy === 0) return 1;
        const bits = Math.floor(log2(1 + range * Math.sqrt(values.length / energy)));
        return Math.max(1, Math.min(mostGridBits, bits));
      },
      onWeights: !original,
      coder: coderOf(settings),
      skips: original
        ? ({ step, error }, { modelChanges }) => step + error <= beta * (modelChanges[0] as number)
        : null,
    };
    return (input, context, writer) => encodeInnovation(plan, input, context, writer);
  },
  decode: decodeInnovation,
  absent: lastInnovation,
};
