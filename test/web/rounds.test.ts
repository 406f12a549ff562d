import { describe, expect, it } from "vitest";
import { openDataset, type RunResult, resolveConfig, simulate } from "../../src/index.js";
import { factsOf } from "../../web/clientFacts.js";
import type { ClientFacts } from "../../web/figures.js";
import { computingEnergy, partsOf, type Round } from "../../web/timeline/parts.js";
import { energyWords, splitWords, timelineWords, waitWords } from "../../web/timeline/words.js";

const few = ["rounds=4", "data.trainExamples=400", "data.testExamples=50", "network.clients=8"];

interface Ran {
  run: RunResult;
  facts: ClientFacts;
  rounds: Round[];
}

async function ran(...sets: string[]): Promise<Ran> {
  const config = resolveConfig({ preset: "quick", sets: [...few, ...sets] });
  const facts = factsOf(config, await openDataset(config.data, config.seed));
  const run = await simulate(config);
  return { run, facts, rounds: run.rounds.map((record) => partsOf(config, record, facts)) };
}

const lastEnd = ({ clients }: Round) => Math.max(...clients.flatMap(({ spans }) => spans.map(({ to }) => to)));

/** Sums of the same parts in another order. */
const digits = 1e-12;

describe("a round's timeline", () => {
  it("has each device's own computing, and ends when the round does", async () => {
    const { run, rounds } = await ran(
      "budgets.compute.cpu.enabled=true",
      "devices.frequency.distribution=log-uniform",
      "devices.frequency.minimum=2e8",
      "devices.frequency.maximum=2e9",
      "budgets.energy=null",
      "budgets.latency=null",
    );
    for (const [at, round] of rounds.entries()) {
      const { latency } = run.rounds[at]!;
      expect(Math.abs(lastEnd(round) - latency)).toBeLessThan(digits * latency);
      const computing = round.clients.map(({ spans }) => spans.find(({ does }) => does === "computing")!.to);
      expect(new Set(computing).size).toBe(8);
      // Each begins to send when it has computed
      for (const [k, { spans }] of round.clients.entries())
        expect(spans.find(({ does }) => does === "sending")!.from).toBe(computing[k]);
      expect(timelineWords(round)).toContain("each sends once it has computed");
      expect(waitWords(round, round.last)).toContain("nobody ends later");
    }
  });

  it("has all begin together where they compute alike, whoever has more examples", async () => {
    const { run, facts, rounds } = await ran(
      "data.split.kind=dirichlet",
      "data.split.alpha=0.2",
      "budgets.energy=null",
    );
    for (const [at, round] of rounds.entries()) {
      const { latency, localEpochs } = run.rounds[at]!;
      expect(Math.abs(lastEnd(round) - latency)).toBeLessThan(digits * latency);
      const slowest = Math.max(...facts.epochSeconds) * localEpochs;
      expect(Math.abs(round.begun - slowest)).toBeLessThan(digits * latency);
      for (const { spans } of round.clients)
        for (const { does, from } of spans) if (does === "sending") expect(from).toBe(round.begun);
    }
  });

  it("says who was not chosen, and whose update was lost", async () => {
    const { run, rounds } = await ran(
      "selection.rule=round-robin",
      "server.participation=0.5",
      "loss.kind=random",
      "loss.probability=0.5",
      "budgets.energy=null",
    );
    let [out, lost] = [0, 0];
    for (const [at, round] of rounds.entries()) {
      const { participates, delivered, latency } = run.rounds[at]!.perClient;
      for (const [k, { fate, spans }] of round.clients.entries()) {
        expect(fate === "out").toBe(!participates![k]);
        expect(fate === "lost").toBe(latency[k]! > 0 && !delivered![k]);
        if (fate === "out") expect(spans).toEqual([]);
        out += fate === "out" ? 1 : 0;
        lost += fate === "lost" ? 1 : 0;
        if (fate === "out") expect(waitWords(round, k)).toBe(`Client ${k} is not chosen for this round.`);
        if (fate === "lost") expect(waitWords(round, k)).toContain("lost on the way");
      }
      expect(timelineWords(round)).toContain("4 clients not chosen");
    }
    expect(out).toBe(16);
    expect(lost).toBeGreaterThan(0);
  });

  it("has what is left in the batteries, and whom they do not carry", async () => {
    const { run, facts, rounds } = await ran(
      "budgets.compute.cpu.enabled=true",
      "devices.battery.enabled=true",
      "devices.battery.charge.distribution=uniform",
      "devices.battery.charge.minimum=0.00001",
      "devices.battery.charge.maximum=0.5",
      "budgets.energy=null",
      "budgets.latency=null",
    );
    expect(facts.charge).toHaveLength(8);
    for (const [at, round] of rounds.entries()) {
      const { battery } = run.rounds[at]!.perClient;
      expect(round.clients.map((client) => client.battery)).toEqual(battery);
      expect(energyWords(round, 0)).toContain("left in its battery");
    }
  });

  it("keeps the order of what a client does on the simulated clock", async () => {
    const { run, rounds } = await ran("waiting.kind=asynchronous", "waiting.buffer=3", "budgets.energy=null");
    for (const [at, round] of rounds.entries()) {
      for (const [k, { spans }] of round.clients.entries()) {
        const own = run.rounds[at]!.waiting!.spans.filter(({ client, from, to }) => client === k && to > from);
        expect(spans).toHaveLength(own.length);
        for (const [i, { from }] of spans.entries()) expect(from).toBeGreaterThanOrEqual(spans[i - 1]?.to ?? 0);
      }
    }
  });

  it("has the slot that all share over the air, and how well their sum is heard", async () => {
    const { run, rounds } = await ran("aggregation=over-the-air", "quantizer=identity", "budgets.energy=null");
    for (const [at, round] of rounds.entries()) {
      const { air, latency } = run.rounds[at]!;
      expect(round.air).toEqual({ uses: air!.uses, error: air!.error / air!.signal });
      const sendings = round.clients.map(({ spans }) => spans.find(({ does }) => does === "sending")!);
      expect(new Set(sendings.map(({ from, to }) => `${from} ${to}`)).size).toBe(1);
      expect(Math.abs(lastEnd(round) - latency)).toBeLessThan(digits * latency);
      expect(timelineWords(round)).toContain(`8 clients send at once in one slot`);
      expect(timelineWords(round)).toContain(`${air!.uses} channel uses`);
    }
  });

  it("has what the access points' links take at the end, and whose joules are whose", async () => {
    const counted = [
      "aggregation=access-points",
      "aggregation.fronthaul.counted=true",
      "aggregation.fronthaul.rate=1e7",
    ];
    const downlink = ["budgets.downlink.enabled=true", "budgets.compute.cpu.enabled=true"];
    const { run, rounds } = await ran(...counted, ...downlink, "budgets.energy=null", "budgets.latency=null");
    for (const [at, round] of rounds.entries()) {
      const { fronthaul, downlink: sent, latency, energy } = run.rounds[at]!;
      expect(round.links).toEqual({ bits: fronthaul!.bits, seconds: fronthaul!.latency, energy: fronthaul!.energy });
      expect(Math.abs(lastEnd(round) + fronthaul!.latency - latency)).toBeLessThan(digits * latency);
      const sending = round.clients.reduce((sum, { radiated, circuit }) => sum + radiated + circuit, 0);
      const whole = sending + computingEnergy(round) + sent!.energy + fronthaul!.energy;
      expect(computingEnergy(round)).toBeGreaterThan(0);
      expect(Math.abs(whole - energy)).toBeLessThan(digits * energy);
      expect(timelineWords(round)).toContain("Access points add what they decode");
      expect(splitWords(round)).toContain("the access points' links");
    }
  });

  it("says of links that are not counted what they carry, and draws no time of them", async () => {
    const { rounds } = await ran("aggregation=access-points", "budgets.energy=null");
    for (const round of rounds) {
      expect(round.links).toMatchObject({ seconds: 0, energy: 0 });
      expect(timelineWords(round)).toMatch(/their sums are [\d.]+ \wbit on the links\./);
      expect(splitWords(round)).not.toContain("links");
    }
  });

  it("knows the classes of each client's examples", async () => {
    const { facts } = await ran("data.split.kind=shards", "data.split.classesPerClient=2");
    expect(new Set(facts.examples).size).toBe(1);
    for (const mix of facts.classes!) {
      expect(mix.filter((share) => share > 0).length).toBeLessThanOrEqual(2);
      expect(mix.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    }
  });
});
