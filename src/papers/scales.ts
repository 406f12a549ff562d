import { InputError, unknownName } from "../config/errors.js";
import type { Scenario } from "./experiment.js";

/** How much of everything. What a round computes follows from images and epochs at every scale. */
export interface Scale {
  name: string;
  /** For help texts */
  description: string;
  /** Whether it needs files of real data */
  realData: boolean;
  /** Choices are made on the first, for all of them */
  scenarios: readonly Scenario[];
  /** Drops of the experiments that only price */
  pricingDrops: number;
  clients: readonly (20 | 40)[];
  /** What is run when nothing is named; all where left out */
  experiments?: readonly string[];
}

const dirichlet = ["data.split=dirichlet", "data.split.alpha=0.4"];
const iid = ["data.split=iid"];

const numbers = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);

const quick: Scale = {
  name: "quick",
  description: "minutes: embedded images, a small network, 10 clients, 3 seeds × 5 drops",
  realData: false,
  pricingDrops: 100,
  clients: [20, 40],
  scenarios: [
    {
      title: "glyphs, Dirichlet 0.4, K = 10",
      preset: "quick",
      sets: [
        ...dirichlet,
        "data.trainExamples=3000",
        "data.testExamples=500",
        "rounds=60",
        // Computation, upload and energy stand to one another about as in the paper's set-up: some 30 rounds fit.
        "budgets.energy=0.0045",
        "budgets.latency=0.28",
      ],
      seeds: [1, 2, 3],
      drops: 5,
    },
  ],
};

/** J and s of a run of compressors on CIFAR-10: a quarter of the reduced scale's, so that the coarsest come to a hundred rounds. */
const scarce = { energy: 0.125, latency: 0.4375 };

/**
 * Where many seeds are affordable: 5000 images and one epoch, 250 or 125 images a client, 3 or 1.5 ms of computation.
 * The latency budget is what the paper's 5 s leave when the computation of the rounds that fit there (57 with 20
 * clients, some 50 with 40) is cut to this, so that uploads are sent at the powers of that scale.
 */
const reducedScenario = (
  title: string,
  { preset, split, latency }: { preset: string; split: readonly string[]; latency: number },
): Scenario => ({
  title,
  preset,
  sets: [
    ...split,
    "data.trainExamples=5000",
    "data.testExamples=2000",
    "training.localEpochs=1",
    `budgets.latency=${latency}`,
    "rounds=100",
  ],
  seeds: numbers(1, 15),
  drops: 5,
  scarceBudgets: [`budgets.energy=${scarce.energy}`, `budgets.latency=${scarce.latency}`],
  evidence: "confirmatory",
});

/**
 * A task for compressors beside CIFAR-10, 20 clients and one epoch: budgets and computing stand to its parameters as the
 * scarce ones and 3 ms do to the 462,410 of the paper's network there, so that as many rounds fit.
 */
function taskScenario(
  title: string,
  {
    preset,
    sets,
    parameters,
    examples,
  }: { preset: string; sets: readonly string[]; parameters: number; examples: number },
): Scenario {
  const share = parameters / 462_410;
  const figure = (value: number) => Number(value.toPrecision(4));
  const clients = 20;
  return {
    title,
    preset,
    sets: [
      ...sets,
      ...[`data.trainExamples=${examples}`, "training.localEpochs=1", `network.clients=${clients}`, "rounds=100"],
      ...[`budgets.energy=${figure(scarce.energy * share)}`, `budgets.latency=${figure(scarce.latency * share)}`],
      `budgets.compute.latencyPer1250=${figure((0.003 * share * 1250 * clients) / examples)}`,
    ],
    seeds: numbers(1, 15),
    drops: 5,
    evidence: "confirmatory",
    experiments: ["compressor-tasks"],
  };
}

const reduced: Scale = {
  name: "reduced",
  description:
    "a night on two cores: 5000 images of CIFAR-10 from files, one local epoch, the paper's network, 20 and 40 clients, 15 seeds × 5 drops",
  realData: true,
  pricingDrops: 400,
  clients: [20, 40],
  scenarios: [
    {
      ...reducedScenario("CIFAR-10, Dirichlet 0.4, K = 20", {
        preset: "paper-cifar10-k20",
        split: dirichlet,
        latency: 1.75,
      }),
      fittingRounds: 57,
    },
    {
      ...reducedScenario("CIFAR-10, IID, K = 20", { preset: "paper-cifar10-k20", split: iid, latency: 1.75 }),
      experiments: ["power", "quantizers", "compressors", "compressor-tasks"],
    },
    {
      ...reducedScenario("CIFAR-10, Dirichlet 0.4, K = 40", {
        preset: "paper-cifar10-k40",
        split: dirichlet,
        latency: 3.5,
      }),
      experiments: ["power", "quantizers", "compressor-costs"],
    },
    ...(
      [
        ["Fashion-MNIST", "paper-mnist", "fashion-mnist"],
        ["CIFAR-100", "paper-cifar10-k20", "cifar100"],
      ] as const
    ).map(
      ([title, preset, name]): Scenario => ({
        ...reducedScenario(`${title}, Dirichlet 0.4, K = 20`, {
          preset,
          split: [...dirichlet, `data.name=${name}`],
          latency: 1.75,
        }),
        experiments: ["data-sets"],
        optional: true,
      }),
    ),
    {
      ...taskScenario("MNIST, Dirichlet 0.4, K = 20", {
        preset: "paper-mnist",
        sets: [...dirichlet, "data.testExamples=2000"],
        parameters: 347_722,
        examples: 5000,
      }),
      optional: true,
    },
    taskScenario("glyphs, Dirichlet 0.4, K = 20", {
      preset: "quick",
      sets: [...dirichlet, "data.testExamples=1000"],
      parameters: 12_986,
      examples: 3000,
    }),
    taskScenario("text, speakers dealt to the clients, K = 20", {
      preset: "quick",
      sets: ["data.name=corpus", "data.split=groups", "model=char-transformer", "data.testExamples=500"],
      parameters: 105_111,
      examples: 500,
    }),
  ],
};

const headlines = ["power", "quantizers", "accuracy-maps"];

/** Five epochs of 20,000 images, 1000 a client: a training of 57 rounds goes through 5.7 million. */
const paperScenario = (title: string, split: readonly string[]): Scenario => ({
  title,
  preset: "paper-cifar10-k20",
  sets: [...split, "data.trainExamples=20000", "training.localEpochs=5", "rounds=60"],
  seeds: [1, 2, 3],
  drops: 20,
  experiments: headlines,
  methods: "headlines",
  // A training takes as long as twenty of the reduced scale: one seed has to do for the choice.
  tuningSeeds: [101],
});

const paper: Scale = {
  name: "paper",
  description:
    "days on two cores, to be gone on with: 20,000 images of CIFAR-10, five local epochs, 20 clients, IID and Dirichlet, the methods of the papers' claims, 3 seeds × 20 drops",
  realData: true,
  pricingDrops: 1000,
  clients: [20, 40],
  experiments: ["rounds", "tradeoff", "maps", "power", "quantizers", "accuracy-maps"],
  scenarios: [
    { ...paperScenario("CIFAR-10, Dirichlet 0.4, K = 20", dirichlet), experiments: [...headlines, "compressors"] },
    paperScenario("CIFAR-10, IID, K = 20", iid),
    {
      ...paperScenario("CIFAR-10, Dirichlet 0.4, K = 40", dirichlet),
      preset: "paper-cifar10-k40",
      sets: [
        ...dirichlet,
        ...["data.trainExamples=20000", "data.testExamples=2000", "data.subset=even", "training.localEpochs=5"],
      ],
      experiments: ["stored-curves"],
    },
  ],
};

const fullScenario = (preset: string, title: string, split: readonly string[]): Scenario => ({
  title,
  preset,
  sets: [...split, "rounds=200"],
  seeds: [1, 2, 3],
  drops: 20,
  optional: true,
  methods: "headlines",
  tuningSeeds: [101],
});

const full: Scale = {
  name: "full",
  description: "weeks: all images, K = 20 and 40, IID and Dirichlet, every data set that is there, 3 seeds × 20 drops",
  realData: true,
  pricingDrops: 1000,
  clients: [20, 40],
  scenarios: [
    fullScenario("paper-cifar10-k20", "CIFAR-10, Dirichlet 0.4, K = 20", dirichlet),
    fullScenario("paper-cifar10-k20", "CIFAR-10, IID, K = 20", iid),
    fullScenario("paper-cifar10-k40", "CIFAR-10, Dirichlet 0.4, K = 40", dirichlet),
    fullScenario("paper-cifar10-k40", "CIFAR-10, IID, K = 40", iid),
    fullScenario("paper-mnist", "MNIST, Dirichlet 0.4, K = 20", dirichlet),
    fullScenario("paper-mnist", "MNIST, IID, K = 20", iid),
    fullScenario("paper-mnist", "Fashion-MNIST, Dirichlet 0.4, K = 20", [...dirichlet, "data.name=fashion-mnist"]),
    fullScenario("paper-cifar10-k20", "CIFAR-100, Dirichlet 0.4, K = 20", [...dirichlet, "data.name=cifar100"]),
  ],
};

export const scales: readonly Scale[] = [quick, reduced, paper, full];

/** @throws InputError for an unknown name */
export function chooseScale(name: string): Scale {
  const scale = scales.find((one) => one.name === name);
  if (scale === undefined) {
    throw new InputError(
      "--scale",
      unknownName(
        "scale",
        name,
        scales.map((one) => one.name),
      ),
    );
  }
  return scale;
}
