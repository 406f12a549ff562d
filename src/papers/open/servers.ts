import type { Variant } from "../../study/plan/axes.js";
import { planOf, type Scenario, type Tuned } from "../experiment.js";
import { choicesTable, chosenOf, tuningOver } from "../tuned.js";
import { type Compared, openExperiment } from "./question.js";

const emq = ["quantizer=emq", "training.optimizer=adadelta"];

/** Usual rates of the servers' rules; FedProx has a weight instead, of those that its paper tries. */
const usual = { fedavg: 1, fedavgm: 1, fedadagrad: 0.01, fedadam: 0.01, fedyogi: 0.01 } as const;
const decades = [-1, 0, 1, 2];

const proximal: readonly Variant[] = [0.001, 0.01, 0.1, 1].map((weight) => ({
  label: `FedProx at ${weight}`,
  sets: ["server=fedavg", `training.proximal=${weight}`],
}));

function tuningsOf(scenario: Scenario): Tuned[] {
  const rules = Object.entries(usual).map(([rule, rate]) => {
    const candidates = decades.map((decade) => {
      const value = Number(`${rate}e${decade}`);
      return { label: `${rule} at ${value}`, sets: [`server=${rule}`, `server.learningRate=${value}`] };
    });
    return tuningOver(scenario, emq, {
      name: `rate of ${rule}`,
      candidates,
      usual: candidates[decades.indexOf(0)]!,
    });
  });
  return [
    ...rules,
    tuningOver(scenario, emq, { name: "weight of FedProx", candidates: proximal, usual: proximal[1]! }),
  ];
}

/** Every rule at what was chosen for it, the plain mean first. */
function rulesOf(scenario: Scenario): Variant[] {
  return tuningsOf(scenario).map((tuned) => chosenOf(scenario, tuned));
}

/** Other rules of the server, and FedProx, over EMQ's updates. */
export const openServers = openExperiment({
  name: "servers",
  title: "Other rules of the server",
  about:
    "The paper's server adds the mean of the decoded updates. Here it has momentum, or adapts its steps (FedAdagrad, FedAdam, " +
    "FedYogi), or clients are held to the global model (FedProx), all over EMQ's updates, each at the rate or weight, of four a " +
    "decade apart, that does best on a fifth of the training images kept from the training; so has the plain mean (fedavg), whose rate is 1 in the paper.",
  tunings: tuningsOf,
  grids: (scenario) => [
    {
      form: "fair",
      title: "Rules of the server, each at what was chosen for it",
      plan: planOf(scenario, {
        axes: [{ name: "server", variants: rulesOf(scenario) }],
        sets: [...emq, "power=most-rounds"],
      }),
    },
  ],
  compared: (scenario): Compared[] => {
    const [mean, ...others] = rulesOf(scenario).map(({ label }) => label);
    return others.map((label) => ({
      better: { server: label },
      worse: { server: mean! },
      statement: `${label} better than the mean (${mean}), both with EMQ and AdaDelta`,
      row: label,
    }));
  },
  tables: ({ scenario }) => choicesTable(scenario, tuningsOf(scenario)),
});
