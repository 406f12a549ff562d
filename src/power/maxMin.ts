import type { PowerMethod } from "../config/records.js";
import { allocation } from "./cost.js";
import type { Method } from "./method.js";
import { equalize } from "./minMax.js";
import { senders, trivialAllocation } from "./problem.js";
import { withWorkspace } from "./workspace.js";

export const maxMinMethod: Method = {
  name: "max-min",
  title: "max–min rate",
  settings: {},
  create: maxMin,
};

/**
 * Max–min fairness, exact: the largest rate that every client with bits can have at once (Björnson, Sanguinetti,
 * "Scalable Cell-Free Massive MIMO Systems", and Ngo et al., TWC 2017), whatever it has to send.
 */
export function maxMin(): PowerMethod {
  return {
    name: "max-min",
    minimizes: "no energy: the smallest rate is made large",
    allocate(problem) {
      const active = senders(problem);
      const answer = trivialAllocation(problem, active);
      if (answer !== undefined) return answer;
      return withWorkspace(problem, active, (workspace) => {
        workspace.views().demand.fill(1);
        const { power: found, iterations } = equalize(workspace);
        const power = new Float64Array(problem.rates.clients);
        active.forEach((k, i) => {
          power[k] = found[i]!;
        });
        return allocation(problem, power, { status: "converged", iterations });
      });
    },
  };
}
