import { describe, expect, it } from "vitest";
import { stream } from "../../bindings/random.js";
import type { ExchangeClient, TensorSlice } from "../../src/config/records.js";
import { simulate } from "../../src/federated/simulate.js";
import { completeConfig, inProcessExecutor } from "../../src/index.js";
import { completeQuantizer, freshContext, quantizer } from "../../src/quantizers/index.js";
import type { Settings } from "../../src/quantizers/settings.js";
import { roundColumnsOf, runFacts } from "../../src/report/tables/run.js";
import { lastState } from "../federated/states.js";

function normals(n: number, seed: number, scale = 1): Float32Array {
  const out = new Float32Array(n);
  stream(seed, "test").fillNormal(out, scale);
  return out;
}

const squares = (x: ArrayLike<number>) => Array.from(x).reduce((sum, v) => sum + v * v, 0);

const tensors: TensorSlice[] = [
  { name: "w", shape: [3, 10, 20], offset: 0, length: 600 },
  { name: "b", shape: [20], offset: 600, length: 20 },
];

function clientsOf(updates: readonly Float32Array[], shares: readonly number[]): ExchangeClient[] {
  return updates.map((update, client) => ({ client, update, share: shares[client]!, memory: new Map() }));
}

function meanOf(clients: readonly ExchangeClient[]): Float32Array {
  return clients[0]!.update.map((_, i) => clients.reduce((sum, { update, share }) => sum + share * update[i]!, 0));
}

function exchangeOf(name: string, settings: Settings = {}) {
  return quantizer(name, settings).exchange!;
}

/** Rank-one matrices with the same columns' side: their mean is of rank one too. */
function rankOne(seed: number): Float32Array {
  const a = normals(30, seed);
  const b = normals(20, 99);
  return Float32Array.from({ length: 620 }, (_, i) => (i < 600 ? a[Math.floor(i / 20)]! * b[i % 20]! : i - 610));
}

describe("PowerSGD", () => {
  const shares = [0.5, 0.3, 0.2];
  const shared = () => ({ round: 1, seed: 1, tensors, memory: new Map() });

  it("finds a mean of low rank, and sends what does not pay as it is", () => {
    const clients = clientsOf([rankOne(1), rankOne(2), rankOne(3)], shares);
    const { mean, sent, returned } = exchangeOf("powersgd", { rank: 1 }).run(clients, shared());
    const expected = meanOf(clients);
    // P and Q are float32: each product is off by some units in the last place of the largest
    const largest = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    mean.forEach((x, i) => {
      expect(Math.abs(x - expected[i]!)).toBeLessThan(16 * 2 ** -23 * largest);
    });
    // P and the bias, then Q: 30 + 20 + 20 numbers a client and back
    for (const bits of [...sent, returned]) expect(bits.nominal).toBe(32 * 70);
    // Both ways two packets with a header of 4 to 5 bytes and a checksum of 4
    for (const bits of [...sent, returned]) expect(bits.wire - bits.nominal).toBeLessThanOrEqual(8 * 2 * 10);
  });

  it("warms up: over rounds of the same updates it comes to the best of its rank", () => {
    const updates = [normals(620, 4), normals(620, 5), normals(620, 6)];
    const memory = new Map();
    const clients = clientsOf(updates, shares);
    const exchange = exchangeOf("powersgd", { rank: 2, errorFeedback: false });
    const target = meanOf(clients);
    const errors = Array.from({ length: 12 }, (_, round) => {
      const { mean } = exchange.run(clients, { ...shared(), round, memory });
      return squares(mean.map((x, i) => x - target[i]!));
    });
    for (let i = 1; i < errors.length; i++) expect(errors[i]!).toBeLessThan(errors[i - 1]! * (1 + 1e-6));
    // And is lower than without what the round before has left
    const { mean } = exchange.run(clients, { ...shared(), round: 12 });
    expect(errors[11]!).toBeLessThan(squares(mean.map((x, i) => x - target[i]!)));
  });

  it("carries what has not arrived: what was sent and what is kept is all there was", () => {
    const clients = clientsOf([normals(620, 7), normals(620, 8), normals(620, 9)], shares);
    const exchange = exchangeOf("powersgd");
    const memory = new Map();
    const arrived = new Float64Array(620);
    for (let round = 0; round < 5; round++) {
      exchange.run(clients, { ...shared(), round, memory }).mean.forEach((x, i) => {
        arrived[i]! += x;
      });
    }
    const target = meanOf(clients);
    arrived.forEach((x, i) => {
      const kept = clients.reduce((sum, { share, memory: own }) => {
        return sum + share * (own.get("error-feedback.powersgd") as Float32Array)[i]!;
      }, 0);
      expect(Math.abs(x + kept - 5 * target[i]!)).toBeLessThan(1e-4);
    });
  });

  it("needs no tensors, and no updates that are not zero", () => {
    const alone = exchangeOf("powersgd").run(clientsOf([new Float32Array(7)], [1]), { ...shared(), tensors: [] });
    expect([...alone.mean]).toEqual(new Array(7).fill(0));
    const method = quantizer("powersgd", { rank: 1, errorFeedback: false });
    const q = new Float32Array(620);
    const packet = method.encode(rankOne(1), freshContext(1, tensors))!;
    method.decode(packet.bytes, q, freshContext());
    expect(packet.nominalBits).toBe(32 * 70);
    const error = squares(q.map((x, i) => x - rankOne(1)[i]!));
    expect(error).toBeLessThan(1e-10 * squares(rankOne(1)));
  });
});

describe("THC", () => {
  const shares = [0.4, 0.35, 0.25];
  const updates = [normals(3000, 1), normals(3000, 2, 3), normals(3000, 3, 0.2)];
  const run = (seed: number, settings: Settings = {}) =>
    exchangeOf("thc", { errorFeedback: false, ...settings }).run(clientsOf(updates, shares), {
      round: 1,
      seed,
      tensors: [],
      memory: new Map(),
    });

  it("adds whole numbers up: the mean has no bias but for what is cut off", () => {
    const target = meanOf(clientsOf(updates, shares));
    const seeds = 60;
    const shortfalls = Array.from({ length: seeds }, (_, seed) => {
      const { mean } = run(seed + 1);
      return mean.reduce((sum, x, i) => sum + x * target[i]!, 0) / squares(target) - 1;
    });
    const mean = shortfalls.reduce((a, b) => a + b, 0) / seeds;
    const error = Math.sqrt(shortfalls.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (seeds - 1) / seeds);
    // Of a client as long as the range E z(z − t) over |z| > t, that is 2(1 − Φ(t)) = 1/32; of the shorter ones less.
    expect(mean).toBeLessThan(5 * error);
    expect(mean).toBeGreaterThan(-1 / 32 - 5 * error);
  });

  it.each([2, 3, 4])("counts both ways with %i bits", (bits) => {
    const { sent, returned } = run(1, { bits });
    const granularity = [3, 7, 30][bits - 2]!;
    // 2048, 512, 256, 128 and 64 with 56 filled: five norms
    for (const one of sent) expect(one.nominal).toBe(bits * 3000 + 32 * 5);
    expect(returned.nominal).toBe(Math.ceil(Math.log2(3 * granularity + 1)) * 3000 + 32 * 5);
    for (const one of [...sent, returned]) {
      expect(one.wire).toBeGreaterThan(0);
      expect(one.wire).toBeLessThan(one.nominal + 8 * 100 + 8 * 64 * bits);
    }
  });

  it("with error feedback brings back in the next rounds what was lost", () => {
    const clients = clientsOf(updates, shares);
    const target = meanOf(clients);
    const exchange = exchangeOf("thc", { bits: 2 });
    const memory = new Map();
    const arrived = new Float64Array(3000);
    const rounds = 40;
    for (let round = 0; round < rounds; round++) {
      exchange.run(clients, { round, seed: 3, tensors: [], memory }).mean.forEach((x, i) => {
        arrived[i]! += x / rounds;
      });
    }
    const once = squares(run(3, { bits: 2 }).mean.map((x, i) => x - target[i]!));
    // What is still carried is divided by the rounds; without feedback the mean of 40 would be at 1/40, and biased.
    expect(squares(arrived.map((x, i) => x - target[i]!))).toBeLessThan(once / 100);
  });

  it("is, for one client, what its encoder sends", () => {
    const method = quantizer("thc", { errorFeedback: false });
    const v = normals(500, 12);
    const q = new Float32Array(500);
    const context = { ...freshContext(5), round: 1 };
    method.decode(method.encode(v, context)!.bytes, q, freshContext());
    const { mean } = exchangeOf("thc", { errorFeedback: false }).run(clientsOf([v], [1]), {
      round: 1,
      seed: 5,
      tensors: [],
      memory: new Map(),
    });
    mean.forEach((x, i) => {
      expect(Math.abs(x - q[i]!)).toBeLessThan(1e-5);
    });
  });
});

describe("a run", () => {
  const config = (name: string, settings: object = {}) =>
    completeConfig({
      preset: "quick",
      rounds: 3,
      data: { trainExamples: 300, testExamples: 100 },
      network: { clients: 4 },
      quantizer: { name, ...settings } as never,
    });

  it.each(["thc", "powersgd"])("of %s trains, counts both ways, and tells the observers", async (name) => {
    const seen: number[] = [];
    const { rounds, ended, parameters } = await simulate(config(name), {
      onUpdate: (client) => seen.push(client),
    });
    expect(ended.by).toBe("rounds");
    expect(seen).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
    for (const round of rounds) {
      expect(round.exchange!.wireBits).toBeGreaterThan(0);
      expect(round.perClient.skipped).toEqual([false, false, false, false]);
      for (const bits of round.perClient.nominalBits) expect(bits).toBeGreaterThan(0);
      expect(round.nominalBits).toBeLessThan(4 * 32 * parameters);
    }
    expect(rounds[2]!.loss).toBeLessThan(rounds[0]!.loss);
  });

  it.each(["thc", "powersgd"])(
    "of %s pays for what is sent back, instead of the model, and learns the same",
    async (name) => {
      const rate = 1e6;
      const power = 0.1;
      const free = await simulate(config(name));
      const paying = await simulate({
        ...config(name),
        budgets: {
          ...config(name).budgets,
          energy: null,
          latency: null,
          bits: "wire",
          downlink: { ...config(name).budgets.downlink, enabled: true, rate, power },
        },
      });
      let sent = 0;
      for (const [i, { downlink, exchange, accuracy }] of paying.rounds.entries()) {
        sent += exchange!.wireBits;
        const seconds = exchange!.wireBits / rate;
        expect(downlink).toEqual({ ...exchange, latency: seconds, energy: power * seconds });
        expect(accuracy).toBe(free.rounds[i]!.accuracy);
        expect(free.rounds[i]!.downlink).toEqual({ ...exchange, latency: 0, energy: 0 });
      }
      expect(paying.final.downlinkWireBitsPerEntry).toBe(sent / (3 * paying.parameters));
      expect(Object.fromEntries(runFacts(paying)).downlink).toMatch(
        new RegExp(`^${name}: .* wire bits per entry, .* s and`),
      );
      expect(roundColumnsOf(paying.rounds).map(({ label }) => label)).toContain("total_downlink_wire_bits");
    },
  );

  it("counts what a quantized broadcast and the exchange send together", async () => {
    const downlink = { initial: "seed" as const, quantizer: completeQuantizer({ name: "emq" }) };
    const { rounds, final } = await simulate({ ...config("powersgd"), downlink });
    const [first, second] = rounds;
    // The first round's model is everybody's by the seed: only the exchange is sent.
    expect(first!.downlink!.wireBits).toBe(first!.exchange!.wireBits);
    expect(second!.downlink!.wireBits).toBeGreaterThan(second!.exchange!.wireBits);
    expect(final.downlinkNominalBitsPerEntry).toBeGreaterThan(0);
  });

  it("of full rank is that of full precision", async () => {
    // Nothing pays at this rank: all travels as it is.
    const exact = await simulate(config("identity"));
    const same = await simulate(config("powersgd", { rank: 64, errorFeedback: false }));
    expect(same.final.accuracy).toBe(exact.final.accuracy);
    expect(exact.rounds[0]!.exchange).toBeUndefined();
  });

  it("goes on from a kept state as if it had never stopped", async () => {
    const whole = await simulate(config("powersgd"));
    const state = lastState();
    const stop = new AbortController();
    await simulate(config("powersgd"), { state, stateInterval: 0, signal: stop.signal, onRound: () => stop.abort() });
    const resumed = await simulate(config("powersgd"), { state, executor: inProcessExecutor() });
    expect(resumed.rounds.map((round) => round.loss)).toEqual(whole.rounds.map((round) => round.loss));
    expect(resumed.rounds.map((round) => round.exchange)).toEqual(whole.rounds.map((round) => round.exchange));
  });

  it("ends where an update cannot be encoded, naming client and round", () => {
    const bad = normals(10, 1);
    bad[3] = Number.NaN;
    for (const name of ["thc", "powersgd"]) {
      const clients = clientsOf([normals(10, 2), bad], [0.5, 0.5]);
      const shared = { round: 7, seed: 1, tensors: [], memory: new Map() };
      expect(() => exchangeOf(name).run(clients, shared)).toThrow(/round 7, client 1: entry 3 of the update is NaN/);
    }
  });
});
