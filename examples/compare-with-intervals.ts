// Does EMQ lose accuracy against full precision within the same budgets? Paired over three seeds.
import { compare } from "cellfed";

const { cells } = await compare({
  file: { rounds: 4, data: { trainExamples: 600 }, model: "softmax", network: { clients: 5 } },
  quantizers: ["identity", "emq", "laq:bits=4"], // the first is what the others are compared with
  seeds: [1, 2, 3],
  drops: 4,
});
for (const { id, summary } of cells) {
  const { accuracy, rounds } = summary!;
  console.log(id, `${accuracy?.mean} ± ${accuracy?.halfWidth} in ${rounds.mean} rounds`);
}
