import type { Variant } from "../../study/plan/axes.js";
import { planOf, type Scenario, type Tuned } from "../experiment.js";
import { choicesTable, chosenOf, rateTuning, tunedOptimizers } from "../tuned.js";
import { openExperiment } from "./question.js";

const emq: Variant = { label: "emq", sets: ["quantizer=emq"] };
const free: Variant = { label: "emq:step=fractional", sets: ["quantizer=emq", "quantizer.step=fractional"] };
const whole: Variant = { label: "identity", sets: ["quantizer=identity"] };

interface Scheme {
  optimizer: string;
  tuned: Tuned;
  quantizer: Variant;
}

/** AdaDelta quantized and not, and every other optimizer quantized by EMQ and not; the first is what others are held against. */
function schemesOf(scenario: Scenario): Scheme[] {
  const of = (optimizer: (typeof tunedOptimizers)[number], quantizer: Variant) => ({
    optimizer,
    quantizer,
    tuned: rateTuning(scenario, optimizer, quantizer),
  });
  const others = tunedOptimizers.filter((optimizer) => optimizer !== "adadelta");
  return [
    ...[emq, free, whole].map((quantizer) => of("adadelta", quantizer)),
    ...others.flatMap((optimizer) => [of(optimizer, emq), of(optimizer, whole)]),
  ];
}

function variantOf(scenario: Scenario, { tuned, quantizer }: Scheme): Variant {
  const { label, sets } = chosenOf(scenario, tuned);
  return { label: `${label}, ${quantizer.label}`, sets: [...sets, ...quantizer.sets] };
}

const tuningsOf = (scenario: Scenario) => schemesOf(scenario).map(({ tuned }) => tuned);

/** What quantizing costs AdaDelta, and what it leaves of its lead over others. */
export const openAdadelta = openExperiment({
  name: "adadelta",
  title: "AdaDelta, quantized",
  about:
    "AdaDelta with EMQ against itself in full precision and with a free step, and against every other optimizer, quantized by " +
    "EMQ and not, all at equal budgets and at rates that were chosen as in the comparison of optimizers.",
  tunings: tuningsOf,
  grids: (scenario) => [
    {
      form: "fair",
      title: "Optimizers, quantized and not, at equal budgets",
      plan: planOf(scenario, {
        axes: [{ name: "scheme", variants: schemesOf(scenario).map((scheme) => variantOf(scenario, scheme)) }],
        sets: ["power=most-rounds"],
      }),
    },
  ],
  compared: (scenario) => {
    const [own, ...others] = schemesOf(scenario).map((scheme) => variantOf(scenario, scheme).label);
    return others.map((label) => ({
      better: { scheme: own! },
      worse: { scheme: label },
      statement: `${own} better than ${label}`,
      row: `over ${label}`,
    }));
  },
  tables: ({ scenario }) => choicesTable(scenario, tuningsOf(scenario)),
});
