import { describe, expect, it } from "vitest";
import type { Config } from "../../src/config/config.js";
import type { QuantizerMemory } from "../../src/config/records.js";
import { createDownlink, type DownlinkState } from "../../src/federated/downlink.js";
import { priceDownlink } from "../../src/federated/downlinkPrice.js";
import { configFingerprint } from "../../src/federated/fingerprint.js";
import {
  type Executor,
  freshContext,
  inProcessExecutor,
  quantizer,
  quantizerNames,
  simulate,
} from "../../src/index.js";
import type { DownlinkRates } from "../../src/network/index.js";
import { parseConfig, resolveConfig } from "../../src/parts/resolve.js";
import { roundColumnsOf, runFacts } from "../../src/report/tables/run.js";
import { interrupted } from "./states.js";
import { tiny } from "./tiny.js";

/** Noise of a fixed seed, mulberry32. */
function noise(length: number, seed: number, scale = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return (scale * (((t ^ (t >>> 14)) >>> 0) - 2 ** 31)) / 2 ** 31;
  });
}

const before = { modelChanges: [], loss: { first: Number.NaN, last: Number.NaN } };

describe("what the server sends", () => {
  it.each(quantizerNames.filter((name) => name !== "identity"))(
    "is w_t − ŵ by %s, and the clients add what they decode",
    (name) => {
      const config = parseConfig({ ...tiny, downlink: { quantizer: { name } } });
      const { send } = createDownlink(config, []);
      const models = [1, 2, 3, 4].map((seed) => noise(200, seed, 0.1));
      const method = quantizer(config.downlink.quantizer);
      const memories: QuantizerMemory[] = [new Map(), new Map()];
      const held = models[0]!.slice();
      let state: DownlinkState | undefined;
      models.forEach((parameters, round) => {
        const sent = send({ ...before, round, parameters, ...(state && { downlink: state }) });
        state = sent.downlink;
        if (round === 0) {
          expect(sent.bits).toEqual({ nominal: 32 * 200, wire: 32 * 200 });
        } else {
          const context = { ...freshContext(config.seed), client: 4, round: round + 1 };
          const shared = { ...context, model: held.slice() };
          const packet = method.encode(
            parameters.map((w, i) => w - held[i]!),
            { ...shared, memory: memories[0]! },
          );
          const change = new Float32Array(200);
          if (packet === null) method.absent?.(change, { ...shared, memory: memories[1]! });
          else method.decode(packet.bytes, change, { ...shared, memory: memories[1]! });
          change.forEach((by, i) => {
            held[i]! += by;
          });
          expect(sent.bits).toEqual({ nominal: packet?.nominalBits ?? 0, wire: 8 * (packet?.bytes.length ?? 0) });
        }
        expect(sent.model).toEqual(held);
      });
    },
  );

  it("carries what was lost: a model that stands still is known to a step of a step", () => {
    const { send } = createDownlink(
      parseConfig({ ...tiny, downlink: { quantizer: { name: "uniform", bits: 8 } } }),
      [],
    );
    const [start, parameters] = [noise(500, 1), noise(500, 2)];
    const { downlink } = send({ ...before, round: 0, parameters: start });
    let largest = Math.max(...parameters.map((w, i) => Math.abs(w - start[i]!)));
    for (let round = 1; round <= 3; round++) {
      const { model } = send({ ...before, round, parameters, downlink: downlink! });
      const lost = Math.max(...parameters.map((w, i) => Math.abs(w - model[i]!)));
      // Half a step of 2 R / 255, and the rounding of the two models, whose entries are below 2, to float32
      expect(lost).toBeLessThanOrEqual(largest / 255 + 2 * 2 ** -23);
      largest = lost;
    }
    expect(largest).toBeLessThan(1e-6);
  });

  it.each([
    ["rate-distortion", "feedback", 0, 1],
    ["top-k", "errorFeedback", false, true],
    ["thc", "errorFeedback", false, true],
    ["powersgd", "errorFeedback", false, true],
  ])("brings back what was lost once: %s has its own %s off", (name, setting, off, on) => {
    const { downlink } = parseConfig({ ...tiny, downlink: { quantizer: name } });
    expect((downlink.quantizer as Record<string, unknown>)[setting]).toBe(off);
    // A model that stands still: all that is left to send is what was lost, and what is encoded is no more than that.
    const { send } = createDownlink(parseConfig({ ...tiny, downlink: { quantizer: { name, [setting]: off } } }), []);
    const [start, parameters] = [noise(4096, 1), noise(4096, 2)];
    let { downlink: state } = send({ ...before, round: 0, parameters: start });
    const distance = (model: Float32Array) => Math.hypot(...parameters.map((w, i) => w - model[i]!));
    let last = distance(start);
    for (let round = 1; round <= 40; round++) {
      const sent = send({ ...before, round, parameters, downlink: state! });
      state = sent.downlink;
      // Were it added twice the distance would grow past where it began.
      expect(distance(sent.model)).toBeLessThanOrEqual(1.01 * last);
      last = distance(sent.model);
    }
    const given = { ...tiny, downlink: { quantizer: { name, [setting]: on } } };
    expect(() => parseConfig(given as never)).toThrow(
      `downlink.quantizer.${setting}: ${on} is not allowed (allowed: ${off};`,
    );
  });

  it("names the setting where it stands, and the round, where a target has no room for a packet", () => {
    const quantizer = { name: "rate-distortion", bits: 0.001 } as const;
    const { send } = createDownlink(parseConfig({ ...tiny, downlink: { quantizer } }), []);
    const { downlink } = send({ ...before, round: 0, parameters: noise(4096, 1) });
    expect(() => send({ ...before, round: 1, parameters: noise(4096, 2), downlink: downlink! })).toThrow(
      /^round 2: downlink, rate-distortion: downlink\.quantizer\.bits: 0\.001 of each of 4096 entries /,
    );
  });

  it("is nothing at first where every client makes the untrained model from the seed", () => {
    const config = parseConfig({ ...tiny, downlink: { quantizer: "fp16", initial: "seed" } });
    expect(createDownlink(config, []).send({ ...before, round: 0, parameters: noise(9, 1) }).bits).toEqual({
      nominal: 0,
      wire: 0,
    });
  });
});

/** Notes from which model the clients train. */
function watched(): { executor: Executor; trained: Float32Array[] } {
  const inner = inProcessExecutor();
  const trained: Float32Array[] = [];
  const executor: Executor = {
    ...inner,
    run(parameters, tasks, receive) {
      trained.push(parameters.slice());
      return inner.run(parameters, tasks, receive);
    },
  };
  return { executor, trained };
}

describe("a run", () => {
  const coarse = { name: "emq", digits: 0 } as const;

  it("trains from what was decoded, tests what the server has, and counts the bits", async () => {
    const { executor, trained } = watched();
    const usual = await simulate(tiny);
    const server: Float32Array[] = [];
    const run = await simulate(
      { ...tiny, downlink: { quantizer: coarse } },
      { executor, observers: [{ onEnd: (_result, { model }) => void server.push(model!.slice()) }] },
    );
    expect(run.fingerprint.config).not.toBe(usual.fingerprint.config);
    expect(run.rounds[0]!.accuracy).toBe(usual.rounds[0]!.accuracy);
    expect(run.rounds[1]!.loss).not.toBe(usual.rounds[1]!.loss);
    expect(trained).toHaveLength(4);
    // One entry costs a bit or more, of 32 in the first round
    const entries = run.parameters;
    expect(run.rounds[0]!.downlink).toEqual({
      ...{ nominalBits: 32 * entries, wireBits: 32 * entries, latency: 0, energy: 0 },
    });
    for (const { downlink } of run.rounds.slice(1)) {
      expect(downlink!.nominalBits).toBeGreaterThan(entries);
      expect(downlink!.nominalBits).toBeLessThan(6 * entries);
      expect(downlink!.wireBits % 8).toBe(0);
    }
    const total = run.rounds.reduce((sum, { downlink }) => sum + downlink!.wireBits, 0);
    expect(run.rounds.at(-1)!.totals.downlink!.wireBits).toBe(total);
    expect(run.final.downlinkWireBitsPerEntry).toBe(total / (4 * entries));
    // What the clients hold is near the server's model, and not it
    const distance = (a: Float32Array, b: Float32Array) => Math.hypot(...a.map((x, i) => x - b[i]!));
    const last = trained.at(-1)!;
    expect(distance(last, server[0]!)).toBeGreaterThan(0);
    expect(distance(last, server[0]!)).toBeLessThan(distance(trained[0]!, server[0]!));
    expect(roundColumnsOf(run.rounds).map(({ label }) => label)).toContain("total_downlink_wire_bits");
    expect(roundColumnsOf(usual.rounds).map(({ label }) => label)).not.toContain("total_downlink_wire_bits");
    expect(runFacts(run).find(([label]) => label === "downlink")?.[1]).toMatch(
      /^emq: [\d.]+ nominal, [\d.]+ wire bits per entry, neither time nor energy counted$/,
    );
  });

  it("goes on after an interruption as if there had been none", async () => {
    const input = { ...tiny, downlink: { quantizer: "laq" } } as const;
    const whole = await simulate(input);
    const { first, resumed } = await interrupted(input);
    expect(first.rounds).toHaveLength(2);
    expect(resumed.fingerprint).toEqual(whole.fingerprint);
  });

  it("without one is what it was: fingerprint, records, columns", async () => {
    const { rounds, fingerprint, final } = await simulate(tiny);
    expect(rounds.some((round) => "downlink" in round || "downlink" in round.totals)).toBe(false);
    expect(Object.keys(final)).not.toContain("downlinkWireBitsPerEntry");
    const named = await simulate({ ...tiny, downlink: { quantizer: "identity" } });
    expect(named.fingerprint).toEqual(fingerprint);
    const { downlink: _, ...without } = parseConfig(tiny);
    expect(configFingerprint(without as Config)).toBe(fingerprint.config);
  });

  it("sends the model itself at 32 bits an entry where its cost is counted and nothing is quantized", async () => {
    const budgets = { energy: null, latency: null, downlink: { enabled: true, rate: 1e6, power: 2 } };
    const { rounds, parameters } = await simulate({ ...tiny, budgets });
    const seconds = (32 * parameters) / 1e6;
    for (const { downlink } of rounds) {
      expect(downlink).toEqual({
        ...{ nominalBits: 32 * parameters, wireBits: 32 * parameters, latency: seconds, energy: 2 * seconds },
      });
    }
  });

  it.each(["broadcast", "unicast"] as const)("pays for a %s over its own channels", async (transmission) => {
    const budgets = { energy: null, latency: null };
    const counted = { ...budgets, downlink: { enabled: true, transmission, receivePower: 0.1 } };
    const free = await simulate({ ...tiny, power: "min-max", downlink: { quantizer: "fp16" }, budgets });
    const paid = await simulate({ ...tiny, power: "min-max", downlink: { quantizer: "fp16" }, budgets: counted });
    paid.rounds.forEach((record, i) => {
      const { latency, energy, nominalBits } = record.downlink!;
      expect(nominalBits).toBe(free.rounds[i]!.downlink!.nominalBits);
      expect(latency).toBeGreaterThan(0);
      // Of four clients, each receives for at most the whole time, and one of them does
      expect(energy).toBeGreaterThan(0.1 * latency * (1 - 1e-12));
      expect(energy).toBeLessThanOrEqual(4 * 0.1 * latency * (1 + 1e-12));
      expect(record.latency).toBeCloseTo(free.rounds[i]!.latency + latency, 12);
      expect(record.energy).toBeCloseTo(free.rounds[i]!.energy + energy, 12);
    });
    // Half the bits in half the time
    expect(paid.rounds[0]!.downlink!.latency / paid.rounds[1]!.downlink!.latency).toBeCloseTo(2, 12);
  });
});

/** The case that docs/downlink.md computes by hand. */
describe("the price of 1 Mbit from two access points of four antennas to two clients, at 10 and 5 Mbit/s", () => {
  const rates: DownlinkRates = {
    sinr: Float64Array.of(1, 1),
    rate: Float64Array.of(10e6, 5e6),
    radiated: Float64Array.of(0.4),
    signals: Int32Array.of(1, 1),
    antennas: 4,
  };
  const each = { ...rates, radiated: Float64Array.of(0.3, 0.1), signals: Int32Array.of(2, 1) };
  const price = (transmission: string, of: DownlinkRates, ...switches: string[]) => {
    const sets = ["budgets.downlink.enabled=true", `budgets.downlink.transmission=${transmission}`, ...switches];
    const { budgets } = resolveConfig({ sets });
    return priceDownlink(budgets, { sent: { nominal: 1e6, wire: 5e5 }, parameters: 0 }, of);
  };
  it.each<[string, DownlinkRates, string[], number, number]>([
    ["broadcast", rates, [], 0.2, 0],
    ["unicast", each, [], 0.2, 0],
    // 2 × 0.05 W × 0.2 s; 0.05 W × (0.1 + 0.2) s
    ["broadcast", rates, ["budgets.downlink.receivePower=0.05"], 0.2, 0.02],
    ["unicast", each, ["budgets.downlink.receivePower=0.05"], 0.2, 0.015],
    // (0.4 W / 0.4 + 2 × 4 × 0.2 W) × 0.2 s
    ["broadcast", rates, ["budgets.downlink.accessPoints.counted=true"], 0.2, 0.52],
    // 0.3 W / 0.4 × 0.1 s + 0.1 W / 0.4 × 0.2 s + 2 × 4 × 0.2 W × 0.2 s
    ["unicast", each, ["budgets.downlink.accessPoints.counted=true"], 0.2, 0.445],
    // 1 ms at 1 Gbit/s; 2 × (0.825 W × 1 ms + 0.25 nJ × 1e6)
    ["broadcast", rates, ["budgets.downlink.fronthaul.counted=true"], 0.201, 0.00215],
    // 2 ms for the access point of two signals; three signals in all
    ["unicast", each, ["budgets.downlink.fronthaul.counted=true"], 0.202, 0.003225],
    ["broadcast", rates, ["budgets.bits=wire"], 0.1, 0],
  ])("%s %#", (transmission, of, switches, latency, energy) => {
    const found = price(transmission, of, ...switches);
    expect(found.latency).toBeCloseTo(latency, 12);
    expect(found.energy).toBeCloseTo(energy, 12);
  });

  it("is nothing for a packet that was not sent, and refused for a client that nobody reaches", () => {
    const { budgets } = parseConfig({ budgets: { downlink: { enabled: true, transmission: "broadcast" } } });
    expect(priceDownlink(budgets, { sent: { nominal: 0, wire: 0 }, parameters: 9 }, rates)).toEqual({
      ...{ latency: 0, energy: 0 },
    });
    const silent = { ...rates, rate: Float64Array.of(10e6, 0) };
    expect(() => priceDownlink(budgets, { sent: undefined, parameters: 9 }, silent)).toThrow(
      "client 1: downlink: no access point reaches it",
    );
    expect(() => priceDownlink(budgets, { sent: undefined, parameters: 9 })).toThrow(
      'budgets.downlink.transmission: "broadcast" needs a network',
    );
  });
});

describe("what is refused", () => {
  it.each<[string[], string]>([
    [["downlink.quantizer=emqq"], 'downlink.quantizer.name: unknown quantizer "emqq"; did you mean "emq"?'],
    [["downlink.quantizer=emq", "downlink.quantizer.digits=99"], "downlink.quantizer.digits: 99 is"],
    [["downlink.quantizer=emq", "downlink.quantizer.bits=3"], "downlink.quantizer.bits: unknown setting of emq"],
    [
      ["downlink.quantizer=sign", "downlink.quantizer.errorFeedback=true"],
      "downlink.quantizer.errorFeedback: true is not allowed (allowed: false; the difference",
    ],
    [
      ["downlink.quantizer=mixed-resolution", "downlink.quantizer.channelAware=true"],
      "downlink.quantizer.channelAware: true is not allowed (allowed: false; all clients get the same packet)",
    ],
    [
      ["budgets.downlink.enabled=true", "budgets.downlink.transmission=unicast", "network.estimator=ls"],
      'network.estimator: "ls" is not "mmse", which budgets.downlink.transmission "unicast" is known for',
    ],
    [["downlink.initial=none"], 'downlink.initial: unknown name "none"'],
    [
      ["budgets.downlink.powerExponent=5"],
      "budgets.downlink.powerExponent: 5 is not allowed (allowed: a number at least -4 and at most 4)",
    ],
  ])("%j", (sets, message) => {
    expect(() => resolveConfig({ sets })).toThrow(message);
  });

  it("says in which round it cannot be sent", () => {
    const { send } = createDownlink(parseConfig({ ...tiny, downlink: { quantizer: "sign" } }), []);
    const { downlink } = send({ ...before, round: 0, parameters: noise(5, 1) });
    const broken = Float32Array.of(0, 1, Number.POSITIVE_INFINITY, 0, 0);
    expect(() => send({ ...before, round: 7, parameters: broken, downlink: downlink! })).toThrow(
      /^round 8: downlink, sign: entry 2 of the update is Infinity/,
    );
  });
});
