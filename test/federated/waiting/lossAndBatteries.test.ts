import { describe, expect, it } from "vitest";
import { simulate } from "../../../src/federated/simulate.js";
import { simulateTogether } from "../../../src/federated/together.js";
import { advance, begin, emptyClock, emptyMeter } from "../../../src/federated/waiting/clock.js";
import { parseConfig } from "../../../src/parts/resolve.js";
import { threadedExecutor } from "../../../src/study/run/executor.js";
import { sendingOf } from "../../../src/system/loss.js";
import { everyState, lastState } from "../states.js";
import { tiny } from "../tiny.js";

const kinds = [
  { kind: "deadline", deadline: 0.02 },
  { kind: "deadline", deadline: 0.01, late: "keep" },
  { kind: "semi-synchronous", period: 0.02 },
  { kind: "asynchronous", buffer: 2 },
  { kind: "asynchronous", buffer: 1, mixing: "models" },
] as const;

const charge = 8e-5;
const lossy = {
  ...tiny,
  rounds: 7,
  quantizer: { name: "laq", bits: 4 },
  data: { ...tiny.data, split: { kind: "quantity", alpha: 2 } },
  budgets: { compute: { latencyPer1250: 0.1 }, energy: 1, latency: 50 },
  loss: { kind: "random", probability: 0.4, attempts: 2 },
} as const;
const poor = { ...lossy, devices: { battery: { enabled: true, joules: charge } } } as const;

it("drains a battery while energy comes in, as docs/waiting.md has it by hand", () => {
  // 0.12 W for 0.5 s of computation and for 1 s of sending, 0.02 W come in; the other battery carries no upload.
  const clock = emptyClock(2, Float64Array.of(0.2, 0.01));
  clock.batteries!.allowed.fill(Number.POSITIVE_INFINITY);
  clock.batteries!.harvest.fill(0.02);
  const meter = emptyMeter(2);
  begin(clock, meter, 0, { seconds: 0.5, joules: 0.06, bits: 12 });
  begin(clock, meter, 1, { seconds: 0.25, joules: 0.005, bits: 12 });
  const share = ({ bits, allowed }: { bits: Float64Array; allowed?: Float64Array }) => {
    const silent = [0, 1].filter((client) => bits[client]! > 0 && allowed![client]! < 0.12);
    return { power: bits.map(() => 1), watts: bits.map(() => 0.12), rate: bits.map(() => 12), silent };
  };
  advance(clock, meter, { share, until: 10, enough: () => false });
  expect([clock.elapsed, clock.arrived, clock.batteries!.out]).toEqual([1.5, [0], [1]]);
  // 0.2 − (0.12 − 0.02) · 1.5; 0.01 − 0.005 + 0.02 · 0.25, and then up to its charge
  expect(clock.batteries!.left[0]).toBeCloseTo(0.05, 12);
  expect(clock.batteries!.left[1]).toBe(0.01);
  expect([...meter.energy]).toEqual([0.12, 0]);
});

describe.each(kinds)("losses and batteries (%o)", (waiting) => {
  it("take out of batteries what the ledger bills, and nothing of who has none left", async () => {
    const { rounds } = await simulate({ ...poor, rounds: 20, waiting });
    const spent = new Float64Array(4);
    const before = new Float64Array(4).fill(charge);
    for (const { perClient } of rounds) {
      perClient.energy.forEach((joules, client) => {
        if (before[client] === 0) expect(joules).toBe(0);
        spent[client]! += joules;
        before[client] = perClient.battery![client]!;
        expect(before[client]).toBeGreaterThanOrEqual(0);
        // Sums of some hundred float64 numbers of at most the charge
        expect(Math.abs(spent[client]! + before[client]! - charge)).toBeLessThan(charge * 1e-12);
      });
    }
    expect(rounds.some(({ waiting }) => waiting!.lost!.length > 0)).toBe(true);
    for (const { perClient, waiting } of rounds) {
      for (const client of [...waiting!.lost!, ...waiting!.out!]) {
        expect([perClient.weight![client], perClient.delivered![client]]).toEqual([0, false]);
      }
      for (const client of waiting!.out!) expect(perClient.nominalBits[client]).toBe(0);
    }
  });

  it("are the same on threads, and after a stop in any round", async () => {
    const config = parseConfig({ ...poor, waiting });
    const whole = await simulate(config);
    expect(await simulate(config, { executor: threadedExecutor(2) })).toEqual(whole);
    for (const last of [1, 2, 3]) {
      const state = lastState();
      const stop = new AbortController();
      const observers = [{ onRound: ({ round }: { round: number }) => (round === last ? stop.abort() : undefined) }];
      await simulateTogether(config, [{ config }], { state, stateInterval: 0, signal: stop.signal, observers });
      const { results } = await simulateTogether(config, [{ config }], { state, stateInterval: 0 });
      expect(results[0]!.fingerprint).toEqual(whole.fingerprint);
      expect(results[0]!.rounds).toEqual(whole.rounds);
    }
  });
});

it.each([
  { waiting: kinds[0], horizon: true, harvest: { kind: "constant", power: 1e-3 } },
  { waiting: kinds[1], horizon: false, harvest: { kind: "random", power: 1e-3 } },
  { waiting: kinds[3], horizon: true, harvest: { kind: "none" } },
] as const)(
  "leaves both ends of LAQ and AQUILA alike whatever becomes of an upload (%o)",
  async ({ waiting, horizon, harvest }) => {
    const gone: number[] = [];
    for (const quantizer of [lossy.quantizer, { name: "aquila" }] as const) {
      const devices = { battery: { enabled: true, joules: charge, horizon, harvest } };
      const config = parseConfig({
        ...lossy,
        quantizer,
        loss: { kind: "outage", attempts: 2 },
        rounds: 8,
        devices,
        waiting,
      });
      const { result, states } = await everyState(config);
      for (const { clients, decoders } of states) {
        clients.forEach((memory, client) => {
          expect(memory.get("innovation.client")).toEqual(decoders[client]!.get("innovation.server"));
        });
      }
      gone.push(...result.rounds.flatMap(({ waiting }) => [...waiting!.lost!, ...waiting!.out!]));
      for (const { perClient } of result.rounds) {
        for (const joules of perClient.battery!) expect(joules >= 0 && joules <= charge).toBe(true);
      }
    }
    expect(gone.length).toBeGreaterThan(0);
  },
);

const remembering = [
  { name: "laq", bits: 4 },
  { name: "aquila" },
  { name: "sign", errorFeedback: true },
  { name: "top-k", fraction: 0.05 },
  { name: "rate-distortion", bits: 0.5 },
] as const;

/** What both ends of every client remember, in a form that tells any difference. */
const memoriesOf = ({ states }: Awaited<ReturnType<typeof everyState>>) =>
  states.map(({ clients, decoders }) =>
    [clients, decoders].map((ends) => ends.map((memory) => [...memory].sort(([a], [b]) => (a < b ? -1 : 1)))),
  );

it.each(remembering.flatMap((quantizer) => [true, false].map((acknowledged) => ({ quantizer, acknowledged }))))(
  "learns and remembers what a synchronous server does where all are waited for and uploads are lost (%o)",
  async ({ quantizer, acknowledged }) => {
    // What has to be decoded with its predecessor needs to know that it was lost.
    if (quantizer.name === "rate-distortion" && !acknowledged) return;
    const given = { ...lossy, rounds: 4, quantizer, loss: { ...lossy.loss, acknowledged } };
    const clock = await everyState(parseConfig({ ...given, waiting: { kind: "deadline" } }));
    const synchronous = await everyState(parseConfig(given));
    const config = parseConfig(given);
    clock.result.rounds.forEach(({ round, testLoss, loss, nominalBits, waiting }, i) => {
      const other = synchronous.result.rounds[i]!;
      expect([loss, nominalBits]).toEqual([other.loss, other.nominalBits]);
      expect(testLoss).toBe(other.testLoss);
      const lost = [0, 1, 2, 3].filter((client) => !sendingOf(config.loss, config.seed, client, round).delivered);
      expect(waiting!.lost).toEqual(lost);
    });
    expect(clock.result.rounds.some(({ waiting }) => waiting!.lost!.length > 0)).toBe(true);
    const memories = memoriesOf(clock);
    expect(memories.length).toBeGreaterThanOrEqual(4);
    expect(memories).toEqual(memoriesOf(synchronous));
  },
);

it.each(["laq", "aquila"])(
  "leaves the two ends of %s apart where its client does not learn of a loss",
  async (name) => {
    const loss = { kind: "random", probability: 0.7, acknowledged: false } as const;
    const config = parseConfig({ ...lossy, quantizer: { name }, loss, waiting: kinds[3] });
    const { clients, decoders } = (await everyState(config)).states.at(-1)!;
    const ends = clients.map((memory, client) => [
      String(memory.get("innovation.client")),
      String(decoders[client]!.get("innovation.server")),
    ]);
    expect(ends.some(([client, server]) => client !== server)).toBe(true);
  },
);

it("of which no battery carries the first upload says whose is the fullest", async () => {
  const battery = { enabled: true, joules: 1e-9 };
  await expect(simulate({ ...lossy, devices: { battery }, waiting: { kind: "asynchronous" } })).rejects.toThrow(
    /^devices\.battery: round 1: no battery carries an upload at any power: client \d's, the fullest, holds /,
  );
});
