import type { Variant } from "../../study/plan/axes.js";
import { againstFirst, openExperiment } from "./question.js";

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
];

/** What the paper leaves open of costs and epochs, one switch at a time. */
export const openSwitches = openExperiment({
  name: "switches",
  title: "What the paper leaves open, one switch at a time",
  about:
    "Each row turns one switch of the paper's set-up (EMQ, AdaDelta, most rounds): how much of the outcome hangs on what " +
    "the paper does not say of costs and epochs.",
  ...againstFirst("switch", switches, {
    sets: ["quantizer=emq", "training.optimizer=adadelta", "power=most-rounds"],
    title: "One switch at a time",
  }),
});
