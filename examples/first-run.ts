// How far do ten clients get with 0.02 J and 0.45 s? Prints a line a round and what ended the run.
import { simulate } from "cellfed";

const { final, ended } = await simulate(
  { preset: "quick", rounds: 5, data: { trainExamples: 1000 } },
  { onRound: ({ round, accuracy, totals }) => console.log(round, accuracy, `${totals.energy} J`) },
);
console.log(`accuracy ${final.accuracy} after ${final.rounds} rounds: ${ended.reason}`);
