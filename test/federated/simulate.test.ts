import { describe, expect, it } from "vitest";
import type { Allocation, PowerMethod, Quantizer } from "../../src/config/records.js";
import { inOrder } from "../../src/federated/executor.js";
import { completeConfig, simulate } from "../../src/federated/simulate.js";
import { simulateTogether } from "../../src/federated/together.js";
import { powerMethod } from "../../src/power/index.js";
import { threadedExecutor } from "../../src/study/run/executor.js";

/** Small enough for a test, with every part of a real run in it. */
const tiny = {
  preset: "quick",
  rounds: 3,
  data: { trainExamples: 400, testExamples: 200 },
  model: { preset: "softmax" },
  training: { localEpochs: 1 },
  network: { clients: 4 },
} as const;

/** Sends the floats themselves, and remembers what passed. */
function recordingQuantizer(seen: Map<string, Float32Array>): Quantizer {
  return {
    name: "recording",
    encode(update, { client, round }) {
      seen.set(`${round}:${client}`, update.slice());
      return { bytes: new Uint8Array(update.slice().buffer), nominalBits: 32 * update.length };
    },
    decode(bytes, into) {
      into.set(new Float32Array(bytes.slice().buffer));
    },
  };
}

const fail = () => {
  throw new Error("nothing was asked for");
};

describe("simulate", () => {
  it("gives the same fingerprint again, and with one or two worker threads", async () => {
    const first = await simulate(tiny);
    expect(first.ended.by).toBe("rounds");
    expect(first.rounds).toHaveLength(3);
    expect((await simulate(tiny)).fingerprint).toEqual(first.fingerprint);
    for (const threads of [1, 2]) {
      const threaded = await simulate(tiny, { executor: threadedExecutor(threads) });
      expect(threaded.fingerprint).toEqual(first.fingerprint);
    }
    expect((await simulate({ ...tiny, seed: 2 })).fingerprint.results).not.toBe(first.fingerprint.results);
  }, 60_000);

  it("trains the model with what the server decodes, weighted by examples", async () => {
    const seen = new Map<string, Float32Array>();
    const exact = await simulate(tiny, { quantizer: recordingQuantizer(seen) });
    const identity = await simulate({ ...tiny, quantizer: { name: "identity" } });
    // A quantizer of one's own that loses nothing learns exactly as the built-in full precision does.
    expect(exact.rounds.map((r) => r.accuracy)).toEqual(identity.rounds.map((r) => r.accuracy));
    expect(seen.size).toBe(3 * 4);
    // A decoder that returns nothing but zeros leaves the model where it was: the loss never moves.
    const deaf = { ...recordingQuantizer(new Map()), decode: (_: Uint8Array, into: Float32Array) => void into.fill(0) };
    const still = await simulate(tiny, { quantizer: deaf });
    expect(new Set(still.rounds.map((r) => r.testLoss)).size).toBe(1);
  });

  it("ends before the round that would break a budget, and says which", async () => {
    const free = await simulate(tiny);
    const two = free.rounds[1]!.totals;
    const byEnergy = await simulate({ ...tiny, power: { method: "full" }, budgets: { energy: 1e-12 } });
    expect(byEnergy.ended.by).toBe("energy");
    expect(byEnergy.rounds).toHaveLength(0);
    expect(byEnergy.ended.reason).toMatch(/energy.*full.*client/);
    const byLatency = await simulate({ ...tiny, budgets: { latency: two.latency * 1.01 } });
    expect(byLatency.ended.by).toBe("latency");
    expect(byLatency.rounds.length).toBeLessThanOrEqual(2);
    expect(byLatency.rounds.at(-1)?.totals.latency ?? 0).toBeLessThanOrEqual(two.latency * 1.01);
  });

  it("adds up: totals are sums of rounds, a round's joules are its clients' joules", async () => {
    const { rounds } = await simulate(tiny);
    let energy = 0;
    let latency = 0;
    for (const round of rounds) {
      energy += round.energy;
      latency += round.latency;
      expect(round.totals.energy).toBe(energy);
      expect(round.totals.latency).toBe(latency);
      const clients = round.perClient.energy.reduce((sum, e) => sum + e, 0);
      // Sums of four positive numbers in another order: a few units in the last place.
      expect(Math.abs(clients - round.energy)).toBeLessThanOrEqual(4 * Number.EPSILON * round.energy);
      // 100 examples a client and epoch, 15 ms per 1250
      expect(round.latency).toBeCloseTo(0.015 * (100 / 1250) + Math.max(...round.perClient.latency), 12);
    }
  });

  it("stops with client and round named when an update is not finite", async () => {
    const result = await simulate({
      ...tiny,
      training: { ...tiny.training, optimizer: { name: "sgd", learningRate: 1e38 } },
    });
    expect(result.ended.by).toBe("failed");
    expect(result.ended.reason).toMatch(/round \d+, client \d+/);
  });

  it("can be stopped, and paused, from outside", async () => {
    const controller = new AbortController();
    const result = await simulate(tiny, {
      signal: controller.signal,
      async onRound() {
        await new Promise((resolve) => setTimeout(resolve, 5));
        controller.abort();
      },
    });
    expect(result.ended.by).toBe("stopped");
    expect(result.rounds).toHaveLength(1);
  });
});

describe("a quantizer of one's own that breaks its promises", () => {
  const failing = (what: Partial<Quantizer>, round: number, client: number): Quantizer => {
    const sound = recordingQuantizer(new Map());
    return {
      ...sound,
      encode: (update, context) =>
        (context.round === round && context.client === client ? what : sound).encode?.(update, context) ?? null,
      decode: (bytes, into, context) =>
        (context.round === round && context.client === client ? { ...sound, ...what } : sound).decode(
          bytes,
          into,
          context,
        ),
    };
  };
  const packet = (nominalBits: number, bytes: unknown) => ({
    encode: () => ({ bytes: bytes as Uint8Array, nominalBits }),
  });

  it.each<[string, Partial<Quantizer>, string]>([
    ["NaN nominal bits", packet(Number.NaN, new Uint8Array(4)), "recording: nominalBits are NaN"],
    ["negative nominal bits", packet(-1, new Uint8Array(4)), "recording: nominalBits are -1"],
    ["no bytes", packet(1, undefined), "recording: bytes are undefined"],
    [
      "a decoder that throws",
      { ...recordingQuantizer(new Map()), decode: fail },
      "recording, decoding: nothing was asked for",
    ],
  ])("%s ends the run with round and client named and the results kept", async (_, what, message) => {
    const { ended, rounds } = await simulate(tiny, { quantizer: failing(what, 2, 3) });
    expect(ended.by).toBe("failed");
    expect(ended.reason).toMatch(new RegExp(`^round 2, client 3: ${message}`));
    expect(rounds).toHaveLength(1);
  });
});

describe("a power method of one's own that breaks its promises", () => {
  it("ends the run with the round named and the results kept when it throws", async () => {
    const full = powerMethod({ method: "full" });
    const allocate: PowerMethod["allocate"] = (problem) => (calls++ < 1 ? full.allocate(problem) : fail());
    let calls = 0;
    const { ended, rounds } = await simulate(tiny, { powerMethod: { name: "mine", allocate } });
    expect(ended).toEqual({ by: "failed", reason: "round 2: mine: nothing was asked for" });
    expect(rounds).toHaveLength(1);
  });

  it.each<[string, unknown, string]>([
    ["no powers", undefined, "mine: the powers are undefined, not one for each of the 4 clients"],
    ["too few", [1, 1, 1], "mine: the powers are 3 numbers, not one for each of the 4 clients"],
    ["NaN", [1, Number.NaN, 1, 1], "client 1: mine: the power is NaN, which is not a number from 0 to 1"],
    ["a negative one", [1, 1, -0.1, 1], "client 2: mine: the power is -0.1, which is not a number from 0 to 1"],
    ["more than all", [1, 1, 1, 2], "client 3: mine: the power is 2, which is not a number from 0 to 1"],
  ])("ends the run with method, client and value named when it gives %s", async (_, power, message) => {
    const allocate = () => ({ status: "converged", iterations: 0, power }) as Allocation;
    const { ended } = await simulate(tiny, { powerMethod: { name: "mine", allocate } });
    expect(ended.by).toBe("failed");
    expect(ended.reason).toMatch(/^round 1[,:] /);
    expect(ended.reason.endsWith(message)).toBe(true);
  });
});

describe("a round of many clients", () => {
  it("decodes each packet before the next is made, so that they are not all alive", async () => {
    let alive = 0;
    let most = 0;
    const inner = recordingQuantizer(new Map());
    const counting: Quantizer = {
      ...inner,
      encode(update, context) {
        most = Math.max(most, ++alive);
        return inner.encode(update, context);
      },
      decode(bytes, into, context) {
        alive--;
        inner.decode(bytes, into, context);
      },
    };
    await simulate({ ...tiny, network: { clients: 30 } }, { quantizer: counting });
    expect([alive, most]).toEqual([0, 1]);
  });

  it("hands replies on in order, with a bounded number of tasks ahead of the slowest", async () => {
    const tasks = Array.from({ length: 300 }, (_, i) => i);
    const started: number[] = [];
    const received: number[] = [];
    let release: () => void = () => {};
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    const done = inOrder(
      tasks,
      async (task) => {
        started.push(task);
        if (task === 5) await slow;
        return task;
      },
      (task) => received.push(task),
    );
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(received).toEqual([0, 1, 2, 3, 4]);
    expect(started.length).toBeLessThan(100);
    release();
    await done;
    expect(received).toEqual(tasks);
    await inOrder([], async () => 0, fail);
  });

  it("fails as the first of its tasks that fails, in their order", async () => {
    const received: number[] = [];
    const give = async (task: number) => {
      if (task === 7) await new Promise((resolve) => setTimeout(resolve, 5));
      if (task >= 7) throw new Error(`task ${task}`);
      return task;
    };
    await expect(inOrder([5, 6, 7, 8, 9], give, (task) => received.push(task))).rejects.toThrow("task 7");
    expect(received).toEqual([5, 6]);
  });
});

describe("train once, price many", () => {
  it.each([
    ["stand", {}],
    ["move", { mobility: { model: "random-waypoint", speed: 50 }, ageing: { enabled: true } }],
  ] as const)("every account is the run that simulate gives, where the clients %s", async (_, network) => {
    const config = completeConfig({ ...tiny, network: { ...tiny.network, ...network } });
    const methods = ["most-rounds", "min-max", "full", "joint"] as const;
    const accounts = methods.flatMap((method) =>
      [0, 1].map((drop) => ({ config: completeConfig({ ...config, power: { method } }), drop })),
    );
    const { results } = await simulateTogether(config, accounts, { initial: false });
    for (const [i, { config: own, drop }] of accounts.entries()) {
      expect(results[i]).toEqual(await simulate(own, { drop }));
    }
    expect(new Set(results.map(({ fingerprint }) => fingerprint.results)).size).toBe(accounts.length);
  });
});
