import { resolveConfig } from "../parts/resolve.js";
import { type Axis, budgetAxis, namedAxis } from "../study/plan/axes.js";
import { differenceClaim } from "./claims.js";
import { type Experiment, planOf, type Scenario } from "./experiment.js";

/** Power methods at equal budgets: the same training, so that only the number of rounds that fit makes the difference. */
export const power: Experiment = {
  name: "power",
  title: "Power allocation at equal budgets",
  about:
    "Every method pays for the same rounds (EMQ, AdaDelta); what differs is how many fit: at the scenario's budgets, " +
    "which are ours, and with half the energy. As published: Dinkelbach's " +
    "iteration cut after one step and full power, which the authors' code calls max-sum. Fair: Dinkelbach's iteration " +
    "to convergence and the maximum of the sum rate by WMMSE.",
  grids: (scenario) => [
    {
      form: "fair",
      title: "Power methods, EMQ and AdaDelta",
      plan: planOf(scenario, {
        axes: [
          namedAxis(
            "power",
            "most-rounds,joint,min-max,dinkelbach,dinkelbach-one-step,full,sum-rate,max-min,fractional",
          ),
          budgetsOf(scenario),
        ],
        sets: ["quantizer=emq", "training.optimizer=adadelta"],
        baseline: "most-rounds",
      }),
    },
  ],
  claims({ scenario, grids, runs }) {
    const { grid } = grids[0]!;
    return budgetsOf(scenario).variants.flatMap(({ label: budget }, i) =>
      (
        [
          ["as published", "dinkelbach-one-step", "Dinkelbach", 7],
          ["as published", "full", "max-sum rate", 19],
          ["fair", "dinkelbach", "Dinkelbach", 7],
          ["fair", "sum-rate", "max-sum rate", 19],
        ] as const
      ).map(([form, method, name, points]) =>
        differenceClaim(
          {
            source: "[P]",
            statement: `up to +${points} points of accuracy over ${name} (here: ${method})`,
            form,
            where: `${scenario.title}; ${budget}`,
            published: { bound: "up to", value: points },
            // Half the energy is a setting of ours.
            family: i === 0 ? "primary" : "secondary",
          },
          grid,
          runs,
          { better: { power: "most-rounds", budget }, worse: { power: method, budget } },
        ),
      ),
    );
  },
};

/** The scenario's own budgets, and half the energy. */
function budgetsOf({ preset, sets }: Scenario): Axis {
  const { energy, latency } = resolveConfig({ preset, sets }).budgets;
  const seconds = `latency=${latency ?? "none"}`;
  return budgetAxis([`energy=${energy ?? "none"},${seconds}`, `energy=${energy === null ? 1 : energy / 2},${seconds}`]);
}
