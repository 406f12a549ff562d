import { describe, expect, it } from "vitest";
import type { Config } from "../../src/config/config.js";
import type { Quantizer } from "../../src/config/records.js";
import { configFingerprint, ownPart, resultsFingerprint, withoutDefaults } from "../../src/federated/fingerprint.js";
import { completeConfig, simulate } from "../../src/federated/simulate.js";
import { powerMethod } from "../../src/power/index.js";
import { completeQuantizer, quantizer } from "../../src/quantizers/index.js";

const tiny = {
  preset: "quick",
  rounds: 2,
  data: { trainExamples: 200, testExamples: 100 },
  model: { preset: "softmax" },
  training: { localEpochs: 1 },
  network: { clients: 3 },
} as const;

const of = (input: object) => configFingerprint(completeConfig(input));

describe("a config's fingerprint", () => {
  it("does not see fields at their defaults, so that a field added later leaves it as it is", () => {
    expect(withoutDefaults(completeConfig({}))).toEqual({});
    const config = completeConfig(tiny);
    const later = { ...config, data: { ...config.data, addedLater: undefined } } as unknown as Config;
    expect(configFingerprint(later)).toBe(configFingerprint(config));
    const { plan: _plan, ...before } = config;
    expect(configFingerprint(before as Config)).toBe(configFingerprint(config));
  });

  it("knows the defaults that a section's name brings", () => {
    expect(withoutDefaults(completeConfig({ training: { optimizer: { name: "rmsprop" } } }))).toEqual({
      training: { optimizer: { name: "rmsprop" } },
    });
    expect(withoutDefaults(completeConfig({ server: { rule: "fedadam", learningRate: 0.5 } }))).toEqual({
      server: { rule: "fedadam", learningRate: 0.5 },
    });
    // AdaDelta's learning rate is 1, RMSprop's is not.
    const other = { name: "rmsprop", learningRate: 1 } as const;
    expect(of({ training: { optimizer: other } })).not.toBe(of({ training: { optimizer: "rmsprop" as never } }));
  });

  it.each(["emq", "laq", "mixed-resolution", "top-q", "uniform", "identity"] as const)(
    "does not see whether the defaults of %s are spelled out",
    (name) => {
      const config = completeConfig({ quantizer: { name } });
      const spelled = { ...config, quantizer: completeQuantizer({ name }) };
      const bare = { ...config, quantizer: { name } as Config["quantizer"] };
      expect(configFingerprint(spelled)).toBe(configFingerprint(config));
      expect(configFingerprint(bare)).toBe(configFingerprint(config));
    },
  );

  it("sees every other difference, but not where the files lie", () => {
    const inputs = [
      {},
      { seed: 2 },
      { quantizer: { name: "emq", digits: 1 } },
      { quantizer: { name: "laq" } },
      { quantizer: { name: "laq", bits: 5 } },
      { plan: { kind: "joint-resolution" } },
      { network: { clients: 21 } },
      { budgets: { energy: null } },
      { data: { split: { kind: "dirichlet" } } },
      { power: { method: "joint" } },
      { power: { method: "joint", alpha: 0.1 } },
      { model: { preset: "custom", layers: [{ type: "flatten" }] } },
    ];
    expect(new Set(inputs.map(of)).size).toBe(inputs.length);
    expect(of({ data: { directory: "elsewhere" } })).toBe(of({}));
  });
});

describe("a result's fingerprint", () => {
  it("covers the named fields of each round and no others", async () => {
    const { rounds, fingerprint } = await simulate(tiny);
    expect(fingerprint.version).toBe(2);
    expect(fingerprint.results).toBe(resultsFingerprint(rounds));
    const more = rounds.map((round) => ({
      ...round,
      addedLater: 1,
      perClient: { ...round.perClient, addedLater: [1] },
    }));
    expect(resultsFingerprint(more)).toBe(fingerprint.results);
    const moved = structuredClone(rounds);
    moved[1]!.perClient.power[2]! *= 1 + Number.EPSILON;
    expect(resultsFingerprint(moved)).not.toBe(fingerprint.results);
  });
});

describe("a part of one's own", () => {
  const emq = quantizer("emq");
  const mine: Quantizer = { name: "emq", encode: (...given) => emq.encode(...given), decode: emq.decode };

  it("is recorded by its name and the hash of its source, not as the part it stands in for", async () => {
    const plain = await simulate(tiny);
    const own = await simulate(tiny, { quantizer: { ...mine, name: "mine" } });
    expect(own.config.quantizer.name).toBe("mine");
    expect(own.parts).toEqual({ quantizer: ownPart({ ...mine, name: "mine" }) });
    expect(own.fingerprint.results).toBe(plain.fingerprint.results);
    expect(own.fingerprint.config).not.toBe(plain.fingerprint.config);
    // Even under the same name
    expect((await simulate(tiny, { quantizer: mine })).fingerprint.config).not.toBe(plain.fingerprint.config);
    expect(plain.parts).toBeUndefined();
    const full = powerMethod({ method: "full" });
    const powered = await simulate(tiny, { powerMethod: { name: "mine", allocate: full.allocate } });
    expect(powered.config.power.method).toBe("mine");
    expect(powered.parts?.powerMethod?.name).toBe("mine");
  });

  it("is none where it is a built-in one, which is recorded with its settings", async () => {
    const named = await simulate({ ...tiny, quantizer: { name: "emq", digits: 1 }, power: { method: "full" } });
    const objects = { quantizer: quantizer("emq", { digits: 1 }), powerMethod: powerMethod({ method: "full" }) };
    const handedIn = await simulate(tiny, objects);
    expect(handedIn.fingerprint).toEqual(named.fingerprint);
    expect(handedIn.parts).toBeUndefined();
    expect(handedIn.config).toEqual({
      ...named.config,
      quantizer: expect.objectContaining({ name: "emq", digits: 1 }),
    });
    // What wraps it is one's own.
    const wrapped = { ...objects.quantizer, name: "wrapped" };
    expect((await simulate(tiny, { quantizer: wrapped })).parts?.quantizer?.name).toBe("wrapped");
  });

  it("is another when its source is", () => {
    const changed: Quantizer = { ...mine, encode: (update, context) => emq.encode(update, context) };
    expect(ownPart(changed)).not.toEqual(ownPart(mine));
    expect(ownPart({ ...mine, source: "a" })).not.toEqual(ownPart({ ...mine, source: "b" }));
    expect(ownPart({ ...changed, source: "a" })).toEqual(ownPart({ ...mine, source: "a" }));
    class Kept {
      readonly name = "kept";
      encode() {
        return 1;
      }
    }
    class Changed {
      readonly name = "kept";
      encode() {
        return 2;
      }
    }
    expect(ownPart(new Kept())).not.toEqual(ownPart(new Changed()));
  });
});
