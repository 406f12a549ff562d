import { afterEach, describe, expect, it, vi } from "vitest";
import "../relaxedEngine.js";
import { relaxedRoundings } from "../../bindings/products.js";
import { configFingerprint, withoutDefaults } from "../../src/federated/fingerprint.js";
import { trainingIdentity } from "../../src/federated/identity.js";
import { completeConfig, simulate } from "../../src/federated/simulate.js";
import { quantizer } from "../../src/quantizers/index.js";
import { gridOf } from "../../src/study/plan/plan.js";
import { compare } from "../../src/study/run/compare.js";
import { threadedExecutor } from "../../src/study/run/executor.js";
import { threads } from "../../src/study/run/threads.js";
import { tiny } from "./tiny.js";

/** Full precision, so that a bit of difference in an update is one in the results. */
const config = {
  ...tiny,
  rounds: 2,
  quantizer: { name: "identity" },
  budgets: { energy: null, latency: null },
} as const;
const relaxed = { ...config, kernels: "relaxed" } as const;
const resultsOf = async (input: object, options = {}) => (await simulate(input, options)).fingerprint.results;

describe('a training with kernels "relaxed"', () => {
  it("is told apart from an exact one by its hash, its states and its keys", () => {
    const [one, other] = [completeConfig(config), completeConfig(relaxed)];
    expect(withoutDefaults(one)).not.toHaveProperty("kernels");
    expect(configFingerprint(other)).not.toBe(configFingerprint(one));
    const identify = (of: typeof one) => trainingIdentity(of, { quantizer: quantizer(of.quantizer) });
    expect(identify(other).config).toEqual({ ...identify(one).config, kernels: "relaxed" });
    const { cells } = gridOf({ file: config, vary: ["kernels=exact,relaxed"], seeds: [1], drops: 1 });
    expect(cells.map(({ id }) => id)).toEqual(["exact", "relaxed"]);
    expect(new Set(cells.map(({ key }) => key)).size).toBe(2);
  });

  it("gives the same each time, on threads too, and leaves exact ones beside it as they are", async () => {
    const [exact, alone] = [await resultsOf(config), await resultsOf(relaxed)];
    // Where the processor does not fuse a product and a sum there is no difference
    expect(alone === exact).toBe(relaxedRoundings() === 2);
    // The clients of the two take turns in this thread
    expect(await Promise.all([config, relaxed].map((input) => resultsOf(input)))).toEqual([exact, alone]);
    expect(await resultsOf(relaxed, { executor: threadedExecutor(2) })).toBe(alone);
  });

  it("is a cell beside exact ones in a comparison, here and on threads", async () => {
    const plan = { file: config, vary: ["kernels=exact,relaxed"], seeds: [1], drops: 1 };
    const expected = [await resultsOf(config), await resultsOf(relaxed)];
    const place = threads(2);
    try {
      for (const options of [{}, { place }]) {
        const { runs } = await compare(plan, options);
        expect(runs.map(({ fingerprint }) => fingerprint.results)).toEqual(expected);
      }
    } finally {
      await place.close();
    }
  });
});

describe("an engine without relaxed SIMD", () => {
  afterEach(() => vi.restoreAllMocks());

  it("says so before anything is trained, and which have it", async () => {
    vi.spyOn(WebAssembly, "validate").mockReturnValue(false);
    const said = { name: "InputError", path: "kernels", message: expect.stringContaining("Node 22 and later") };
    await expect(simulate(relaxed)).rejects.toMatchObject(said);
    const begun = vi.fn();
    const plan = { file: config, vary: ["kernels=exact,relaxed"], seeds: [1], drops: 1 };
    await expect(compare(plan, { onProgress: begun })).rejects.toMatchObject(said);
    expect(begun).not.toHaveBeenCalled();
    expect((await simulate({ ...config, rounds: 1 })).ended.by).toBe("rounds");
  });
});
