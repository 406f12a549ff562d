import { describe, expect, it } from "vitest";
import { atOnce, type Steps } from "../../src/config/steps.js";
import { leisurely } from "../../src/federated/breathe.js";
import { createRadio } from "../../src/federated/radio.js";
import { completeConfig, simulate } from "../../src/federated/simulate.js";
import { simulateTogether } from "../../src/federated/together.js";

const config = completeConfig({
  preset: "quick",
  rounds: 2,
  data: { trainExamples: 100, testExamples: 50 },
  network: { clients: 20, accessPoints: 36, antennas: 4, combining: "p-mmse", realizations: 400 },
});

function* counting(to: number, told: { steps: number; freed: boolean }): Steps<string> {
  try {
    for (; told.steps < to; told.steps++) {
      const until = performance.now() + 2;
      while (performance.now() < until);
      yield;
    }
    return "done";
  } finally {
    told.freed = true;
  }
}

describe("long work in steps", () => {
  it("is the same work", async () => {
    const told = { steps: 0, freed: false };
    expect(await leisurely(counting(10, told))).toBe("done");
    expect(told).toEqual({ steps: 10, freed: true });
  });

  it("hears a signal in between, and lets go of what it holds", async () => {
    const asked = new AbortController();
    const told = { steps: 0, freed: false };
    setTimeout(() => asked.abort(), 10);
    expect(await leisurely(counting(10_000, told), asked.signal)).toBeUndefined();
    expect(told.steps).toBeLessThan(10_000);
    expect(told.freed).toBe(true);
  });

  it("a simulated receiver gives the same rates, with others' kernels at work in between", () => {
    const whole = createRadio(config).rates(1);
    const [first, second] = [createRadio(config).steps!(1), createRadio({ ...config, seed: 9 }).steps!(1)];
    let steps = 0;
    for (;;) {
      second.next();
      const step = first.next();
      if (step.done) {
        expect(step.value).toEqual(whole);
        break;
      }
      steps++;
    }
    expect(steps).toBeGreaterThan(200); // pairs of 400 realizations
    atOnce(second);
  });

  it("finishes what is nearly done, so that a run keeps the round that it is in", async () => {
    const asked = new AbortController();
    const told = { steps: 0, freed: false };
    asked.abort();
    expect(await leisurely(counting(20, told), asked.signal)).toBe("done");
  });

  it("a run that is asked to stop in the middle of a round keeps it, and its state", async () => {
    const asked = new AbortController();
    const small = { ...config, network: { ...config.network, realizations: 2 } };
    const kept = new Map<string, Uint8Array>();
    const state = {
      read: async () => kept.get("state"),
      write: async (bytes: Uint8Array) => void kept.set("state", bytes),
    };
    const { ended, rounds } = await simulate(small, {
      ...{ signal: asked.signal, state, stateInterval: 1e6 },
      observers: [{ onUpdate: () => asked.abort() }],
    });
    expect(ended).toEqual({ by: "stopped", reason: "stopped before round 2" });
    expect(rounds).toHaveLength(1);
    const { resumed, ...goneOn } = await simulateTogether(small, [{ config: small }], { state });
    expect(resumed.round).toBe(1);
    expect(goneOn.results[0]!.fingerprint).toEqual((await simulate(small)).fingerprint);
  });

  it("a run is stopped while it prices a round, and says before which", async () => {
    const long = { ...config, network: { ...config.network, realizations: 20_000 } };
    const asked = new AbortController();
    // The first task that is free: training is over by then, and the first of thousands of steps done
    const pricing = simulate(long, {
      signal: asked.signal,
      observers: [{ onUpdate: () => void setTimeout(() => asked.abort(), 0) }],
    });
    const { ended, rounds } = await pricing;
    expect(ended).toEqual({ by: "stopped", reason: "stopped before round 1" });
    expect(rounds).toEqual([]);
  });
});
