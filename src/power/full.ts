import type { PowerMethod } from "../config/records.js";
import { allocation } from "./cost.js";
import type { Method } from "./method.js";
import { senders, trivialAllocation } from "./problem.js";

export const fullMethod: Method = {
  name: "full",
  title: "full power",
  settings: {},
  create: full,
};

/** Full power: p = 1 for every client that has something to send (the authors' code calls it max-sum). */
export function full(): PowerMethod {
  return {
    name: "full",
    minimizes: "nothing: full power",
    allocate(problem) {
      const active = senders(problem);
      const answer = trivialAllocation(problem, active);
      if (answer !== undefined) return answer;
      const power = new Float64Array(problem.rates.clients);
      for (const k of active) power[k] = 1;
      return allocation(problem, power, { status: "converged", iterations: 0 });
    },
  };
}
