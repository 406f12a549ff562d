import { describe, expect, it } from "vitest";
import { InputError } from "../../src/config/errors.js";
import { completeConfig, simulate } from "../../src/federated/simulate.js";
import type { GivenConfig } from "../../src/parts/index.js";

/** Methods that remember, and what makes uploads late, lost or fewer. */

const small = {
  preset: "quick",
  rounds: 3,
  data: { trainExamples: 100, testExamples: 20 },
  model: "softmax",
  network: { clients: 4 },
  budgets: { energy: null, latency: null },
} as const;
const run = (more: object) => simulate(completeConfig({ ...small, ...more } as GivenConfig));

const remembering = ["rate-distortion", "laq", "aquila", "top-k", "fedbif", "emq"] as const;
/** A network so small has no room for a tenth of a bit. */
const named = (name: string) => (name === "rate-distortion" ? { name, bits: 1 } : { name });
const troubles: Record<string, object> = {
  "lost uploads": { loss: { kind: "random", probability: 0.5 } },
  "a deadline": { waiting: { kind: "deadline", deadline: 0.01, late: "drop" } },
  "late uploads that are kept": { waiting: { kind: "deadline", deadline: 0.01, late: "keep" } },
  "a buffer": { waiting: { kind: "asynchronous", buffer: 2 } },
  batteries: { devices: { battery: { enabled: true, joules: 1e-5 } } },
  "clients that are forgotten": { server: { participation: 0.5 }, selection: { rule: "round-robin", forgetAfter: 1 } },
};

describe.each(remembering)("%s", (name) => {
  it.each(Object.keys(troubles))("goes with %s", async (trouble) => {
    const { ended } = await run({ quantizer: named(name), ...troubles[trouble] });
    expect(ended.by, ended.reason).not.toBe("failed");
  });
});

describe("packets that need those before them", () => {
  const unheard = { loss: { kind: "random", probability: 0.5, acknowledged: false } };
  it("go with no loss that the sender does not hear of", async () => {
    const refused = run({ quantizer: { name: "rate-distortion" }, ...unheard });
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toThrow(/^loss\.acknowledged: false with rate-distortion.*prediction=false/);
  });
  it("are none without a prediction", async () => {
    const { ended } = await run({ quantizer: { ...named("rate-distortion"), prediction: false }, ...unheard });
    expect(ended.by, ended.reason).toBe("rounds");
  });
});

describe.each(["thc", "powersgd"] as const)("%s, which hears all at once", (name) => {
  it.each([
    [{ loss: { kind: "random" } }, /^loss\.kind: "random": .*looks at all clients/],
    [{ waiting: { kind: "asynchronous" } }, /^waiting\.kind: "asynchronous": .*looks at all clients/],
    [{ devices: { battery: { enabled: true } } }, /^devices\.battery\.enabled: true: .*looks at all clients/],
  ])("does not go with %j", async (more, message) => {
    await expect(run({ quantizer: { name }, ...more })).rejects.toThrow(message);
  });
});
