// Can a small transformer learn a text that ten clients hold in parts? Next characters, by every client's own share.
import { createTextDataset, simulate } from "cellfed";

const text = "the quick brown fox jumps over the lazy dog and runs back over the hill again, ".repeat(60);
const dataset = createTextDataset(text, { sequenceLength: 16, trainExamples: 0, testExamples: 0, bySpeaker: false });
const { rounds } = await simulate(
  {
    rounds: 4,
    data: { name: "text", file: "fox.txt", sequenceLength: 16 }, // the file is only recorded: the text is handed over
    model: "char-transformer",
    training: { optimizer: { name: "adam", learningRate: 0.003 }, localEpochs: 2 },
    network: { clients: 10 },
    budgets: { energy: null, latency: null },
  },
  { dataset },
);
for (const { round, testLoss } of rounds) console.log(round, testLoss);
