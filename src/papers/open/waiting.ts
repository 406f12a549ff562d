import { resolveConfig } from "../../parts/resolve.js";
import type { Variant } from "../../study/plan/axes.js";
import { type ExperimentGrid, planOf, type Scenario } from "../experiment.js";
import { setUpOf } from "../setup.js";
import { heldAgainstFirst, openExperiment } from "./question.js";

/** Clients' processors: 0.25 to 2 GHz, drawn so that as many are between 0.25 and 0.5 as between 1 and 2. */
const [slowest, fastest] = [2.5e8, 2e9] as const;
/** At 1 GHz a client computes for as long as in the paper's set-up: 15 ms for 1250 images. */
const cyclesPerSample = 1.2e4;

/** What of a round of the scenario is not computing: s; 0 where no budget tells. */
function uploadOf({ preset, sets, fittingRounds }: Scenario, computeLatency: number): number {
  const { latency } = resolveConfig({ preset, sets: [...sets] }).budgets;
  return latency === null || fittingRounds === undefined ? 0 : Math.max(0, latency / fittingRounds - computeLatency);
}

/**
 * Deadlines and periods by what computing takes at 1 GHz, and the upload: the slowest client computes for four times that,
 * the fastest for half. After two and a half times that a client of some 0.5 GHz has sent too, so that a third is late.
 */
function variantsOf(scenario: Scenario): Variant[] {
  const { computeLatency, clients } = setUpOf(scenario);
  const upload = uploadOf(scenario, computeLatency);
  const seconds = (times: number) => Number((times * computeLatency + upload).toPrecision(3));
  const deadline = `waiting.deadline=${seconds(2.5)}`;
  const buffer = Math.max(1, Math.round(clients / 4));
  return [
    { label: "synchronous", sets: ["waiting=synchronous"] },
    { label: "deadline, late ones dropped", sets: ["waiting=deadline", deadline] },
    { label: "deadline, late ones kept", sets: ["waiting=deadline", deadline, "waiting.late=keep"] },
    { label: "semi-synchronous", sets: ["waiting=semi-synchronous", `waiting.period=${seconds(4)}`] },
    { label: `asynchronous, buffer of ${buffer}`, sets: ["waiting=asynchronous", `waiting.buffer=${buffer}`] },
    { label: "asynchronous, models mixed", sets: ["waiting=asynchronous", "waiting.mixing=models"] },
  ];
}

function waitingGrid(scenario: Scenario): ExperimentGrid {
  return {
    form: "fair",
    title: "How long the server waits, processors of 0.25 to 2 GHz",
    plan: planOf(
      { ...scenario, drops: Math.min(scenario.drops, 2) },
      {
        axes: [{ name: "waiting", variants: variantsOf(scenario) }],
        sets: [
          ...["quantizer=emq", "training.optimizer=adadelta", "power=most-rounds"],
          ...["budgets.compute.cpu.enabled=true", `budgets.compute.cpu.cyclesPerSample=${cyclesPerSample}`],
          "budgets.compute.cpu.capacitance=1e-30",
          ...["devices.frequency.distribution=log-uniform", `devices.frequency.minimum=${slowest}`],
          `devices.frequency.maximum=${fastest}`,
          // A step of an asynchronous server is a fraction of a round: budgets end these runs.
          "rounds=1000",
        ],
        baseline: "synchronous",
      },
    ),
  };
}

/** Accuracy over seconds and over joules. */
export const openWaiting = openExperiment({
  name: "waiting",
  title: "How long the server waits",
  about:
    "Clients' processors differ, from 0.25 to 2 GHz; the server waits for all, until a deadline, for whole epochs of a " +
    "period, or adds updates as they come. The budgets end each run.",
  grids: (scenario) => [waitingGrid(scenario)],
  compared: (scenario) => heldAgainstFirst("waiting", variantsOf(scenario)),
});
