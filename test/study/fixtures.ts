import { namedAxis } from "../../src/study/plan/axes.js";
import { type GridPlan, layOutGrid } from "../../src/study/plan/grid.js";

/** Small enough for a test, with every part of a real comparison in it. */
export const tiny: Omit<GridPlan, "axes"> = {
  preset: "quick",
  sets: [
    "rounds=3",
    "data.trainExamples=300",
    "data.testExamples=100",
    "model=softmax",
    "training.localEpochs=1",
    "network.clients=4",
    "budgets.energy=0.05",
    "budgets.latency=1",
  ],
  seeds: [1, 2],
  drops: 2,
};

export const twoByTwo = layOutGrid({
  ...tiny,
  axes: [namedAxis("quantizer", "emq,identity"), namedAxis("power", "min-max,full")],
});
