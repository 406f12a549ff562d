import { equalChance, largest, type SelectionRule } from "../rule.js";
import { inclusionProbabilities, systematicSample } from "../sampling.js";

/**
 * By the norm of what a client sent last, D_k ‖Q(v_k)‖, which the server knows without being told; whoever has not sent
 * yet counts as the largest. Chosen are the largest, or (`draw`) each with a chance of min(1, c · D_k ‖Q(v_k)‖), the
 * least variance of the unbiased sum at M participants (Chen, Horváth, Richtárik, "Optimal client sampling", 2022,
 * there with norms of this round).
 */
export const updateNorm: SelectionRule = {
  name: "update-norm",
  title: "update norm",
  summary: "largest norm of what a client sent last, times its examples",
  looksAt: ["updates"],
  draws: true,
  settings: {
    draw: { default: true, summary: "drawn with chances in proportion to the norms, instead of the largest" },
    floor: {
      default: 0.1,
      above: 0,
      maximum: 1,
      summary: "share of the mean that a norm counts as at least, so that nobody is left out for ever",
      when: { setting: "draw", is: [true] },
    },
  },
  select(view, { draw, floor }) {
    const { available, examples, updateNorm: norms, random, count } = view;
    const size = (client: number) => examples[client]! * norms![client]!;
    const known = available.map(size).filter((norm) => !Number.isNaN(norm));
    const unknown = (client: number) => Number.isNaN(norms![client]!);
    if (draw !== true)
      return { clients: largest(view, (client) => (unknown(client) ? Number.POSITIVE_INFINITY : size(client))) };
    const highest = known.reduce((most, norm) => Math.max(most, norm), 0);
    if (!(highest > 0)) {
      const chance = equalChance(view);
      return { clients: systematicSample(chance, random), probability: chance };
    }
    const mean = known.reduce((sum, norm) => sum + norm, 0) / known.length;
    const weights = new Array<number>(view.clients).fill(0);
    for (const client of available) {
      weights[client] = unknown(client) ? highest : Math.max(size(client), (floor as number) * mean);
    }
    const probability = inclusionProbabilities(weights, count);
    return { clients: systematicSample(probability, random), probability };
  },
};
