import { InputError, unknownName } from "../config/errors.js";
import type { Scenario } from "./experiment.js";

/** How much of everything. */
export interface Scale {
  name: string;
  /** For help texts */
  description: string;
  /** Whether it needs files of real data */
  realData: boolean;
  scenarios: readonly Scenario[];
  /** Drops of the experiments that only price */
  pricingDrops: number;
  clients: readonly (20 | 40)[];
  /** What is run when nothing is named; all where left out */
  experiments?: readonly string[];
}

const dirichlet = ["data.split=dirichlet", "data.split.alpha=0.4"];

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
        `budgets.compute.latencyPer1250=${(0.007 * 1250) / 300}`,
        "budgets.energy=0.0045",
        "budgets.latency=0.28",
      ],
      seeds: [1, 2, 3],
      drops: 5,
    },
  ],
};

/**
 * The CIFAR-10 subset with fewer images a client than the paper's 2500 and one local epoch instead of five, so that it fits into an hour of two cores.
 * ℓ_c stays at the 75 ms that the paper's clients need, so that the radio's side is the paper's.
 */
const standard: Scale = {
  name: "standard",
  description:
    "half an hour to an hour on two idle cores: 5000 images of CIFAR-10 from files, one local epoch, the paper's network, 20 clients, 5 seeds × 20 drops",
  realData: true,
  pricingDrops: 400,
  clients: [20, 40],
  experiments: ["rounds", "tradeoff", "power", "quantizers", "optimizers"],
  scenarios: [
    {
      title: "CIFAR-10, Dirichlet 0.4, K = 20",
      preset: "paper-cifar10-k20",
      sets: [
        "data.trainExamples=5000",
        "data.testExamples=2000",
        "training.localEpochs=1",
        `budgets.compute.latencyPer1250=${(0.075 * 1250) / 250}`,
        "rounds=60",
      ],
      seeds: [1, 2, 3, 4, 5],
      drops: 20,
    },
  ],
};

const paperScenario = (preset: string, title: string, split: readonly string[]): Scenario => ({
  title,
  preset,
  sets: [...split, "rounds=200"],
  seeds: [1, 2, 3, 4, 5],
  drops: 20,
  optional: true,
});

const full: Scale = {
  name: "full",
  description:
    "overnight and longer: all images, K = 20 and 40, IID and Dirichlet, every data set that is there, 5 seeds × 20 drops",
  realData: true,
  pricingDrops: 1000,
  clients: [20, 40],
  scenarios: [
    paperScenario("paper-cifar10-k20", "CIFAR-10, Dirichlet 0.4, K = 20", dirichlet),
    paperScenario("paper-cifar10-k20", "CIFAR-10, IID, K = 20", ["data.split=iid"]),
    paperScenario("paper-cifar10-k40", "CIFAR-10, Dirichlet 0.4, K = 40", dirichlet),
    paperScenario("paper-cifar10-k40", "CIFAR-10, IID, K = 40", ["data.split=iid"]),
    paperScenario("paper-mnist", "MNIST, Dirichlet 0.4, K = 20", dirichlet),
    paperScenario("paper-mnist", "MNIST, IID, K = 20", ["data.split=iid"]),
    paperScenario("paper-mnist", "Fashion-MNIST, Dirichlet 0.4, K = 20", [...dirichlet, "data.name=fashion-mnist"]),
    paperScenario("paper-cifar10-k20", "CIFAR-100, Dirichlet 0.4, K = 20", [...dirichlet, "data.name=cifar100"]),
  ],
};

export const scales: readonly Scale[] = [quick, standard, full];

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
