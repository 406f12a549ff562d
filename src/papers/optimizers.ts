import type { Axis } from "../study/plan/axes.js";
import { namedAxis } from "../study/plan/axes.js";
import { differenceClaim } from "./claims.js";
import { type Experiment, planOf } from "./experiment.js";

/** One rate for all but AdaDelta, as in the authors' code; and the usual rate of each. */
const forms = {
  "as published": ["adadelta", "sgd:learningRate=0.001", "adam:learningRate=0.001", "rmsprop:learningRate=0.001"],
  fair: [
    "adadelta",
    "sgd:learningRate=0.1",
    "momentum:learningRate=0.01",
    "adam",
    "rmsprop",
    "adagrad:learningRate=0.01",
  ],
} as const;

/** Optimizers, each quantized by EMQ and not, at equal budgets. */
export const optimizers: Experiment = {
  name: "optimizers",
  title: "Local optimizers, quantized and not",
  about:
    "As published: every optimizer but AdaDelta at a rate of 1e-3. Fair: SGD at 0.1 and momentum at 0.01, " +
    "Adam and RMSprop at 1e-3, Adagrad at 0.01, rates at which each is usually run.",
  grids: (scenario) =>
    (["as published", "fair"] as const).map((form) => ({
      form,
      title: `Optimizers, ${form === "fair" ? "each at its usual rate" : "all others at 1e-3"}`,
      plan: planOf(scenario, {
        axes: [namedAxis("optimizer", forms[form].join(",")), quantizerAxis],
        sets: ["power=most-rounds"],
        baseline: "adadelta,emq",
      }),
    })),
  claims: ({ scenario, grids, runs }) =>
    grids.flatMap(({ form, grid }) =>
      forms[form].slice(1).map((optimizer) =>
        differenceClaim(
          {
            source: "[P]",
            statement: `AdaDelta better than ${optimizer.replace(":learningRate=", " at ")}, both with EMQ`,
            form,
            where: scenario.title,
            published: { bound: "better", value: 0 },
          },
          grid,
          runs,
          { better: { optimizer: "adadelta", quantizer: "emq" }, worse: { optimizer, quantizer: "emq" } },
        ),
      ),
    ),
};

const quantizerAxis: Axis = namedAxis("quantizer", "emq,identity");
