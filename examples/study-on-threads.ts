// A study that survives a kill: its journal lies in a folder, and what is there is not computed again.
import { compare, runSummary } from "cellfed";
import { openFolderStore, threads } from "cellfed/node";

const folder = "results/study";
const plan = {
  file: { rounds: 3, data: { trainExamples: 300 }, model: "softmax", network: { clients: 5 } },
  ...{ quantizers: ["emq", "identity"], power: ["most-rounds", "full"], seeds: [1, 2], drops: 2 },
};
const store = await openFolderStore(folder, { plan, resume: true });
const place = threads(2);
await compare(plan, { store, place, onProgress: ({ share }) => console.log(`${Math.round(100 * share)} %`) });
for await (const record of store.select(store.keys("run"))) {
  const run = runSummary(record)!;
  console.log(run.cell, run.seed, run.drop, run.final.accuracy);
}
await place.close();
await store.close();
