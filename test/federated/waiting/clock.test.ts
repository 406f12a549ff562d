import { expect, it } from "vitest";
import {
  type Asked,
  advance,
  begin,
  breakOff,
  emptyClock,
  emptyMeter,
  newStep,
  type Shares,
} from "../../../src/federated/waiting/clock.js";
import { stepThrough } from "./bruteForce.js";

const radiating = { transmitPower: 0.1, circuitPower: 0.02 };

/** A channel of 12 bit/s that is shared evenly by those who send, at powers that are their share. */
function evenly({ bits }: Pick<Asked, "bits">): Shares {
  const senders = bits.reduce((count, left) => count + (left > 0 ? 1 : 0), 0);
  const each = (value: number) => bits.map((left) => (left > 0 ? value : 0));
  const watts = radiating.transmitPower / senders + radiating.circuitPower;
  return { power: each(1 / senders), watts: each(watts), rate: each(12 / senders) };
}

function started(work: readonly { seconds: number; bits: number; joules?: number }[]) {
  const clock = emptyClock(work.length);
  const meter = emptyMeter(work.length);
  work.forEach((one, client) => {
    begin(clock, meter, client, { joules: 0, ...one });
  });
  return { clock, meter };
}

it("shares the radio among those who send at the moment: by hand", () => {
  // Client 0 sends alone from 1 s: 12 bits by 2 s, when client 1 joins. At 6 bit/s each client 0 has its other 6 bits
  // through at 3 s; client 1 has 6 of its 30, and sends the other 24 alone, to 5 s.
  const { clock, meter } = started([
    { seconds: 1, bits: 18, joules: 3 },
    { seconds: 2, bits: 30 },
  ]);
  const ends: number[] = [];
  for (let count = 1; count <= 2; count++) {
    advance(clock, meter, { share: evenly, until: 100, enough: (arrived) => arrived >= count });
    ends.push(clock.elapsed);
  }
  expect(clock.arrived).toEqual([0, 1]);
  expect(ends).toEqual([3, 5]);
  expect([...meter.sending]).toEqual([2, 3]);
  // 0.1 W · (1·1 s + ½·1 s) + 0.02 W · 2 s; 0.1 W · (½·1 s + 1·2 s) + 0.02 W · 3 s
  expect(meter.energy[0]).toBeCloseTo(0.19, 12);
  expect(meter.energy[1]).toBeCloseTo(0.31, 12);
  expect([...meter.computing]).toEqual([3, 0]);
  expect(clock.spent).toBeCloseTo(3 + 0.19 + 0.31, 12);
  expect(meter.spans).toEqual([
    { client: 0, does: "computing", from: 0, to: 1 },
    { client: 1, does: "computing", from: 0, to: 2 },
    { client: 0, does: "sending", from: 1, to: 3 },
    { client: 1, does: "sending", from: 2, to: 5 },
  ]);
});

it("stops at a moment between two events and goes on from there, or breaks a client off", () => {
  const { clock, meter } = started([
    { seconds: 1, bits: 18 },
    { seconds: 2, bits: 30 },
  ]);
  const moments = { share: evenly, enough: () => false };
  advance(clock, meter, { ...moments, until: 2.5 });
  expect([clock.elapsed, ...clock.bits]).toEqual([2.5, 3, 27]);
  newStep(clock);
  breakOff(clock, 1);
  // Alone again, at 12 bit/s.
  advance(clock, emptyMeter(2), { ...moments, until: 10 });
  expect(clock.arrived).toEqual([0]);
  expect(clock.elapsed).toBe(0.25);
  expect(clock.seconds).toBe(2.75);
});

it("leaves who is late by a deadline with what it has spent, as docs/waiting.md has it by hand", () => {
  const { clock, meter } = started([
    { seconds: 1, bits: 18 },
    { seconds: 2, bits: 30 },
  ]);
  advance(clock, meter, { share: evenly, until: 4, enough: () => false });
  expect([clock.elapsed, clock.arrived, clock.bits[1]]).toEqual([4, [0], 12]);
  expect(meter.energy[1]).toBeCloseTo(0.19, 12);
});

it("lets those without bits arrive when they have computed, and counts ties as one moment", () => {
  let asked = 0;
  const share = (given: Asked) => {
    asked++;
    return evenly(given);
  };
  const { clock, meter } = started([
    { seconds: 1, bits: 0 },
    { seconds: 1, bits: 6 },
    { seconds: 1, bits: 6 * (1 + 1e-9) },
  ]);
  advance(clock, meter, { share, until: 100, enough: () => false });
  expect(clock.arrived).toEqual([0, 1, 2]);
  expect(asked).toBe(1);
  expect(clock.elapsed).toBe(1 + 1 + 1e-9);
});

it("waits for nothing more where enough is there, and for nobody where nobody works", () => {
  const { clock, meter } = started([{ seconds: 1, bits: 6 }]);
  advance(clock, meter, { share: evenly, until: 100, enough: () => true });
  expect(clock.elapsed).toBe(0);
  advance(clock, meter, { share: evenly, until: Number.POSITIVE_INFINITY, enough: () => false });
  expect(clock.elapsed).toBe(1.5);
});

it.each([1, 2, 3, 4, 5])("ends as a simulation in small steps of time does (%i)", (seed) => {
  // Interference: everybody else who sends takes from one's rate, unevenly.
  let state = seed * 7919;
  const random = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const K = 5;
  const clients = Array.from({ length: K }, () => ({ computes: random(), bits: 20 + 80 * random() }));
  clients[2]!.bits = 0;
  const gain = Array.from({ length: K }, () => 30 + 60 * random());
  const disturbs = Array.from({ length: K * K }, () => random());
  const power = Array.from({ length: K }, () => 0.2 + 0.8 * random());
  const rateOf = (k: number, sends: (j: number) => boolean) => {
    let sum = 1;
    for (let j = 0; j < K; j++) if (j !== k && sends(j)) sum += disturbs[k * K + j]! * power[j]!;
    return (gain[k]! * power[k]!) / sum;
  };
  const step = 1e-4;
  const truth = stepThrough(clients, (sends) => clients.map((_, k) => rateOf(k, (j) => sends[j]!)), {
    step,
    watts: () => power.map((p) => radiating.transmitPower * p + radiating.circuitPower),
  });
  const { clock, meter } = started(clients.map(({ computes, bits }) => ({ seconds: computes, bits })));
  const share = ({ bits }: Asked): Shares => ({
    power: Float64Array.from(power),
    watts: Float64Array.from(power, (p) => radiating.transmitPower * p + radiating.circuitPower),
    rate: Float64Array.from(power, (_, k) => rateOf(k, (j) => bits[j]! > 0)),
  });
  const ends = new Array<number>(K).fill(Number.NaN);
  for (let count = 1; count <= K; count++) {
    advance(clock, meter, { share, until: 1e3, enough: (arrived) => arrived >= count });
    for (const client of clock.arrived.slice(count - 1)) ends[client] = clock.elapsed;
  }
  // Each of the at most 2K changes of the set is seen by the steps one step late, and everybody's rate is off by no more
  // than its ratio between the sets for as long.
  const ratio = Math.max(...clients.map((_, k) => rateOf(k, () => false) / rateOf(k, () => true)));
  const tolerance = 2 * K * step * ratio;
  ends.forEach((end, k) => {
    expect(Math.abs(end - truth.ends[k]!), `client ${k}`).toBeLessThan(tolerance);
    expect(Math.abs(meter.energy[k]! - truth.energy[k]!), `client ${k}`).toBeLessThan(tolerance * 0.12);
  });
});
