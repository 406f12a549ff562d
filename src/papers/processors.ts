import type { Scenario } from "./experiment.js";
import { setUpOf } from "./setup.js";

/** At 1 GHz a client computes for as long as in the paper's set-up: 15 ms for 1250 images. */
const [cyclesPerSample, frequency] = [1.2e4, 1e9];

/**
 * Clients that pay for computing, as settings of a config: so much that `rounds` rounds at 1 GHz take the energy budget.
 */
export function processors(scenario: Pick<Scenario, "preset" | "sets">, rounds: number): string[] {
  const { clients, imagesPerClient, localEpochs, budgets } = setUpOf(scenario);
  const cycles = clients * imagesPerClient * localEpochs * cyclesPerSample;
  const capacitance = (budgets.energy ?? 1) / rounds / (0.5 * cycles * frequency * frequency);
  return [
    ...["budgets.compute.cpu.enabled=true", `budgets.compute.cpu.frequency=${frequency}`],
    `budgets.compute.cpu.cyclesPerSample=${cyclesPerSample}`,
    `budgets.compute.cpu.capacitance=${Number(capacitance.toPrecision(3))}`,
  ];
}
