import { expect, it } from "vitest";
import { simulate } from "../../src/federated/simulate.js";
import { roundColumnsOf, runFacts } from "../../src/report/tables/run.js";
import { threadedExecutor } from "../../src/study/run/executor.js";
import { tiny } from "../federated/tiny.js";

const air = { ...tiny, rounds: 2, quantizer: "identity", aggregation: "over-the-air" } as const;
const valuesOf = (rounds: Parameters<typeof roundColumnsOf>[0], prefix: string) =>
  roundColumnsOf(rounds).flatMap(({ label, value }) => (label.startsWith(prefix) ? [value(rounds[0]!)] : []));

it("shows sums over the air by their channel uses and errors, and no bits", async () => {
  const result = await simulate(air);
  const { uses, signal, expectedError, error } = result.rounds[0]!.air!;
  expect(valuesOf(result.rounds, "air_")).toEqual([uses, signal, expectedError, error]);
  const facts = new Map(runFacts(result));
  expect(facts.has("nominal bits")).toBe(false);
  expect(facts.get("over the air")).toMatch(
    /^no bits; [\d.]+ channel uses a round, squared error [\d.e-]+ of the sums'$/,
  );
});

it("shows what links carry where access points add, and neither elsewhere", async () => {
  const { rounds } = await simulate({
    ...tiny,
    rounds: 1,
    aggregation: "access-points",
    network: { clients: 4, combining: "mr" },
  });
  const { bits, sampleBits } = rounds[0]!.fronthaul!;
  expect(valuesOf(rounds, "fronthaul_")).toEqual([bits, sampleBits]);
  const plain = await simulate({ ...tiny, rounds: 1 });
  expect([...valuesOf(plain.rounds, "air_"), ...valuesOf(plain.rounds, "fronthaul_")]).toEqual([]);
});

it.each([{}, { network: { clients: 4, mobility: { model: "random-waypoint" } } }])(
  "has the same sums over the air on threads (%o)",
  async (more) => {
    const here = await simulate({ ...air, ...more } as typeof air);
    expect(await simulate({ ...air, ...more } as typeof air, { executor: threadedExecutor(2) })).toEqual(here);
  },
);
