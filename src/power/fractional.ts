import { pow } from "../../bindings/math.js";
import type { PowerMethod } from "../config/records.js";
import { allocation } from "./cost.js";
import type { Method } from "./method.js";
import { senders, trivialAllocation } from "./problem.js";

export const fractionalMethod: Method = {
  name: "fractional",
  title: "fractional",
  settings: { exponent: { default: 0.5, minimum: -10, maximum: 10, summary: "0: full power, 1: inverts the channel" } },
  create: ({ exponent }) => fractional({ exponent: exponent as number }),
};

/**
 * Fractional power control (Demir, Björnson, Sanguinetti, section 7.1.4, eq. 7.34's kind): p_k ∝ gain_k^{−exponent},
 * the weakest client at full power. The rate model holds no large-scale gains; √A_k, which is N Σ_l γ_kl in closed form,
 * stands for them. Exponent 0 is full power, 1 inverts the channel.
 */
export function fractional({ exponent }: { exponent: number }): PowerMethod {
  return {
    name: "fractional",
    minimizes: "nothing: powers by the channels' gains",
    allocate(problem) {
      const active = senders(problem);
      const answer = trivialAllocation(problem, active);
      if (answer !== undefined) return answer;
      const gains = active.map((k) => Math.sqrt(problem.rates.signal[k]!));
      const reference = exponent >= 0 ? Math.min(...gains) : Math.max(...gains);
      const power = new Float64Array(problem.rates.clients);
      active.forEach((k, i) => {
        power[k] = pow(reference / gains[i]!, exponent);
      });
      return allocation(problem, power, { status: "converged", iterations: 0 });
    },
  };
}
