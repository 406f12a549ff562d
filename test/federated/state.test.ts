import { describe, expect, it } from "vitest";
import { stream } from "../../bindings/random.js";
import type { Quantizer } from "../../src/config/records.js";
import { type Executor, inProcessExecutor } from "../../src/federated/executor.js";
import { trainingIdentity } from "../../src/federated/identity.js";
import { pack } from "../../src/federated/packed.js";
import { completeConfig, simulate } from "../../src/federated/simulate.js";
import { inspectState, type StateStore } from "../../src/federated/state.js";
import { simulateTogether } from "../../src/federated/together.js";
import { quantizer } from "../../src/quantizers/index.js";
import { threadedExecutor } from "../../src/study/run/executor.js";
import { tiny } from "./tiny.js";

/** A place in memory, with the bytes as a file would give them back. */
function place(kept?: Uint8Array): StateStore & { bytes: Uint8Array | undefined } {
  return {
    bytes: kept,
    async read() {
      return this.bytes;
    },
    async write(bytes) {
      this.bytes = Uint8Array.from(bytes);
    },
  };
}

class Killed extends Error {}

/** Runs until it is killed: after a round, or, which is what kills mostly meet, in the middle of the one after. */
async function killed(config: object, round: number, inTheMiddle: boolean, executor?: Executor) {
  const state = place();
  const run = simulate(config, {
    state,
    stateInterval: 0,
    ...(executor && { executor }),
    onUpdate(client, at) {
      if (inTheMiddle && at === round + 1 && client >= 2) throw new Killed();
    },
    onRound(record) {
      if (!inTheMiddle && record.round === round) throw new Killed();
    },
  });
  await expect(run).rejects.toThrow(Killed);
  return state.bytes;
}

/** Sees the first round that is trained. */
function firstTrained() {
  const seen = { round: Number.POSITIVE_INFINITY };
  const onUpdate = (_client: number, round: number) => {
    seen.round = Math.min(seen.round, round);
  };
  return { seen, onUpdate };
}

/** Everything that a training remembers from round to round, by what makes it remember. */
const cases: Record<string, object> = {
  emq: {},
  laq: { quantizer: { name: "laq" }, rounds: 6 },
  "laq that skips by the model's changes": { quantizer: { name: "laq", weight: 100 }, rounds: 5 },
  "laq on the weights": { quantizer: { name: "laq", variant: "authors-code" } },
  aquila: { quantizer: { name: "aquila" } },
  "error feedback": { quantizer: { name: "top-q", errorFeedback: true } },
  "a schedule over the loss": { quantizer: { name: "emq", step: "fractional", schedule: "loss" } },
  fedavgm: { server: { rule: "fedavgm" } },
  fedadagrad: { server: { rule: "fedadagrad" } },
  fedadam: { server: { rule: "fedadam" } },
  fedyogi: { server: { rule: "fedyogi" } },
  "adaptive epochs": { training: { localEpochs: 1, adaptiveEpochs: { from: 2, increment: 1, maximum: 3 } } },
  "half of the clients": { server: { participation: 0.5 }, quantizer: { name: "laq" } },
  "a selection with a memory": { selection: "proportional-fair", server: { participation: 0.5 } },
  "a selection by what was sent": {
    selection: { rule: "update-norm", weights: "unbiased", forgetAfter: 1 },
    server: { participation: 0.5 },
    quantizer: { name: "laq" },
  },
  "uploads that are lost": {
    loss: { kind: "random", probability: 0.6, attempts: 2 },
    quantizer: { name: "top-q", errorFeedback: true },
  },
  "batteries that run empty": {
    devices: { battery: { enabled: true, joules: 2.5e-5, harvest: { kind: "random", power: 1e-3 } } },
    budgets: { energy: 1, latency: 50 },
    quantizer: { name: "laq" },
  },
  mobility: { network: { clients: 4, mobility: { model: "random-waypoint", speed: 30 } } },
  ageing: { network: { clients: 4, mobility: { model: "straight", speed: 30 }, ageing: { enabled: true } } },
  "warm starts": { power: { method: "joint", alpha: 0.3 } },
  "a channel-aware quantizer": { quantizer: { name: "mixed-resolution", channelAware: true } },
  "planned resolutions": { plan: "joint-resolution" },
  "planned resolutions of half of the clients that move": {
    plan: "joint-resolution",
    server: { participation: 0.5 },
    network: { clients: 4, mobility: { model: "straight", speed: 30 } },
  },
  "seldom evaluated": { evaluation: { every: 3 } },
  "ended by a budget": { budgets: { latency: 0.02 }, rounds: 50 },
};

describe("a run that is killed and goes on is the run that was not", () => {
  it.each(Object.keys(cases))("%s", async (name) => {
    const config = { ...tiny, ...cases[name] };
    const whole = await simulate(config);
    expect(whole.rounds.length).toBeGreaterThan(2);
    for (let round = 1; round < whole.rounds.length; round++) {
      const state = place(await killed(config, round, round % 2 === 1));
      const { seen, onUpdate } = firstTrained();
      expect(await simulate(config, { state, onUpdate })).toEqual(whole);
      // Nothing that was kept is trained again.
      expect(seen.round).toBe(round + 1);
    }
  });

  it("on worker threads as well", async () => {
    const config = { ...tiny, quantizer: { name: "laq" } } as const;
    const state = place(await killed(config, 2, false, threadedExecutor(2)));
    expect(await simulate(config, { state, executor: threadedExecutor(2) })).toEqual(await simulate(config));
  });

  it("also of many accounts, and of a quantizer of one's own", async () => {
    const emq = quantizer("emq");
    const mine: Quantizer = { ...emq, name: "mine", encode: (update, context) => emq.encode(update, context) };
    const config = completeConfig(tiny);
    const accounts = [{ config }, { config: { ...config, rounds: 2 }, drop: 1 }, { config, drop: 2 }];
    const state = place();
    const stop = { onRound: () => Promise.reject(new Killed()) };
    const options = { quantizer: mine, state, stateInterval: 0 };
    await expect(simulateTogether(config, accounts, { ...options, observers: [stop] })).rejects.toThrow(Killed);
    const again = await simulateTogether(config, accounts, options);
    expect(again.resumed).toEqual({ round: 1 });
    expect(again.results).toEqual((await simulateTogether(config, accounts, { quantizer: mine })).results);
  });

  it("goes on further when it may: more rounds, larger budgets", async () => {
    const state = place();
    const short = await simulate({ ...tiny, rounds: 2 }, { state });
    expect(short.ended.by).toBe("rounds");
    const { seen, onUpdate } = firstTrained();
    const longer = await simulate(tiny, { state, onUpdate });
    expect(seen.round).toBe(3);
    expect(longer).toEqual(await simulate(tiny));
  });

  it("goes on from where it stood with what others left of the same training", async () => {
    // A budget that refused round 4: its proposal is in the trace, and the state is that of an earlier round.
    const complete = completeConfig({ ...tiny, rounds: 6 });
    const state = place(await killed(complete, 2, true));
    const { rounds } = await simulate(complete);
    const poor = { ...complete, budgets: { ...complete.budgets, latency: rounds[2]!.totals.latency * 1.001 } };
    const { trace, results } = await simulateTogether(poor, [{ config: poor }]);
    expect([results[0]!.rounds.length, trace.rounds.length]).toEqual([3, 4]);
    const { seen, onUpdate } = firstTrained();
    expect(await simulate(complete, { kept: trace, state, onUpdate })).toEqual(await simulate(complete));
    expect(seen.round).toBe(3);
  });

  it("remembers the last plan", async () => {
    const found = inspectState((await killed({ ...tiny, plan: "joint-resolution" }, 2, false))!, {
      ...trainingIdentity(completeConfig({ ...tiny, plan: { kind: "joint-resolution" } }), {
        quantizer: quantizer("emq"),
      }),
    });
    expect(found.kind === "usable" && found.saved.state.plan.resolutions).toMatchObject({
      choice: expect.any(Int32Array),
      ladder: expect.any(Array),
    });
  });

  it("is kept at a stop, and not more often than asked", async () => {
    const written: boolean[] = [];
    const state = place();
    const counted: StateStore = {
      read: () => state.read(),
      write(bytes, last) {
        written.push(last);
        return state.write(bytes, last);
      },
    };
    const controller = new AbortController();
    const onRound = ({ round }: { round: number }) => {
      if (round === 3) controller.abort();
    };
    const stopped = await simulate(tiny, { state: counted, stateInterval: 3600, signal: controller.signal, onRound });
    expect([stopped.ended.by, stopped.rounds.length, written]).toEqual(["stopped", 3, [true]]);
    const { resumed, results } = await simulateTogether(completeConfig(tiny), [{ config: completeConfig(tiny) }], {
      state,
    });
    expect(resumed).toEqual({ round: 3 });
    expect(results[0]).toEqual(await simulate(tiny));
  });
});

describe("a kept state", () => {
  const config = completeConfig(tiny);
  const identityOf = (input: object) => {
    const complete = completeConfig(input);
    return trainingIdentity(complete, { quantizer: quantizer(complete.quantizer) });
  };

  it("is known to be damaged, whatever byte it is", async () => {
    const bytes = (await killed(tiny, 2, false))!;
    const identity = identityOf(tiny);
    expect(inspectState(bytes, identity).kind).toBe("usable");
    const random = stream(1, "test");
    for (let i = 0; i < 400; i++) {
      const damaged = Uint8Array.from(bytes);
      const at = Math.floor(random.uniform() * bytes.length);
      damaged[at]! ^= 1 + Math.floor(random.uniform() * 255);
      expect(inspectState(damaged, identity).kind).toBe("damaged");
      expect(inspectState(bytes.subarray(0, at), identity).kind).toBe("damaged");
    }
    for (const head of [new Uint8Array(0), new Uint8Array(100)]) {
      expect(inspectState(head, identity).kind).toBe("damaged");
    }
  });

  it("that is damaged is told of and the run begins anew", async () => {
    const state = place((await killed(tiny, 2, false))!.subarray(0, 5000));
    const { results, resumed } = await simulateTogether(config, [{ config }], { state });
    expect(resumed).toEqual({ round: 0, damaged: "its checksum does not fit" });
    expect(results[0]).toEqual(await simulate(tiny));
  });

  it("of another training is refused with what differs", async () => {
    const bytes = (await killed(tiny, 2, false))!;
    const other = { ...tiny, training: { localEpochs: 2 }, server: { rule: "fedadam" } };
    expect(inspectState(bytes, identityOf(other))).toEqual({
      kind: "foreign",
      differences: ["training.localEpochs is 1 there, 2 here", 'server.rule is at its default there, "fedadam" here'],
    });
    await expect(simulate(other as never, { state: place(bytes) })).rejects.toThrow(
      /^state: is that of another training: training\.localEpochs is 1 there/,
    );
    // What a training does not depend on may change.
    const elsewhere = {
      ...tiny,
      power: { method: "full" },
      budgets: { latency: 7 },
      rounds: 9,
      evaluation: { every: 2 },
    };
    expect(inspectState(bytes, identityOf(elsewhere)).kind).toBe("usable");
    const emq = quantizer("emq");
    const mine = { ...emq, encode: (...given: Parameters<Quantizer["encode"]>) => emq.encode(...given) };
    await expect(simulate(tiny, { quantizer: mine, state: place(bytes) })).rejects.toThrow(/quantizer\.source/);
  });

  it("of a newer version is refused", async () => {
    const bytes = pack({ whatever: new Float32Array(3) }, 2);
    expect(inspectState(bytes, identityOf(tiny))).toEqual({ kind: "newer", version: 2 });
    await expect(simulate(tiny, { state: place(bytes) })).rejects.toThrow("state: its version is 2");
  });

  it("keeps the arrays of a run that goes on: nothing is written into what was given", async () => {
    const bytes = (await killed(tiny, 2, false))!;
    const before = Uint8Array.from(bytes);
    await simulate(tiny, { state: { read: async () => bytes, write: async () => {} } });
    expect(bytes).toEqual(before);
  });

  it("is begun anew where something is asked of rounds before it", async () => {
    const state = place(await killed({ ...tiny, evaluation: { every: 100 } }, 3, false));
    let starts = 0;
    const inner = inProcessExecutor();
    const executor: Executor = {
      ...inner,
      start(setup) {
        starts++;
        return inner.start(setup);
      },
    };
    // Evaluated after every round, which the kept run was not.
    expect(await simulate(tiny, { state, executor })).toEqual(await simulate(tiny));
    expect(starts).toBe(1);
  });
});
