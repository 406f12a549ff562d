import { cellRuns, pairedDifference } from "../study/analysis/cells.js";
import { endsAt, scaled } from "../study/analysis/intervals.js";
import { accuracy } from "../study/analysis/outcomes.js";
import { type Axis, namedAxis, type Variant } from "../study/plan/axes.js";
import { bitsToReach } from "./bitsToReach.js";
import { differenceClaim, figureClaim, findCell, type MeasuredClaim } from "./claims.js";
import {
  type Experiment,
  type ExperimentGrid,
  type ExperimentTable,
  planOf,
  type Scenario,
  type ScenarioResults,
  type Tuned,
} from "./experiment.js";
import { setUpOf, trainsAsPublished } from "./setup.js";
import { choicesTable, chosenOf, laqTuning } from "./tuned.js";

const adadelta = ["training.optimizer=adadelta"];
const sgd = ["training.optimizer=sgd", "training.optimizer.learningRate=0.001"];

/** LAQ as its paper has it, and as the authors' code does. */
const fairLaq = (scenario: Scenario) => laqTuning(scenario, "AdaDelta", adadelta);
const publishedLaq = (scenario: Scenario) =>
  laqTuning(scenario, "authors' code with SGD 1e-3", ["quantizer.variant=authors-code", ...sgd]);

const publishes = (scenario: Scenario) => trainsAsPublished(setUpOf(scenario));

function tuningsOf(scenario: Scenario): Tuned[] {
  return [fairLaq(scenario), ...(publishes(scenario) ? [publishedLaq(scenario)] : [])];
}

/** What the papers' curves stand for: each scheme with the optimizer that its authors' code gave it. */
function publishedSchemes(scenario: Scenario): Axis {
  const laq = chosenOf(scenario, publishedLaq(scenario));
  return {
    name: "scheme",
    variants: [
      { label: "EMQ + AdaDelta", sets: ["quantizer=emq", ...adadelta] },
      { label: "AQUILA + SGD 1e-3", sets: ["quantizer=aquila", "quantizer.variant=authors-code", ...sgd] },
      { label: `${laq.label} + SGD 1e-3`, sets: laq.sets },
      { label: "full precision + AdaDelta", sets: ["quantizer=identity", ...adadelta] },
    ],
  };
}

const ofHeadlines = "emq,emq:step=fractional,aquila,identity";
const others = "emq:errorFeedback=true,top-q:fraction=0.1:bits=8,mixed-resolution:lambda=0.2:bits=10";

/** Every quantizer with AdaDelta; LAQ with the bits that were chosen. */
function fairQuantizers(scenario: Scenario): Axis {
  const list = scenario.methods === "headlines" ? ofHeadlines : `${ofHeadlines},${others}`;
  const { name, variants } = namedAxis("quantizer", list);
  return { name, variants: [...variants, chosenOf(scenario, fairLaq(scenario))] };
}

/**
 * What EMQ may be in its paper, of which we know the family and not the details: from the reading that the authors' code
 * suggests (base 10, digits 0, one exponent a vector, a decade) one thing at a time is changed.
 */
export const emqReadings: readonly Variant[] = namedAxis(
  "quantizer",
  "emq,emq:base=2,emq:digits=1,emq:scope=tensor,emq:step=fractional",
).variants;

const powers = "most-rounds,dinkelbach,full";

/** Quantizers at equal budgets under several power methods. */
export const quantizers: Experiment = {
  name: "quantizers",
  title: "Quantizers at equal budgets",
  about:
    "EMQ is a reconstruction: its family follows the authors' code, its base, digits and scope are inferred, so that its " +
    "readings are shown side by side. Fair: every quantizer with AdaDelta, AQUILA and LAQ with their lazy rules on the " +
    "innovation, as their own papers have them, LAQ with the bits (4, 6, 8 or 10) that do best on held-out training " +
    "images. As published: AQUILA and LAQ as in the authors' code, which trains them with SGD at 1e-3, never skips an " +
    "upload and quantizes the weights, while EMQ trains with AdaDelta; that is run where clients have 1000 images or " +
    "more and five epochs, since with less SGD at 1e-3 stays at chance and EMQ would be compared with an untrained network.",
  tunings: tuningsOf,
  grids: (scenario) => [
    ...(publishes(scenario) ? [publishedGrid(scenario)] : []),
    {
      form: "fair",
      title: "Quantizers, all with AdaDelta",
      plan: planOf(scenario, {
        axes: [fairQuantizers(scenario), namedAxis("power", powers)],
        sets: adadelta,
        baseline: "emq",
      }),
    },
    ...(scenario.methods === "headlines" ? [] : [readingsGrid(scenario)]),
  ],
  claims: (results) => [...accuracyClaims(results), ...stepClaims(results), ...savingClaims(results)],
  tables: (results) => [...choicesTable(results.scenario, tuningsOf(results.scenario)), ...bandTable(results)],
};

function publishedGrid(scenario: Scenario): ExperimentGrid {
  return {
    form: "as published",
    title: "Schemes as published",
    plan: planOf(scenario, {
      axes: [publishedSchemes(scenario), namedAxis("power", powers)],
      baseline: "EMQ + AdaDelta",
    }),
  };
}

function readingsGrid(scenario: Scenario): ExperimentGrid {
  return {
    form: "fair",
    title: readingsTitle,
    plan: planOf(scenario, {
      axes: [{ name: "quantizer", variants: emqReadings }],
      sets: [...adadelta, "power=most-rounds"],
      baseline: "emq",
    }),
  };
}

const readingsTitle = "EMQ over its readings, with AdaDelta and most-rounds";

/** What may be said of EMQ whatever it is: each reading against the rivals, at equal budgets. */
function bandTable(results: ScenarioResults): ExperimentTable[] {
  const { scenario, grids, runs } = results;
  const readings = grids.find(({ title }) => title === readingsTitle);
  if (readings === undefined) return [];
  const fair = fairOf(results).grid;
  const rivals = ["aquila", chosenOf(scenario, fairLaq(scenario)).label, "identity"];
  const title = `Points of accuracy of each reading of EMQ over its rivals, all with AdaDelta and most-rounds; ${scenario.title}`;
  const rows = emqReadings.map(({ label }) => [
    label,
    ...rivals.map((rival) => {
      const own = cellRuns(readings.grid, findCell(readings.grid, { quantizer: label }), runs);
      const other = cellRuns(fair, findCell(fair, { quantizer: rival, power: "most-rounds" }), runs);
      const points = pairedDifference(own, other, accuracy);
      if (points === null) return null;
      const ends = endsAt(scaled(points, 100));
      // One seed has no interval.
      return ends === null ? 100 * points.mean : { value: 100 * points.mean, ...ends };
    }),
  ]);
  return [{ title, header: ["reading", ...rivals.map((rival) => `over ${rival}`)], rows }];
}

/** The grid that compares quantizers fairly: the first of that form. */
function fairOf({ grids }: ScenarioResults): ScenarioResults["grids"][number] {
  return grids.find(({ form }) => form === "fair")!;
}

function accuracyClaims(results: ScenarioResults): MeasuredClaim[] {
  const { scenario, grids, runs } = results;
  const published = grids.find(({ form }) => form === "as published");
  const laq = chosenOf(scenario, fairLaq(scenario)).label;
  const pairs = [
    ...(published === undefined
      ? []
      : [
          {
            at: published,
            axis: "scheme",
            better: "EMQ + AdaDelta",
            worse: "AQUILA + SGD 1e-3",
            name: "AQUILA",
            points: 36,
          },
          {
            at: published,
            axis: "scheme",
            better: "EMQ + AdaDelta",
            worse: `${chosenOf(scenario, publishedLaq(scenario)).label} + SGD 1e-3`,
            name: "LAQ",
            points: 35,
          },
        ]),
    { at: fairOf(results), axis: "quantizer", better: "emq", worse: "aquila", name: "AQUILA", points: 36 },
    { at: fairOf(results), axis: "quantizer", better: "emq", worse: laq, name: "LAQ", points: 35 },
  ];
  return pairs.map(({ at, axis, better, worse, name, points }) =>
    differenceClaim(
      {
        source: "[P]",
        statement: `EMQ, as read here (a decade), up to +${points} points of accuracy over ${name}`,
        form: at.form,
        where: scenario.title,
        published: { bound: "up to", value: points },
        family: "primary",
      },
      at.grid,
      runs,
      { better: { [axis]: better, power: "most-rounds" }, worse: { [axis]: worse, power: "most-rounds" } },
    ),
  );
}

/** What the decade costs EMQ, and where it stands without. */
function stepClaims(results: ScenarioResults): MeasuredClaim[] {
  const { scenario, runs } = results;
  const { grid, form } = fairOf(results);
  const laq = chosenOf(scenario, fairLaq(scenario)).label;
  const pairs = [
    { better: "emq:step=fractional", worse: "emq", statement: "EMQ with a free step better than with the decade" },
    ...(scenario.methods === "headlines"
      ? []
      : [{ better: "emq:errorFeedback=true", worse: "emq", statement: "EMQ with error feedback better than without" }]),
    { better: "emq:step=fractional", worse: "aquila", statement: "EMQ with a free step better than AQUILA" },
    { better: "emq:step=fractional", worse: laq, statement: "EMQ with a free step better than LAQ" },
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

function savingClaims(results: ScenarioResults): MeasuredClaim[] {
  const { scenario, runs } = results;
  const { grid, form } = fairOf(results);
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
