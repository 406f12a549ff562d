import { resolveConfig } from "../parts/index.js";
import type { Variant } from "../study/plan/axes.js";
import { type Experiment, planOf, type Scenario } from "./experiment.js";
import { batteryGrid, batteryLives, selectionGrid } from "./participation.js";
import { waitingGrid } from "./waiting.js";

const variant = (label: string, ...sets: string[]): Variant => ({ label, sets });

/** One switch each, over the paper's set-up. */
const switches: readonly Variant[] = [
  variant("the paper's set-up"),
  variant("adaptive local epochs", "training.adaptiveEpochs.increment=1", "training.adaptiveEpochs.maximum=8"),
  variant("budgets on wire bits", "budgets.bits=wire"),
  variant("circuit power 10 mW", "budgets.circuitPower=0.01"),
  variant(
    "the CPU model of computation",
    "budgets.compute.cpu.enabled=true",
    "budgets.compute.cpu.cyclesPerSample=1e4",
    "budgets.compute.cpu.capacitance=1e-29",
  ),
  variant(
    "downlink, 200 Mbit/s at 0.1 W",
    "budgets.downlink.enabled=true",
    "budgets.downlink.rate=200e6",
    "budgets.downlink.power=0.1",
  ),
  variant("correlated channels, 15°", "network.correlation.model=local-scattering"),
  variant("Rician, 6 dB", "network.rician.enabled=true"),
  variant("moving clients", "network.mobility.model=random-waypoint", "network.mobility.speed=10"),
  variant("LP-MMSE combining", "network.combining=lp-mmse"),
  variant("server momentum", "server=fedavgm", "server.momentum=0.5"),
  variant("adaptive server", "server=fedadam"),
  variant("another network", "model=mlp"),
];

/** Among how many clients a scenario's energy budget is shared. */
function sharesOf({ preset, sets }: Scenario): { clients: number; energy: number } {
  const { network, budgets } = resolveConfig({ preset, sets });
  return { clients: network.clients, energy: budgets.energy ?? 1 };
}

/** What the paper leaves open, one switch at a time. */
export const openSwitches: Experiment = {
  name: "open",
  title: "What the paper leaves open",
  about:
    "Each row turns one switch of the paper's set-up (EMQ, AdaDelta, most rounds): how much of the outcome hangs on what " +
    "the paper does not say; then how long its server waits, where it says nothing of devices that differ. No claim is " +
    "judged here.",
  grids: (scenario) => [
    {
      form: "fair",
      title: "One switch at a time",
      plan: planOf(
        { ...scenario, drops: Math.min(scenario.drops, 5) },
        {
          axes: [{ name: "switch", variants: switches }],
          sets: ["quantizer=emq", "training.optimizer=adadelta", "power=most-rounds"],
          baseline: "the paper's set-up",
        },
      ),
    },
    selectionGrid(scenario),
    batteryGrid(scenario, sharesOf(scenario)),
    waitingGrid(scenario),
  ],
  claims: () => [],
  figures: batteryLives,
};
