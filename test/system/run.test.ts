import { describe, expect, it } from "vitest";
import { completeConfig, simulate } from "../../src/federated/simulate.js";
import { simulateTogether } from "../../src/federated/together.js";
import { carriedError } from "../../src/quantizers/errorFeedback.js";
import { quantizer } from "../../src/quantizers/index.js";
import { deliveryProbability, sendingOf } from "../../src/system/loss.js";
import { everyState } from "../federated/states.js";
import { tiny } from "../federated/tiny.js";

const rich = { energy: 1, latency: 50 };
const run = (given: object, options = {}) => simulate(completeConfig({ ...tiny, budgets: rich, ...given }), options);

/** A run's last state, with what both ends of every client remember. */
async function memories(given: object) {
  const { result, states } = await everyState(completeConfig({ ...tiny, budgets: rich, ...given }));
  return { result, state: states.at(-1)! };
}

describe("a client that does not take part", () => {
  it("costs nothing, and its record says so", async () => {
    const { rounds } = await run({ selection: "round-robin", server: { participation: 0.5 } });
    for (const { perClient, energy } of rounds) {
      const away = perClient.participates!.flatMap((takesPart, client) => (takesPart ? [] : [client]));
      expect(away).toHaveLength(2);
      for (const client of away) {
        for (const cost of ["energy", "latency", "nominalBits", "wireBits", "power", "weight"] as const) {
          expect(perClient[cost]![client]).toBe(0);
        }
      }
      expect(energy).toBeCloseTo(
        perClient.energy.reduce((a, b) => a + b),
        15,
      );
      expect(perClient.weight!.reduce((a, b) => a + b)).toBeCloseTo(1, 14);
    }
  });

  it("is nobody with the rule all, whatever the share: the same as everybody's share", async () => {
    const all = await run({ selection: "all", server: { participation: 0.5 } });
    const share = await run({});
    expect(all.rounds).toEqual(share.rounds);
    expect(all.final).toEqual(share.final);
  });

  it("is forgotten at both ends after so many rounds away, and begins anew", async () => {
    const away = {
      selection: { rule: "round-robin", forgetAfter: 1 },
      server: { participation: 0.25 },
      quantizer: "laq",
    };
    const { result } = await memories({ ...away, rounds: 6 });
    // Four clients in turn: each comes back after three rounds away, and LAQ sends what it has as if for the first time.
    const kept = await memories({ ...away, rounds: 6, selection: "round-robin" });
    expect(result.rounds.slice(0, 4).map(({ testLoss }) => testLoss)).toEqual(
      kept.result.rounds.slice(0, 4).map(({ testLoss }) => testLoss),
    );
    expect(result.rounds[5]!.testLoss).not.toBe(kept.result.rounds[5]!.testLoss);
  });
});

describe("an upload that is lost", () => {
  it("is lost as often as its probability says, whatever the kind, and sent again as often as allowed", () => {
    for (const loss of [
      completeConfig({ loss: { kind: "random", probability: 0.3, attempts: 2 } }).loss,
      completeConfig({ loss: { kind: "outage", margin: 2, deviation: 4, attempts: 2 } }).loss,
    ]) {
      const trials = 4000;
      let [delivered, attempts] = [0, 0];
      for (let round = 1; round <= trials; round++) {
        const sending = sendingOf(loss, 1, 0, round);
        delivered += sending.delivered ? 1 : 0;
        attempts += sending.attempts;
      }
      // Φ(−1/2) = 0.3085375387…: tables
      const once = loss.kind === "random" ? 0.3 : 0.3085375387259869;
      expect(deliveryProbability(loss)).toBeCloseTo(1 - once * once, 12);
      // Six standard deviations of a share of 4000, at most √(1/4/4000) each
      expect(Math.abs(delivered / trials - (1 - once * once))).toBeLessThan(6 * 0.008);
      expect(Math.abs(attempts / trials - (1 + once))).toBeLessThan(6 * 0.008);
    }
  });

  it("is paid for each time it is sent, and counts nothing where it does not arrive", async () => {
    const { rounds } = await run({ loss: { kind: "random", probability: 0.6, attempts: 3 }, quantizer: "sign" });
    const [d] = [rounds.flatMap(({ perClient }) => perClient.nominalBits)].map((bits) => Math.min(...bits));
    const config = completeConfig({ ...tiny, loss: { kind: "random", probability: 0.6, attempts: 3 } });
    let lost = 0;
    for (const { round, perClient } of rounds) {
      for (let client = 0; client < 4; client++) {
        const { attempts, delivered } = sendingOf(config.loss, config.seed, client, round);
        expect(perClient.nominalBits[client]).toBe(attempts * d!);
        expect(perClient.delivered![client]).toBe(delivered);
        expect(perClient.weight![client] === 0).toBe(!delivered);
        if (!delivered) lost++;
      }
    }
    expect(lost).toBeGreaterThan(0);
  });

  it("leaves both ends of LAQ and AQUILA alike where it is acknowledged, apart where it is not", async () => {
    for (const name of ["laq", "aquila"]) {
      const lossy = { kind: "random", probability: 0.7 };
      const known = await memories({ quantizer: name, loss: lossy });
      const unknown = await memories({ quantizer: name, loss: { ...lossy, acknowledged: false } });
      const ends = ({ state }: typeof known) =>
        state.clients.map((memory, client) => ({
          client: memory.get("innovation.client") ?? "nothing",
          server: state.decoders[client]!.get("innovation.server") ?? "nothing",
        }));
      for (const { client, server } of ends(known)) expect(client).toEqual(server);
      expect(ends(unknown).some(({ client, server }) => client !== server && String(client) !== String(server))).toBe(
        true,
      );
    }
  });

  it("stays whole in error feedback where the client learns of it", () => {
    const method = quantizer("sign", { errorFeedback: true });
    const update = Float32Array.of(0.5, -0.25, 0.125, 1);
    const memory = new Map([["error-feedback.sign", Float32Array.of(0.25, 0, -0.125, 0)]]);
    const context = { client: 0, round: 1, seed: 1, tensors: [], memory };
    method.undelivered!(update, context);
    expect([...carriedError("sign", context)!]).toEqual([0.75, -0.25, 0, 1]);
  });

  it("makes an empty round where all are lost: the model stays", async () => {
    const { rounds, ended } = await run(
      { rounds: 2, loss: { kind: "random", probability: 0.999999 } },
      { initial: true },
    );
    expect(ended.by).toBe("rounds");
    expect(new Set(rounds.map(({ testLoss }) => testLoss)).size).toBe(1);
  });
});

describe("batteries", () => {
  const small = { battery: { enabled: true, charge: { distribution: "given", values: [1, 1e-7, 1, 1] } } };

  it("that do not carry an upload leave it out of the sum, exactly as if the others had been alone", async () => {
    const { result } = await memories({
      rounds: 3,
      devices: small,
      quantizer: "identity",
      budgets: { energy: 1, latency: 50 },
    });
    const silent = result.rounds.findIndex(({ perClient }) => !perClient.delivered![1]);
    expect(silent).toBe(0);
    const { perClient } = result.rounds[0]!;
    expect(perClient.weight!.filter((weight) => weight > 0)).toHaveLength(3);
    expect(perClient.energy[1]).toBe(0);
    // The others' mean: float32 sums of three updates, after a fourth was added and taken back in float64
    const alone = await run({
      rounds: 1,
      devices: { battery: { ...small.battery, charge: { ...small.battery.charge, values: [1, 0, 1, 1] } } },
      quantizer: "identity",
    });
    expect(result.rounds[0]!.testLoss!).toBeCloseTo(alone.rounds[0]!.testLoss!, 6);
  });

  it("take back what both ends remember of an update that was not sent", async () => {
    const { state } = await memories({ rounds: 3, devices: small, quantizer: "laq" });
    expect(state.clients[1]!.get("innovation.client")).toBeUndefined();
    expect(state.decoders[1]!.get("innovation.server")).toBeUndefined();
    expect(state.clients[0]!.get("innovation.client")).toEqual(state.decoders[0]!.get("innovation.server"));
  });

  it("never go below nothing, and no client spends more than it had", async () => {
    const { rounds } = await run({ rounds: 20, devices: { battery: { enabled: true, joules: 6e-5 } } });
    const spent = new Float64Array(4);
    for (const { perClient } of rounds) {
      perClient.energy.forEach((joules, client) => {
        spent[client]! += joules;
      });
      for (const [client, left] of perClient.battery!.entries()) {
        expect(left).toBeGreaterThanOrEqual(0);
        expect(spent[client]! + left).toBeCloseTo(6e-5, 12);
      }
    }
    expect(rounds.some(({ perClient }) => perClient.delivered!.includes(false))).toBe(true);
  });

  it("have to carry a round's own epochs, where these grow", async () => {
    const growing = (joules: number) =>
      run({
        rounds: 3,
        training: { localEpochs: 1, adaptiveEpochs: { from: 2, increment: 3, maximum: 4 } },
        budgets: { ...rich, compute: { cpu: { enabled: true } } },
        devices: { battery: { enabled: true, joules } },
      });
    const [first] = (await growing(100)).rounds;
    const used = Math.max(...first!.perClient.battery!.map((left) => 100 - left));
    // Enough for as much again, and half of that, but not for four epochs.
    const { rounds, ended } = await growing(2.5 * used);
    expect(rounds).toHaveLength(1);
    expect(ended.reason).toMatch(/round 2: no battery carries a round/);
  });
});

describe("which training a run belongs to", () => {
  const together = (given: object, other: object, drop = 0) => {
    const config = completeConfig({ ...tiny, rounds: 1, budgets: rich, ...given });
    return simulateTogether(config, [{ config }, { config: completeConfig({ ...config, ...other } as never), drop }]);
  };
  const half = { server: { participation: 0.5 } };

  it("is one for all drops and powers where a rule or a loss looks at neither", async () => {
    for (const given of [
      { selection: "round-robin", ...half },
      { loss: "random" },
      { selection: "update-norm", ...half },
    ]) {
      const { results } = await together(given, { power: { method: "full" } }, 1);
      expect(results[0]!.rounds[0]!.testLoss).toBe(results[1]!.rounds[0]!.testLoss);
      expect(results[0]!.rounds[0]!.energy).not.toBe(results[1]!.rounds[0]!.energy);
    }
  });

  it("is a drop's own where a rule looks at the channel, and shared by its powers", async () => {
    const given = { selection: "best-channel", ...half };
    await expect(together(given, {}, 1)).rejects.toThrow(/no run of this training: drop/);
    expect((await together(given, { power: { method: "full" } })).results).toHaveLength(2);
  });

  it("is a run's own where batteries, or a rule, look at what was spent", async () => {
    for (const given of [{ selection: "energy-left", ...half }, { devices: { battery: { enabled: true } } }]) {
      await expect(together(given, { power: { method: "full" } })).rejects.toThrow(/no run of this training: power/);
    }
  });
});

it("has a charge that is to last belong to the number of rounds", async () => {
  const config = completeConfig({
    ...{ ...tiny, budgets: rich },
    devices: { battery: { enabled: true, joules: 1e-4, horizon: true } },
  });
  const longer = { ...config, rounds: 8 };
  await expect(simulateTogether(config, [{ config }, { config: longer }])).rejects.toThrow(/rounds is 4 there, 8 here/);
  const one = { name: "one", allocate: () => Promise.resolve() as never };
  await expect(simulateTogether(config, [{ config }, { config, powerMethod: one }])).rejects.toThrow(
    /accounts\[1\]: is no run of this training/,
  );
});

describe("nobody to take part", () => {
  it("before the first round is to be mended, and the message says how", async () => {
    await expect(run({ selection: { rule: "deadline", seconds: 1e-9 } })).rejects.toThrow(
      /^selection: round 1: selection rule deadline: nobody makes 1e-9 s: client \d is fastest with .* \(selection\.seconds=.* would do in this round\)/,
    );
    const cpu = { compute: { cpu: { enabled: true } } };
    const battery = { enabled: true, joules: 1e-9 };
    await expect(run({ budgets: { ...rich, ...cpu }, devices: { battery } })).rejects.toThrow(
      /^selection: round 1: no battery carries a round: client \d is nearest: its battery holds 1\.00e-9 J, .* would do\)/,
    );
  });

  it("of unbiased weights, somebody who is never chosen is named", async () => {
    expect(() => completeConfig({ selection: { rule: "best-channel", weights: "unbiased" } })).toThrow(
      /^selection\.weights: "unbiased" needs everybody to have a chance, and rule "best-channel" draws nobody/,
    );
    const { ended } = await run({
      selection: { rule: "update-norm", draw: false, weights: "unbiased" },
      server: { participation: 0.5 },
    });
    expect(ended).toMatchObject({ by: "failed" });
    expect(ended.reason).toMatch(/round 1, client \d: no chance to take part.*selection\.exploration/);
  });

  it("where no battery carries the first upload it is refused, and says whose is the fullest", async () => {
    await expect(run({ devices: { battery: { enabled: true, joules: 1e-9 } } })).rejects.toThrow(
      /^devices\.battery: round 1: no battery carries an upload at any power: client \d/,
    );
  });
});
