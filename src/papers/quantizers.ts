import type { Axis } from "../study/plan/axes.js";
import { namedAxis } from "../study/plan/axes.js";
import { bitsToReach } from "./bitsToReach.js";
import { differenceClaim, figureClaim, type MeasuredClaim } from "./claims.js";
import { type Experiment, planOf, type ScenarioResults } from "./experiment.js";

const adadelta = ["training.optimizer=adadelta"];
const sgd = ["training.optimizer=sgd", "training.optimizer.learningRate=0.001"];

/** What the papers' curves stand for: each scheme with the optimizer that its authors' code gave it. */
const published: Axis = {
  name: "scheme",
  variants: [
    { label: "EMQ + AdaDelta", sets: ["quantizer=emq", ...adadelta] },
    { label: "AQUILA + SGD 1e-3", sets: ["quantizer=aquila", "quantizer.variant=authors-code", ...sgd] },
    { label: "LAQ + SGD 1e-3", sets: ["quantizer=laq", "quantizer.variant=authors-code", "quantizer.bits=4", ...sgd] },
    { label: "full precision + AdaDelta", sets: ["quantizer=identity", ...adadelta] },
  ],
};

const fair: Axis = namedAxis(
  "quantizer",
  "emq,emq:step=fractional,emq:errorFeedback=true,aquila,laq:bits=4,top-q:fraction=0.1:bits=8," +
    "mixed-resolution:lambda=0.2:bits=10,identity",
);

const powers = "most-rounds,dinkelbach,full";

/** Quantizers at equal budgets under several power methods. */
export const quantizers: Experiment = {
  name: "quantizers",
  title: "Quantizers at equal budgets",
  about:
    "As published: AQUILA and LAQ as in the authors' code, which trains them with SGD at 1e-3, never skips an upload and " +
    "quantizes the weights, while EMQ trains with AdaDelta. Fair: every quantizer with AdaDelta, AQUILA and LAQ with " +
    "their lazy rules on the innovation, as their own papers have them; EMQ also with a step that is no decade, and with " +
    "error feedback.",
  grids: (scenario) => [
    {
      form: "as published",
      title: "Schemes as published",
      plan: planOf(scenario, { axes: [published, namedAxis("power", powers)], baseline: "EMQ + AdaDelta" }),
    },
    {
      form: "fair",
      title: "Quantizers, all with AdaDelta",
      plan: planOf(scenario, { axes: [fair, namedAxis("power", powers)], sets: adadelta, baseline: "emq" }),
    },
  ],
  claims: (results) => [...accuracyClaims(results), ...stepClaims(results), ...savingClaims(results)],
};

function accuracyClaims({ scenario, grids, runs }: ScenarioResults): MeasuredClaim[] {
  const pairs = [
    { index: 0, axis: "scheme", better: "EMQ + AdaDelta", worse: "AQUILA + SGD 1e-3", name: "AQUILA", points: 36 },
    { index: 0, axis: "scheme", better: "EMQ + AdaDelta", worse: "LAQ + SGD 1e-3", name: "LAQ", points: 35 },
    { index: 1, axis: "quantizer", better: "emq", worse: "aquila", name: "AQUILA", points: 36 },
    { index: 1, axis: "quantizer", better: "emq", worse: "laq:bits=4", name: "LAQ", points: 35 },
  ];
  return pairs.map(({ index, axis, better, worse, name, points }) =>
    differenceClaim(
      {
        source: "[P]",
        statement: `EMQ up to +${points} points of accuracy over ${name}`,
        form: grids[index]!.form,
        where: scenario.title,
        published: { bound: "up to", value: points },
        family: "primary",
      },
      grids[index]!.grid,
      runs,
      { better: { [axis]: better, power: "most-rounds" }, worse: { [axis]: worse, power: "most-rounds" } },
    ),
  );
}

/** What the decade costs EMQ, and where it stands without. */
function stepClaims({ scenario, grids, runs }: ScenarioResults): MeasuredClaim[] {
  const { grid, form } = grids[1]!;
  const pairs = [
    { better: "emq:step=fractional", worse: "emq", statement: "EMQ with a free step better than with the decade" },
    { better: "emq:errorFeedback=true", worse: "emq", statement: "EMQ with error feedback better than without" },
    { better: "emq:step=fractional", worse: "aquila", statement: "EMQ with a free step better than AQUILA" },
    { better: "emq:step=fractional", worse: "laq:bits=4", statement: "EMQ with a free step better than LAQ" },
  ];
  return pairs.map(({ better, worse, statement }) =>
    differenceClaim(
      { source: "ours", statement, form, where: scenario.title, published: { bound: "better", value: 0 } },
      grid,
      runs,
      { better: { quantizer: better, power: "most-rounds" }, worse: { quantizer: worse, power: "most-rounds" } },
    ),
  );
}

function savingClaims({ scenario, grids, runs }: ScenarioResults): MeasuredClaim[] {
  const { grid, form } = grids[1]!;
  const emq = { quantizer: "emq", power: "most-rounds" };
  const about = { source: "[P]", form, where: scenario.title, published: { bound: "at least", value: 49 } as const };
  return [
    figureClaim(
      { ...about, statement: "at least 49 % less communication than full precision (nominal bits of a round)" },
      grid,
      runs,
      emq,
      (run) => (run.final.rounds > 0 ? run.final.nominalSaving : null),
    ),
    figureClaim(
      { ...about, statement: "at least 49 % less communication than full precision (wire bits of a round)" },
      grid,
      runs,
      emq,
      (run) => (run.final.rounds > 0 ? run.final.wireSaving : null),
    ),
    bitsToReach(
      {
        ...about,
        statement:
          "at least 49 % less communication than full precision (nominal bits on the way to an accuracy that both reach)",
      },
      grid,
      runs,
      { cell: emq, reference: { quantizer: "identity", power: "most-rounds" } },
    ),
  ];
}
