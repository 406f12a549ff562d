import { describe, expect, it } from "vitest";
import { simulate } from "../../../src/federated/simulate.js";
import { simulateTogether } from "../../../src/federated/together.js";
import { parseConfig } from "../../../src/parts/resolve.js";
import { everyState, lastState } from "../states.js";
import { tiny } from "../tiny.js";

/** Clients with unlike numbers of images, so that none is done when another is. */
const uneven = {
  ...tiny,
  rounds: 6,
  data: { ...tiny.data, split: { kind: "quantity", alpha: 2 } },
  budgets: { compute: { latencyPer1250: 0.1 }, circuitPower: 0.01 },
} as const;

const learned = ({ rounds }: Awaited<ReturnType<typeof simulate>>) =>
  rounds.map(({ accuracy, testLoss, loss, nominalBits, wireBits }) => [
    accuracy,
    testLoss,
    loss,
    nominalBits,
    wireBits,
  ]);

describe("where everybody is waited for", () => {
  it("learns what the synchronous server learns, bit for bit", async () => {
    const synchronous = await simulate(uneven);
    for (const waiting of [{ kind: "deadline" }, { kind: "asynchronous", buffer: 4 }] as const) {
      const run = await simulate({ ...uneven, waiting });
      expect(learned(run)).toEqual(learned(synchronous));
      expect(run.final.nominalSaving).toBe(synchronous.final.nominalSaving);
    }
  });

  it("costs what the synchronous round costs where all begin and end together", async () => {
    // Equal shards compute alike, and max–min latency lets every upload end at once, to its own precision of 1e-9 in
    // the rates: then there is one set of senders, and the same problem for it.
    const alike = { ...tiny, power: "min-max", budgets: { circuitPower: 0.01 } } as const;
    const synchronous = await simulate(alike);
    const clock = await simulate({ ...alike, waiting: { kind: "deadline" } });
    clock.rounds.forEach((round, i) => {
      const other = synchronous.rounds[i]!;
      expect(Math.abs(round.latency - other.latency) / other.latency).toBeLessThan(2e-6);
      expect(Math.abs(round.energy - other.energy) / other.energy).toBeLessThan(2e-6);
      expect(round.waiting!.updates.map(({ staleness }) => staleness)).toEqual([0, 0, 0, 0]);
    });
  });
});

describe("a deadline", () => {
  it("breaks off who is late, whose energy is spent and whose update nobody has seen", async () => {
    const all = await simulate({ ...uneven, waiting: { kind: "deadline" } });
    const ends = all.rounds[0]!.waiting!.spans.filter(({ does }) => does === "sending").map(({ to }) => to);
    const deadline = (Math.min(...ends) + Math.max(...ends)) / 2;
    const run = await simulate({ ...uneven, waiting: { kind: "deadline", deadline } });
    const { latency, nominalBits, perClient, waiting } = run.rounds[0]!;
    expect(latency).toBe(deadline);
    expect(waiting!.dropped.length).toBeGreaterThan(0);
    expect(waiting!.dropped.length + waiting!.updates.length).toBe(4);
    for (const client of waiting!.dropped) {
      expect(perClient.skipped[client]).toBe(true);
      expect(perClient.nominalBits[client]).toBe(0);
      expect(perClient.energy[client]! > 0).toBe(
        waiting!.spans.some((span) => span.client === client && span.does === "sending"),
      );
    }
    expect(nominalBits).toBe(waiting!.updates.reduce((sum, { client }) => sum + perClient.nominalBits[client]!, 0));
    expect(waiting!.updates.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12);
  });

  it("gives encoder and decoder of what was broken off their memory back", async () => {
    // LAQ's packets are innovations on what both ends remember: one that moved on alone would decode to nonsense. Broken
    // off in every round, a client that is too slow learns nothing and changes nothing.
    const laq = { ...uneven, quantizer: { name: "laq", bits: 6 }, rounds: 3 } as const;
    const all = await simulate({ ...laq, waiting: { kind: "deadline" } });
    const ends = all.rounds[0]!.waiting!.spans.filter(({ does }) => does === "sending").map(({ to }) => to);
    const deadline = (Math.min(...ends) + Math.max(...ends)) / 2;
    const memories: string[][] = [];
    const config = parseConfig({ ...laq, waiting: { kind: "deadline", deadline } });
    const { result, states } = await everyState(config);
    for (const state of states) {
      memories.push(state.clients.map((memory, k) => JSON.stringify([[...memory], [...state.decoders[k]!]])));
    }
    for (const { round, waiting } of result.rounds) {
      for (const client of waiting!.dropped) {
        expect(memories[round - 1]![client]).toBe(round === 1 ? "[[],[]]" : memories[round - 2]![client]);
      }
    }
    expect(result.rounds.some(({ waiting }) => waiting!.dropped.length > 0)).toBe(true);
  });

  it("uses what is late when it is there, with the weight of its age", async () => {
    const deadline = 0.005;
    const waiting = {
      kind: "deadline",
      deadline,
      late: "keep",
      staleness: { kind: "geometric", factor: 0.25 },
    } as const;
    const run = await simulate({ ...uneven, rounds: 8, waiting });
    const used = run.rounds.flatMap(({ waiting }) => waiting!.updates);
    expect(run.rounds.every(({ waiting }) => waiting!.dropped.length === 0)).toBe(true);
    expect(used.some(({ staleness }) => staleness > 0)).toBe(true);
    for (const { waiting } of run.rounds) {
      const undone = waiting!.updates.reduce((sum, { weight, staleness }) => sum + weight / 0.25 ** staleness, 0);
      expect(undone).toBeCloseTo(1, 12);
    }
  });

  it("that nobody can meet says who would be first and what would do, and that does", async () => {
    const waiting = { kind: "deadline", deadline: 0.001 } as const;
    const refused = await simulate({ ...uneven, waiting }).catch((error: Error) => error);
    const message = (refused as Error).message;
    expect(message).toMatch(
      /^waiting\.deadline: 0\.001 s are too few for every client in round 1: the first to be there, client \d, would take [\d.]+ s \(allowed: at least ([\d.]+), or null\)$/,
    );
    const enough = Number(/at least ([\d.]+)/.exec(message)![1]);
    const run = await simulate({ ...uneven, rounds: 1, waiting: { kind: "deadline", deadline: enough } });
    expect(run.rounds[0]!.waiting!.updates.length).toBeGreaterThan(0);
  });
});

describe("an asynchronous server", () => {
  it("makes a step of as many updates as its buffer holds, and counts their age in steps", async () => {
    const run = await simulate({ ...uneven, rounds: 12, waiting: { kind: "asynchronous", buffer: 2 } });
    const began = new Array<number>(4).fill(1);
    for (const { round, waiting, latency, energy } of run.rounds) {
      expect(waiting!.updates).toHaveLength(2);
      for (const { client, staleness } of waiting!.updates) {
        // A client begins in the round after the one that its last update was used in.
        expect(round - staleness).toBe(began[client]);
        began[client] = round + 1;
      }
      expect(latency >= 0 && energy >= 0).toBe(true);
    }
    expect(run.rounds.flatMap(({ waiting }) => waiting!.updates).some(({ staleness }) => staleness > 0)).toBe(true);
  });

  it("costs by its spans: seconds that add up, and joules of the powers", async () => {
    const run = await simulate({ ...uneven, rounds: 10, waiting: { kind: "asynchronous", buffer: 1 } });
    for (const { latency, energy, perClient, waiting } of run.rounds) {
      for (let client = 0; client < 4; client++) {
        const sent = waiting!.spans
          .filter((span) => span.client === client && span.does === "sending")
          .reduce((sum, { from, to }) => sum + to - from, 0);
        expect(sent).toBeCloseTo(perClient.latency[client]!, 12);
        expect(perClient.energy[client]).toBeCloseTo((0.1 * perClient.power[client]! + 0.01) * sent, 12);
      }
      expect(energy).toBeCloseTo(
        perClient.energy.reduce((sum, joules) => sum + joules, 0),
        12,
      );
      for (const { to } of waiting!.spans) expect(to).toBeLessThanOrEqual(latency);
    }
  });

  it("mixes models as FedAsync does: α of the way to the model that the client made", async () => {
    // With α = 1, a constant weight and a buffer of one, w becomes the client's model itself. From the untrained model
    // the first update is added as FedBuff would; the second client's began from the same untrained model.
    const buffered = { kind: "asynchronous", buffer: 1, staleness: { kind: "constant" } } as const;
    const models: Float32Array[] = [];
    const updates = new Map<string, Float32Array>();
    const config = parseConfig({
      ...uneven,
      rounds: 2,
      waiting: { ...buffered, mixing: "models", mixingRate: 1 },
    });
    const { results } = await simulateTogether(config, [{ config }, { config: { ...config, rounds: 1 } }], {
      observers: [
        {
          onUpdate: (client, round, decoded) => updates.set(`${client} of ${round}`, decoded.slice()),
          onEnd: (_result, { account, model }) => {
            models[account] = model!.slice();
          },
        },
      ],
    });
    const used = results[0]!.rounds.map(({ round, waiting }) => {
      const [{ client, staleness } = { client: -1, staleness: 0 }] = waiting!.updates;
      return updates.get(`${client} of ${round - staleness}`)!;
    });
    expect(results[0]!.rounds[1]!.waiting!.updates[0]!.staleness).toBe(1);
    const untrained = models[1]!.map((value, i) => value - used[0]![i]!);
    // float32 sums: w_0 + v_2 by two ways, each rounded at most twice
    models[0]!.forEach((value, i) => {
      expect(Math.abs(value - (untrained[i]! + used[1]![i]!))).toBeLessThan(8 * 2 ** -24 * (1 + Math.abs(value)));
    });
  });

  it("is refused more updates than clients", () => {
    const asked = (buffer: number, server = {}) =>
      parseConfig({ ...tiny, server, waiting: { kind: "asynchronous", buffer } });
    expect(() => asked(5)).toThrow(
      "waiting.buffer: 5 updates never come together (allowed: 1 to 4, network.clients): each client has one under way",
    );
    expect(() => asked(3, { participation: 0.5 })).toThrow(
      "waiting.buffer: 3 updates never come together (allowed: 1 to 2",
    );
  });

  it("has no more clients at work than take part", async () => {
    const waiting = { kind: "asynchronous", buffer: 1 } as const;
    const run = await simulate({ ...uneven, rounds: 8, server: { participation: 0.5 }, waiting });
    for (const { waiting } of run.rounds) {
      expect(new Set(waiting!.spans.map(({ client }) => client)).size).toBeLessThanOrEqual(2);
      expect(waiting!.updates).toHaveLength(1);
    }
  });
});

describe("a semi-synchronous server", () => {
  it("has clients train for as long as there is time, then waits for all", async () => {
    const run = await simulate({ ...uneven, rounds: 2, waiting: { kind: "semi-synchronous", period: 0.05 } });
    const { waiting, localEpochs } = run.rounds[0]!;
    const computing = [0, 1, 2, 3].map((client) => waiting!.spans.find((span) => span.client === client)!.to);
    for (const seconds of computing) expect(seconds).toBeLessThanOrEqual(0.05 * (1 + 1e-12));
    // Nobody could have done another epoch.
    expect(localEpochs).toBeGreaterThan(1);
    expect(waiting!.updates).toHaveLength(4);
    expect(new Set(computing).size).toBeGreaterThan(1);
  });

  it("is refused a period of more epochs than anybody means", async () => {
    const waiting = { kind: "semi-synchronous", period: 1e6 } as const;
    await expect(simulate({ ...uneven, waiting })).rejects.toThrow(
      /^waiting\.period: 1000000 s are \d+ epochs of .* client 0/,
    );
    const budgets = { compute: { latencyPer1250: 0 } };
    await expect(simulate({ ...uneven, budgets, waiting })).rejects.toThrow(
      "waiting.period: 1000000 s are endlessly many epochs of client 0, whose computing takes no time",
    );
  });
});

it.each([
  [{ selection: { weights: "unbiased" } }, "selection.weights"],
  [{ devices: { battery: { enabled: true } }, power: { method: "most-rounds", batteries: true } }, "power.batteries"],
  [{ plan: "joint-resolution", quantizer: "emq", power: "most-rounds" }, "plan.kind"],
  [{ budgets: { compute: { cpu: { enabled: true, choose: true } } } }, "budgets.compute.cpu.choose"],
] as const)("refuses what is of rounds in which all send together (%o)", (other, path) => {
  expect(() => parseConfig({ ...tiny, ...other, waiting: "asynchronous" })).toThrow(
    new RegExp(`^${path.replaceAll(".", "\\.")}: .* with waiting.kind "asynchronous"`),
  );
  expect(() => parseConfig({ ...tiny, ...other })).not.toThrow();
});

describe("whatever the server waits for", () => {
  const kinds = [
    { kind: "deadline", deadline: 0.005, late: "keep" },
    { kind: "deadline", deadline: 0.02 },
    { kind: "semi-synchronous", period: 0.02 },
    { kind: "asynchronous", buffer: 2 },
    { kind: "asynchronous", buffer: 1, mixing: "models" },
  ] as const;

  it.each(kinds)("a run goes on from its state as if it had not been broken off (%o)", async (waiting) => {
    const config = parseConfig({ ...uneven, rounds: 7, waiting, quantizer: { name: "laq", bits: 4 } });
    const whole = await simulateTogether(config, [{ config }]);
    const state = lastState();
    const stop = new AbortController();
    const observers = [{ onRound: ({ round }: { round: number }) => (round === 3 ? stop.abort() : undefined) }];
    await simulateTogether(config, [{ config }], { state, stateInterval: 0, signal: stop.signal, observers });
    const { results, resumed } = await simulateTogether(config, [{ config }], { state, stateInterval: 0 });
    expect(resumed.round).toBe(3);
    expect(results[0]!.fingerprint).toEqual(whole.results[0]!.fingerprint);
    expect(results[0]!.rounds).toEqual(whole.results[0]!.rounds);
  });

  it.each(kinds)("a kept trace is priced again without training (%o)", async (waiting) => {
    const config = parseConfig({ ...uneven, waiting });
    const { results, trace } = await simulateTogether(config, [{ config }]);
    const kept = JSON.parse(JSON.stringify(trace));
    const again = await simulateTogether(config, [{ config }], { kept });
    expect(again.trained).toBe(false);
    expect(again.results).toEqual(results);
  });

  it("another radio, power method or budget is another training", async () => {
    const config = parseConfig({ ...uneven, waiting: { kind: "asynchronous" } });
    const others = [
      { config, drop: 1 },
      { config: { ...config, power: { method: "full" } } },
      { config: { ...config, budgets: { ...config.budgets, energy: 1 } } },
    ];
    for (const other of others) {
      await expect(simulateTogether(config, [{ config }, other])).rejects.toThrow(
        "accounts[1]: is no run of this training",
      );
    }
  });

  it("ends before the first step that would break a budget", async () => {
    const waiting = { kind: "asynchronous", buffer: 1 } as const;
    const budgets = { ...uneven.budgets, latency: 0.02 };
    const { rounds, ended, final } = await simulate({ ...uneven, rounds: 100, budgets, waiting });
    expect(ended.by).toBe("latency");
    expect(final.latency).toBeLessThanOrEqual(0.02);
    expect(rounds.at(-1)!.totals.latency).toBe(final.latency);
  });
});
