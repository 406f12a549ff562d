import { describe, expect, it } from "vitest";
import { stream } from "../../bindings/random.js";
import type { ExchangeClient, QuantizerMemory } from "../../src/config/records.js";
import { decodedAlone, priceFronthaul, samplesOf } from "../../src/federated/aggregation/fronthaul.js";
import { overTheAir } from "../../src/federated/aggregation/overTheAir.js";
import { prescale } from "../../src/federated/aggregation/prescaling.js";
import { configFingerprint } from "../../src/federated/fingerprint.js";
import { trainingIdentity } from "../../src/federated/identity.js";
import { createRadio } from "../../src/federated/radio.js";
import type { StateStore } from "../../src/federated/state.js";
import { type Executor, inProcessExecutor, quantizer, simulate } from "../../src/index.js";
import { closedFormRates, createNetwork } from "../../src/network/index.js";
import { parseConfig } from "../../src/parts/resolve.js";
import { tiny } from "./tiny.js";

const air = { ...tiny, quantizer: "identity", aggregation: "over-the-air" } as const;

const configOf = (aggregation: object, network: object = {}) =>
  parseConfig({
    ...air,
    network: { clients: 3, accessPoints: 4, ...network },
    aggregation: { by: "over-the-air", ...aggregation },
  });

/** Updates of d entries, independent, each client's with its own size. */
function clientsOf(d: number, memories: QuantizerMemory[] = [new Map(), new Map(), new Map()]): ExchangeClient[] {
  return [0, 1, 2].map((client) => {
    const update = new Float32Array(d);
    stream(1, "test", client).fillNormal(update, 0.1 * (client + 1));
    return { client, update, share: [0.5, 0.3, 0.2][client]!, memory: memories[client]! };
  });
}

const meanOf = (clients: readonly ExchangeClient[]) =>
  Float64Array.from(clients[0]!.update, (_, i) =>
    clients.reduce((sum, { update, share }) => sum + share * update[i]!, 0),
  );

describe("a round over the air", () => {
  const received = (d: number, aggregation: object, network: object = {}) => {
    const config = configOf(aggregation, network);
    const clients = clientsOf(d);
    const at = { config, network: createNetwork(config.network, { seed: 1 }), round: 1, drop: 0 };
    return { clients, ...overTheAir(clients, at) };
  };

  it("is the mean where there is no noise", () => {
    const { clients, mean } = received(501, {}, { transmitPower: 1e9 });
    const wanted = meanOf(clients);
    mean.forEach((value, i) => {
      expect(Math.abs(value - wanted[i]!)).toBeLessThan(1e-4);
    });
  });

  it("errs by what the formula gives, and counts its channel uses", () => {
    // 190 channel uses a coherence block: 200 blocks.
    const { clients, mean, air } = received(76_000, {}, { transmitPower: 2e-3 });
    const wanted = meanOf(clients);
    const error = mean.reduce((sum, value, i) => sum + (value - wanted[i]!) ** 2, 0);
    expect(air.uses).toBe(38_000);
    expect(air.error).toBeCloseTo(error, 6);
    // Errors of 38,000 uses; those of a block have its channel in common: 200 independent ones of a spread of their size.
    expect(Math.abs(air.error / air.expectedError - 1)).toBeLessThan(5 / Math.sqrt(200));
    expect(air.expectedError / air.signal).toBeGreaterThan(1e-4);
    expect(air.expectedError / air.signal).toBeLessThan(1);
  });

  it("sends a share of the entries, which counts for all, or the rest is kept", () => {
    const { clients, mean, air } = received(1000, { share: 0.25 }, { transmitPower: 1e9 });
    const wanted = meanOf(clients);
    const sent = [...mean.keys()].filter((i) => mean[i] !== 0);
    expect(sent).toHaveLength(250);
    expect(air.uses).toBe(125);
    for (const i of sent) expect(mean[i]).toBeCloseTo(4 * wanted[i]!, 3);
    const kept = received(1000, { share: 0.25, errorFeedback: true }, { transmitPower: 1e9 });
    for (const i of sent) expect(kept.mean[i]).toBeCloseTo(wanted[i]!, 3);
    for (const { update, memory } of kept.clients) {
      const left = memory.get("air") as Float32Array;
      left.forEach((value, i) => {
        expect(value).toBe(sent.includes(i) ? 0 : update[i]!);
      });
    }
  });

  it("adds what was kept to the next update", () => {
    const memories: QuantizerMemory[] = [new Map(), new Map(), new Map()];
    const config = configOf({ share: 0.5, errorFeedback: true }, { transmitPower: 1e9 });
    const network = createNetwork(config.network, { seed: 1 });
    const total = new Float64Array(40);
    const clients = clientsOf(40, memories);
    for (let round = 1; round <= 2; round++) {
      const { mean } = overTheAir(clients, { config, network, round, drop: 0 });
      mean.forEach((value, i) => {
        total[i]! += value;
      });
    }
    const wanted = meanOf(clients);
    const left = meanOf(clients.map((one) => ({ ...one, update: one.memory.get("air") as Float32Array })));
    total.forEach((value, i) => {
      expect(value + left[i]!).toBeCloseTo(2 * wanted[i]!, 3);
    });
  });

  it("has powers by the rule: all full, inverted, and of the weak ones none", () => {
    const config = configOf({});
    // Gains over all access points of 4, 1 and 1e-4.
    const gain = Float64Array.of(3, 1, 0, 0, 0.5, 0.5, 0, 0, 1e-4, 0, 0, 0);
    const network = { ...createNetwork(config.network, { seed: 1 }), gain };
    const senders = [0, 1, 2].map((client) => ({ client, target: [2, 1, 1][client]! }));
    const of = (prescaling: "full" | "inversion" | "truncated-inversion") =>
      prescale({ prescaling, threshold: -20 }, network, senders);
    expect(of("full")).toEqual([1, 1, 1]);
    // c²/b: 1, 1 and 10⁴.
    for (const [k, p] of [1e-4, 1e-4, 1].entries()) expect(of("inversion")[k]).toBeCloseTo(p, 12);
    expect(of("truncated-inversion")).toEqual([1, 1, 0]);
    gain.fill(0, 8);
    expect(() => of("inversion")).toThrow("client 2: no access point hears it");
  });

  it("takes uses / (B (1 − τ_p/τ_c)) s, and (P_u p + P_c) W of everybody for so long", async () => {
    const result = await simulate({ ...air, budgets: { circuitPower: 0.02, energy: null, latency: null } });
    const [record] = result.rounds;
    const { bandwidth, transmitPower } = result.config.network;
    const seconds = Math.ceil(result.parameters / 2) / (bandwidth * (1 - 4 / 200));
    expect(record!.perClient.latency).toEqual([seconds, seconds, seconds, seconds]);
    for (const joules of record!.perClient.energy) expect(joules).toBeCloseTo((transmitPower + 0.02) * seconds, 15);
    // 75 examples each in one epoch, at 15 ms for 1250.
    expect(record!.latency).toBeCloseTo((0.015 * 75) / 1250 + seconds, 12);
    expect(record!.air!.uses).toBe(Math.ceil(result.parameters / 2));
    expect(record!.nominalBits).toBe(0);
    expect(record!.perClient.skipped).toEqual([false, false, false, false]);
  });

  it("is the same gone on with after a break", async () => {
    const given = { ...air, aggregation: { by: "over-the-air", share: 0.5, errorFeedback: true } } as const;
    const whole = await simulate(given);
    let kept: Awaited<ReturnType<StateStore["read"]>>;
    const state: StateStore = {
      read: async () => kept,
      write: async (bytes) => {
        kept = bytes;
      },
    };
    await simulate({ ...given, rounds: 2 }, { state, stateInterval: 0 });
    const on = await simulate(given, { state, executor: counted });
    expect(on.fingerprint.results).toBe(whole.fingerprint.results);
    expect(trained).toBe(2);
  });
});

let trained = 0;
const inner = inProcessExecutor();
/** How many rounds it was asked for. */
const counted: Executor = {
  ...inner,
  run(...asked) {
    trained++;
    return inner.run(...asked);
  },
};

describe("access points that add", () => {
  const config = parseConfig({ ...tiny, aggregation: "access-points" });
  const network = createNetwork(config.network, { seed: config.seed });

  it("decode each client at the strongest, at the rates of that one alone", () => {
    const { accessPoint } = decodedAlone(network);
    const rates = createRadio(config).rates(1);
    const L = network.accessPoints;
    const alone = (k: number) => {
      // The network of that access point and no other.
      const l = accessPoint[k]!;
      const gain = network.gain.map((beta, i) => (i % L === l ? beta : 0));
      return closedFormRates({ ...network, gain });
    };
    for (let k = 0; k < network.clients; k++) {
      expect(network.gain[k * L + accessPoint[k]!]).toBe(Math.max(...network.gain.subarray(k * L, (k + 1) * L)));
      const one = alone(k);
      expect(rates.signal[k]).toBeCloseTo(one.signal[k]!, 10);
      expect(rates.selfInterference[k]).toBeCloseTo(one.selfInterference[k]!, 10);
      expect(rates.noise[k]).toBeCloseTo(one.noise[k]!, 10);
      for (let j = 0; j < network.clients; j++) {
        const at = k * network.clients + j;
        expect(rates.interference[at]).toBeCloseTo(one.interference[at]!, 10);
      }
    }
  });

  it("cost a sum on each link, by hand", () => {
    const decoded = { network, accessPoint: Int32Array.of(2, 0, 2, 1) };
    const settings = { ...config.aggregation, fronthaul: { ...config.aggregation.fronthaul, counted: true } };
    // Client 1 is silent: access points 2 and 1 send 32 · 1000 bits at 1 Gbit/s.
    const price = priceFronthaul(settings, decoded, [10, 0, 10, 10], 1000);
    expect(price.bits).toBe(64_000);
    expect(price.latency).toBeCloseTo(32e-6, 15);
    expect(price.energy).toBeCloseTo(2 * (0.825 * 32e-6 + 2.5e-10 * 32e3), 15);
    expect(priceFronthaul(config.aggregation, decoded, [10, 0, 10, 10], 1000)).toEqual({
      ...{ bits: 64_000, latency: 0, energy: 0 },
    });
    // Two samples' numbers of 12 bits a use; uploads of 1, 1 and 2 ms: four users' samples are no more than four antennas'.
    const few = { ...network, accessPoints: 3, antennas: 4, bandwidth: 1e6, pilots: 10, coherence: 200 };
    expect(samplesOf(config.aggregation, few, [1e-3, 1e-3, 2e-3, 0])).toBeCloseTo(24 * 950e3 * 3 * 4e-3, 6);
    expect(samplesOf(config.aggregation, { ...few, antennas: 1 }, [1e-3, 1e-3, 2e-3, 0])).toBeCloseTo(
      24 * 950e3 * 3 * 2e-3,
      6,
    );
  });

  it("learn what the server learns of packets, and are priced otherwise", async () => {
    const [there, here] = await Promise.all([simulate(tiny), simulate({ ...tiny, aggregation: "access-points" })]);
    const learned = ({ rounds }: typeof there) => rounds.map(({ loss, wireBits }) => [loss, wireBits]);
    expect(learned(here)).toEqual(learned(there));
    expect(here.rounds[0]!.energy).not.toBe(there.rounds[0]!.energy);
    expect(here.rounds[0]!.fronthaul!.bits % (32 * here.parameters)).toBe(0);
    expect(there.rounds[0]).not.toHaveProperty("fronthaul");
  });
});

describe("aggregation in the config", () => {
  it("belongs to a training where it changes what is learned, with the radio", () => {
    const identity = (given: object, drop: number) => {
      const config = parseConfig({ ...tiny, ...given });
      return trainingIdentity(config, { quantizer: quantizer(config.quantizer), drop });
    };
    expect(identity(air, 0)).not.toEqual(identity(air, 1));
    expect(identity({ ...air, network: { transmitPower: 1 } }, 0)).not.toEqual(identity(air, 0));
    expect(identity({ ...air, budgets: { energy: 1 } }, 0)).toEqual(identity(air, 0));
    expect(identity({ aggregation: "access-points" }, 0)).toEqual(identity({}, 3));
  });

  it("leaves fingerprints as they are where it is digital", () => {
    expect(configFingerprint(parseConfig({ ...tiny, aggregation: "digital" }))).toBe(
      configFingerprint(parseConfig(tiny)),
    );
    expect(configFingerprint(parseConfig(air))).not.toBe(
      configFingerprint(parseConfig({ ...air, aggregation: "digital" })),
    );
  });

  it.each([
    ["quantizer.name", { quantizer: "emq" }],
    ["quantizer.errorFeedback", { quantizer: { name: "identity", errorFeedback: true } }],
    ["waiting.kind", { waiting: "asynchronous" }],
    ["loss.kind", { loss: "random" }],
    ["devices.battery.enabled", { devices: { battery: { enabled: true } } }],
    ["selection.rule", { selection: "deadline" }],
    ["selection.rule", { selection: "update-norm" }],
    ["network.estimator", { network: { estimator: "ls" } }],
    ["network.ageing.enabled", { network: { ageing: { enabled: true } } }],
    ["budgets.compute.cpu.choose", { budgets: { compute: { cpu: { enabled: true, choose: true } } } }],
  ])("refuses what means nothing over the air: %s", (path, given) => {
    expect(() => parseConfig({ ...air, ...given })).toThrow(`${path}: `);
  });

  it("refuses what access points cannot do alone", async () => {
    const by = { ...tiny, aggregation: "access-points" } as const;
    await expect(simulate({ ...by, network: { ...tiny.network, combining: "mmse" } })).rejects.toThrow(
      /network.combining: "mmse" .*allowed: l-mmse, lp-mmse, mr\)/,
    );
    await expect(simulate({ ...by, quantizer: "thc" })).rejects.toThrow("each access point knows its own alone");
    expect(() => parseConfig({ ...by, waiting: "deadline" })).toThrow("waiting.kind: ");
  });
});
