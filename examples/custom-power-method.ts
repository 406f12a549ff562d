// What is lost by a power method that only looks at the channel's gain? One of one's own against the paper's.
import { type PowerMethod, priceUpload, simulate } from "cellfed";

/** Powers that fall with the square root of the gain, the weakest client at full power. */
const inverseRoot: PowerMethod = {
  name: "inverse-root",
  allocate(problem) {
    const { signal } = problem.rates;
    const weakest = Math.min(...signal);
    const power = signal.map((gain) => Math.sqrt(weakest / gain));
    return { power, ...priceUpload(problem, power), status: "converged", iterations: 0 };
  },
};

const config = { preset: "quick", rounds: 4, data: { trainExamples: 600 } } as const;
const own = await simulate(config, { powerMethod: inverseRoot });
const paper = await simulate(config);
console.log(`own ${own.final.energy} J, ${own.final.latency} s`);
console.log(`most-rounds ${paper.final.energy} J, ${paper.final.latency} s`);
