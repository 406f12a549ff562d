import type { Variant } from "../study/plan/axes.js";
import { differenceClaim } from "./claims.js";
import { type Experiment, type ExperimentGrid, planOf, type Scenario, type Tuned } from "./experiment.js";
import { setUpOf, trainsAsPublished } from "./setup.js";
import { choicesTable, chosenOf, rateTuning, tunedOptimizers } from "./tuned.js";

const at = (optimizer: string, rate?: number): Variant => ({
  label: rate === undefined ? optimizer : `${optimizer} at ${rate}`,
  sets: [`training.optimizer=${optimizer}`, ...(rate === undefined ? [] : [`training.optimizer.learningRate=${rate}`])],
});

/** As in the authors' code: one rate for all but AdaDelta. */
const published = [at("adadelta", 1), at("sgd", 0.001), at("adam", 0.001), at("rmsprop", 0.001)];

/** EMQ's decade sets updates to zero that are small beside their largest entry; a free step does not. */
const quantizers: readonly Variant[] = [
  { label: "emq", sets: ["quantizer=emq"] },
  { label: "emq:step=fractional", sets: ["quantizer=emq", "quantizer.step=fractional"] },
  { label: "identity", sets: ["quantizer=identity"] },
];

const decade = quantizers[0]!;

function tuningsOf(scenario: Scenario): Tuned[] {
  return quantizers.flatMap((quantizer) =>
    tunedOptimizers.map((optimizer) => rateTuning(scenario, optimizer, quantizer)),
  );
}

/** Every optimizer at the rate that was chosen for it with this quantizer, AdaDelta first. */
function fairGrid(scenario: Scenario, quantizer: Variant): ExperimentGrid {
  const variants = tunedOptimizers.map((optimizer) => chosenOf(scenario, rateTuning(scenario, optimizer, quantizer)));
  return {
    form: "fair",
    title: `Optimizers, each at its chosen rate, ${quantizer.label}`,
    plan: planOf(scenario, {
      axes: [
        { name: "optimizer", variants },
        { name: "quantizer", variants: [quantizer] },
      ],
      sets: ["power=most-rounds"],
    }),
  };
}

/** Optimizers, each quantized by EMQ, by EMQ with a free step, and not, at equal budgets. */
export const optimizers: Experiment = {
  name: "optimizers",
  title: "Local optimizers, quantized and not",
  about:
    "Fair: each optimizer, with each quantizer, at the rate that does best on a fifth of the training images kept from " +
    "the training, of four a decade apart around its usual one, over two seeds; EMQ's decade, EMQ with a free step " +
    "(which zeroes no small updates), and full precision. As published, every optimizer but AdaDelta has a rate of 1e-3; " +
    "that is run where clients have 1000 images or more and five epochs, since SGD hardly moves in fewer steps.",
  tunings: tuningsOf,
  grids: (scenario) => [
    ...quantizers.map((quantizer) => fairGrid(scenario, quantizer)),
    ...(trainsAsPublished(setUpOf(scenario))
      ? [
          {
            form: "as published" as const,
            title: "Optimizers, all but AdaDelta at 1e-3, emq",
            plan: planOf(scenario, {
              axes: [
                { name: "optimizer", variants: published },
                { name: "quantizer", variants: [decade] },
              ],
              sets: ["power=most-rounds"],
            }),
          },
        ]
      : []),
  ],
  claims: ({ scenario, grids, runs }) =>
    grids.flatMap(({ form, grid }) => {
      const [best, ...others] = grid.axes[0]!.variants.map(({ label }) => label);
      const [quantizer] = grid.axes[1]!.variants;
      // What is said of quantized updates says nothing of whole ones.
      if (quantizer!.label === "identity") return [];
      return others.map((optimizer) =>
        differenceClaim(
          {
            source: quantizer!.label === decade.label ? "[P]" : "ours",
            statement: `AdaDelta better than ${optimizer}, both with ${quantizer!.label}`,
            form,
            where: scenario.title,
            published: { bound: "better", value: 0 },
          },
          grid,
          runs,
          { better: { optimizer: best! }, worse: { optimizer } },
        ),
      );
    }),
  tables: ({ scenario }) => choicesTable(scenario, tuningsOf(scenario)),
};
