import { namedAxis } from "../study/plan/axes.js";
import { differenceClaim } from "./claims.js";
import { type Experiment, planOf } from "./experiment.js";

const plans = [
  { plan: "joint-resolution", what: "resolution" },
  { plan: "joint-rate", what: "rate" },
];

/** Beyond the papers: every client's resolution chosen together with its power. */
export const joint: Experiment = {
  name: "joint",
  title: "Resolution and power together",
  about:
    "The paper asks for quantization and power to be optimized together and fixes the resolution all the same. Here " +
    "every client's EMQ step is chosen with its power, of a ladder (joint-resolution) or as bits by one convex program a " +
    "round (joint-rate), so that the expected progress per budget is largest (see docs/choices.md), and compared at equal " +
    "budgets with the paper's decade, with a free step common to all, and " +
    "with one digit more. Its training depends on the channel, so that fewer drops are run.",
  grids: (scenario) => [
    {
      form: "fair",
      title: "Joint resolution and power against fixed resolutions",
      plan: planOf(
        { ...scenario, drops: Math.min(scenario.drops, 2) },
        {
          axes: [namedAxis("quantizer", "emq,emq:step=fractional,emq:digits=1,joint-resolution,joint-rate")],
          sets: ["training.optimizer=adadelta", "power=most-rounds"],
          baseline: "emq",
        },
      ),
    },
  ],
  claims: ({ scenario, grids, runs }) =>
    plans.flatMap(({ plan, what }) =>
      ["emq", "emq:step=fractional"].map((fixed) =>
        differenceClaim(
          {
            source: "ours",
            statement: `${what} and power together better than ${fixed} with the most-rounds powers`,
            form: "fair",
            where: scenario.title,
            published: { bound: "better", value: 0 },
          },
          grids[0]!.grid,
          runs,
          { better: { quantizer: plan }, worse: { quantizer: fixed } },
        ),
      ),
    ),
};
