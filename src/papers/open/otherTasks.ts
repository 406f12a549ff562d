import { resolveConfig } from "../../parts/resolve.js";
import type { Outcome } from "../../study/analysis/outcomes.js";
import type { Variant } from "../../study/plan/axes.js";
import { trainingSize } from "../../training/size.js";
import { type ExperimentGrid, planOf, type Scenario } from "../experiment.js";
import { computationText, setUpOf } from "../setup.js";
import { type Compared, openExperiment } from "./question.js";

const quantizers: readonly Variant[] = [
  { label: "emq", sets: ["quantizer=emq"] },
  { label: "emq:step=fractional", sets: ["quantizer=emq", "quantizer.step=fractional"] },
  { label: "identity", sets: ["quantizer=identity"] },
];

/** A network on its data: settings over the scenario's. */
interface Task extends Variant {
  /** In the rows of a figure */
  short?: string;
  outcome?: Outcome;
  /** On other data than the scenario's */
  elsewhere?: true;
}

/** These networks take tens of times as long as the paper's: a fifth of the images and 2000 at most, half of the budgets. */
const share = { examples: 0.2, budgets: 0.5 };
const mostExamples = 2000;

/**
 * A network on less of the scenario's data, at budgets under which about half as many rounds of EMQ fit as there: what is
 * spent in a round grows with the parameters, so do the budgets, and computation takes the share of a round that it has there.
 */
function scaledTo(scenario: Scenario, task: Task): string[] {
  // It takes data and two models to know, and many ask.
  const key = JSON.stringify([scenario.preset, scenario.sets, task.sets]);
  const found = known.get(key) ?? scaleTo(scenario, task);
  known.set(key, found);
  return found;
}

const known = new Map<string, string[]>();

function scaleTo(scenario: Scenario, task: Task): string[] {
  const { preset, sets } = scenario;
  const own = resolveConfig({ preset, sets: [...sets] });
  const size = trainingSize(own);
  const all = (size.examplesPerClient * own.network.clients) / own.training.localEpochs;
  const examples = Math.min(mostExamples, Math.round(share.examples * all));
  const cut = [...task.sets, `data.trainExamples=${examples}`];
  const parameters = trainingSize(resolveConfig({ preset, sets: [...baseOf(scenario, task), ...cut] })).parameters;
  const ratio = parameters / size.parameters;
  const { energy, latency, compute } = own.budgets;
  const budget = (name: string, value: number | null) =>
    value === null ? [] : [`budgets.${name}=${significant(value * ratio * share.budgets)}`];
  return [
    ...cut,
    ...budget("energy", energy),
    ...budget("latency", latency),
    `budgets.compute.latencyPer1250=${significant((compute.latencyPer1250 * ratio * all) / examples)}`,
  ];
}

/** What stays of the scenario: of one that is on images, to a task that is not, nothing about its data but how much. */
function baseOf({ sets }: Scenario, { elsewhere, outcome }: Task): readonly string[] {
  if (elsewhere !== true) return sets;
  const counts = ["data.trainExamples=", "data.testExamples="];
  return sets.filter((set) => {
    // What has no right answers keeps none.
    if (set.startsWith("evaluation.answers=")) return outcome === undefined;
    return !set.startsWith("data.") || counts.some((one) => set.startsWith(one));
  });
}

/** Figures that a config shows as they are. */
function significant(value: number): number {
  return Number(value.toPrecision(4));
}

/** What its computation comes to, which is not the scenario's. */
function whereOf(scenario: Scenario, task: Task): string {
  const setUp = setUpOf({ preset: scenario.preset, sets: [...baseOf(scenario, task), ...scaledTo(scenario, task)] });
  return `${task.label}, K = ${setUp.clients}, ${computationText(setUp)}`;
}

function gridOf(scenario: Scenario, task: Task): ExperimentGrid {
  return {
    form: "fair",
    title: `${whereOf(scenario, task)}, AdaDelta and most-rounds`,
    plan: planOf(
      { ...scenario, sets: baseOf(scenario, task) },
      {
        axes: [{ name: "quantizer", variants: quantizers }],
        sets: [...scaledTo(scenario, task), "training.optimizer=adadelta", "power=most-rounds"],
        baseline: "emq",
      },
    ),
  };
}

const questions = [
  { better: "emq", worse: "identity" },
  { better: "emq:step=fractional", worse: "emq" },
];

const comparedOf = (scenario: Scenario, tasks: readonly Task[]): Compared[] =>
  tasks.flatMap((task, grid) =>
    questions.map(({ better, worse }) => ({
      ...{ grid, where: whereOf(scenario, task) },
      better: { quantizer: better },
      worse: { quantizer: worse },
      statement: `${task.label}: ${better} better than ${worse}${task.outcome === undefined ? "" : ", in points of explained variance"}`,
      row: `${task.short ?? task.label}: ${better} over ${worse}`,
      ...(task.outcome && { outcome: task.outcome }),
    })),
  );

const networks: readonly Task[] = ["lenet", "vgg-small", "vit-tiny"].map((name) => ({
  label: name,
  sets: [`model=${name}`],
}));

const reduction =
  "They train on a fifth of the scenario's examples, 2000 at most; budgets and computation grow with the number of parameters, so that of EMQ's " +
  "rounds about half as many fit as there.";

/** EMQ under other networks on the same images. */
export const openNetworks = openExperiment({
  name: "networks",
  title: "Other networks on images",
  about: `LeNet, a small VGG and a small vision Transformer, each with EMQ, with EMQ's free step, and in full precision. ${reduction}`,
  grids: (scenario) => networks.map((task) => gridOf(scenario, task)),
  compared: (scenario) => comparedOf(scenario, networks),
});

/** Targets have a variance of 1, so that a mean square of 1 explains nothing of them. */
const explained: Outcome = { measure: ({ final }) => (final.testLoss === null ? null : 1 - final.testLoss) };

const elsewhere: readonly Task[] = [
  {
    ...{ label: "char-transformer on text", short: "text" },
    elsewhere: true,
    sets: ["data.name=corpus", "data.split=groups", "model=char-transformer"],
  },
  {
    ...{ label: "perceptron on a regression", short: "regression" },
    elsewhere: true,
    sets: ["data.name=regression", "data.split=iid", "model=mlp"],
    outcome: explained,
  },
];

/** EMQ where nothing is an image. */
export const openTasks = openExperiment({
  name: "tasks",
  title: "Text and regression",
  about:
    "A Transformer that foretells characters (the embedded corpus, speakers dealt to the clients; accuracy is the share of " +
    "characters foretold) and a perceptron on Friedman's function (IID; what is compared is the share of the variance that is " +
    `explained), each with EMQ, with EMQ's free step, and in full precision. ${reduction}`,
  grids: (scenario) => elsewhere.map((task) => gridOf(scenario, task)),
  compared: (scenario) => comparedOf(scenario, elsewhere),
});
