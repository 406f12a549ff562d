import { afterEach, describe, expect, it } from "vitest";
import type { Quantizer } from "../../src/config/records.js";
import { type Plugin, parseConfig, register, simulate } from "../../src/index.js";
import { unregisterAll } from "../../src/parts/plugins.js";
import { freshContext, quantizer } from "../../src/quantizers/index.js";
import { createOptimizer } from "../../src/training/optimizers.js";

/** Parts of the user's own may do anything: a run that they spoil ends as failed, with the reason, and keeps its rounds. */

const tiny = {
  rounds: 3,
  data: { trainExamples: 60, testExamples: 20 },
  model: { preset: "softmax" },
  training: { localEpochs: 1 },
  network: { clients: 3, accessPoints: 4 },
  power: { method: "full" },
  budgets: { energy: null, latency: null },
} as const;

afterEach(unregisterAll);

function thrown(value: unknown): () => never {
  return () => {
    throw value;
  };
}

const identity = quantizer("identity");

/** Sound but in the second round, of client 1. */
function spoilt(what: Partial<Record<"encode" | "decode" | "absent", (...given: never[]) => unknown>>): Quantizer {
  const at = ({ round, client }: { round: number; client: number }) => round === 2 && client === 1;
  return {
    name: "mine",
    encode: (update, context) =>
      (at(context) && what.encode ? what.encode : identity.encode)(update as never, context as never) as null,
    decode: (bytes, into, context) =>
      (at(context) && what.decode ? what.decode : identity.decode)(bytes as never, into as never, context as never),
    ...(what.absent && {
      absent: (into, context) => (at(context) ? what.absent!(into as never, context as never) : into.fill(0)),
    }),
  };
}

const packet = (change: object) => (update: Float32Array, context: never) => ({
  ...identity.encode(update, context),
  ...change,
});

const quantizerFaults: [what: string, quantizer: Quantizer, reason: RegExp][] = (
  [
    [
      "undefined for a packet",
      { encode: () => undefined },
      /mine: encode gave undefined \(allowed: .* or null to skip/,
    ],
    ["a promise for a packet", { encode: async () => null }, /mine: encode gave a promise/],
    ["a text for a packet", { encode: () => "packet" }, /mine: encode gave "packet"/],
    ["null thrown", { encode: thrown(null) }, /mine: null was thrown$/],
    ["a text thrown", { encode: thrown("boom") }, /mine: "boom" was thrown$/],
    ["an InputError thrown", { encode: () => quantizer("emg") }, /mine: quantizer.name: unknown quantizer "emg"/],
    ["plain bytes", { encode: packet({ bytes: [1, 2] }) }, /mine: bytes are \[1,2\], no Uint8Array/],
    [
      "wider bytes",
      { encode: packet({ bytes: new Float64Array(2) }) },
      /mine: bytes are Float64Array of 2, no Uint8Array/,
    ],
    ["no bytes", { encode: packet({ bytes: null }) }, /mine: bytes are null, no Uint8Array/],
    ["NaN bits", { encode: packet({ nominalBits: Number.NaN }) }, /mine: nominalBits are NaN/],
    ["negative bits", { encode: packet({ nominalBits: -1 }) }, /mine: nominalBits are -1/],
    ["endless bits", { encode: packet({ nominalBits: Number.POSITIVE_INFINITY }) }, /mine: nominalBits are Infinity/],
    ["bits in words", { encode: packet({ nominalBits: "8" }) }, /mine: nominalBits are "8"/],
    ["negative entropy", { encode: packet({ entropyBits: -1 }) }, /mine: entropyBits are -1/],
    [
      "a memory that is none",
      {
        encode: (update: Float32Array, context: { memory: Map<unknown, unknown> }) => {
          context.memory.set("seen", { list: [] });
          return identity.encode(update, context as never);
        },
      },
      /mine: its memory has \{"list":\[\]\} under "seen" \(allowed: numbers and Float32Arrays/,
    ],
    [
      "NaN decoded",
      { decode: (_: never, into: Float32Array) => into.fill(Number.NaN, 3, 4) },
      /mine, decoding: entry 3 is NaN/,
    ],
    [
      "Infinity decoded",
      { decode: (_: never, into: Float32Array) => into.fill(1 / 0) },
      /mine, decoding: entry 0 is Infinity/,
    ],
    ["a late decoder", { decode: async () => {} }, /mine, decoding: it gave a promise/],
    ["an array returned", { decode: () => new Float32Array(4) }, /mine, decoding: it returned Float32Array of 4; what/],
    ["a decoder that throws null", { decode: thrown(null) }, /mine, decoding: null was thrown/],
    [
      "an absence that is NaN",
      { encode: () => null, absent: (into: Float32Array) => into.fill(Number.NaN) },
      /mine, decoding: entry 0 is NaN/,
    ],
  ] as [string, Parameters<typeof spoilt>[0], RegExp][]
).map(([what, faults, reason]) => [what, spoilt(faults), reason]);

describe("a quantizer of one's own", () => {
  it.each(quantizerFaults)("that gives %s ends the run as failed", async (_, own, reason) => {
    const { ended, rounds } = await simulate(tiny, { quantizer: own });
    expect(ended.by).toBe("failed");
    expect(ended.reason).toMatch(reason);
    expect(ended.reason).toMatch(/^round 2, client 1: /);
    expect(rounds).toHaveLength(1);
  });

  it.each(quantizerFaults.filter((_, i) => i % 3 === 0))(
    "the same of a plugin's, by name: %s",
    async (_, own, reason) => {
      register({ quantizers: [own] });
      const { ended, rounds } = await simulate(parseConfig({ ...tiny, quantizer: { name: "mine" } }));
      expect(ended).toMatchObject({ by: "failed", reason: expect.stringMatching(reason) });
      expect(rounds).toHaveLength(1);
    },
  );

  it("skips with null, and not otherwise", async () => {
    const { rounds } = await simulate(tiny, { quantizer: spoilt({ encode: () => null }) });
    expect(rounds.map((round) => round.perClient.skipped)).toEqual([
      [false, false, false],
      [false, true, false],
      [false, false, false],
    ]);
  });

  it("can write into all that it is given, and into its packet afterwards, and nobody sees it", async () => {
    const packets: Uint8Array[] = [];
    const own: Quantizer = {
      name: "mine",
      encode(update, context) {
        for (const bytes of packets) bytes.fill(0);
        const right = identity.encode(update, context)!;
        update.fill(Number.NaN);
        context.model?.fill(1e9);
        for (const tensor of context.tensors) Object.assign(tensor, { offset: -1, length: 0, name: "" });
        (context.modelChanges as number[]).push(1);
        Object.assign(context.loss, { first: 0, last: 0 });
        packets.push(right.bytes);
        return right;
      },
      decode(bytes, into, context) {
        identity.decode(bytes, into, context);
        bytes.fill(0);
        context.model?.fill(-1e9);
      },
    };
    const sound: Quantizer = { ...own, encode: identity.encode, decode: identity.decode };
    const trained: Float32Array[][] = [[], []];
    const run = (part: Quantizer, i: number) =>
      simulate(tiny, {
        quantizer: part,
        observers: [
          { wantsTrained: () => true, onTrained: (_client, _round, update) => trained[i]!.push(update.slice()) },
        ],
      });
    expect((await run(own, 0)).rounds).toEqual((await run(sound, 1)).rounds);
    expect(trained[0]).toEqual(trained[1]);
  });

  it("under error feedback cannot change what is fed back", async () => {
    const noisy = (writes: boolean): Quantizer => {
      const emq = quantizer("emq");
      return {
        name: writes ? "mine" : "sound",
        encode(update, context) {
          const right = emq.encode(update, context);
          if (writes) update.fill(7);
          return right;
        },
        decode: emq.decode,
      };
    };
    register({ quantizers: [noisy(true), noisy(false)] });
    const of = (name: string) => simulate(parseConfig({ ...tiny, quantizer: { name, errorFeedback: true } }));
    expect((await of("mine")).rounds).toEqual((await of("sound")).rounds);
  });

  it.each<[unknown, RegExp]>([
    [null, /^quantizer: null, which is no quantizer \(allowed: an object with encode\(\) and decode\(\)\)/],
    ["emq", /^quantizer: "emq", which is no quantizer/],
    [{ name: "mine", encode: identity.encode }, /^quantizer: an object without decode\(\)/],
    [{ encode: identity.encode, decode: identity.decode }, /^quantizer: its name is undefined/],
  ])("that is %j is refused before anything begins", async (own, message) => {
    await expect(simulate(tiny, { quantizer: own as Quantizer })).rejects.toThrow(message);
  });

  it("that a plugin cannot make is refused", () => {
    register({ quantizers: [{ name: "mine", create: () => null as never }] });
    expect(() => quantizer("mine")).toThrow(/^quantizer.name: "mine" makes null, which is no quantizer/);
  });

  it("outside of a run is held to the same", () => {
    register({ quantizers: [{ name: "mine", encode: () => undefined as never, decode: () => {} }] });
    expect(() => quantizer("mine").encode(new Float32Array(2), freshContext())).toThrow(/^encode gave undefined/);
  });
});

/** A plugin with one part, the change of the config that names it, and what ends the run. */
const plugins: [what: string, plugin: Plugin, change: object, reason: RegExp][] = [
  ...(
    [
      ["throws null in a step", { step: thrown(null), reset() {} }, /^round 1, client 0: mine: null was thrown/],
      ["throws in reset", { step() {}, reset: thrown(new Error("stuck")) }, /^round 1, client 0: mine: stuck/],
      ["steps later", { step: async () => {}, reset() {} }, /^round 1, client 0: mine: step gave a promise/],
    ] as [string, never, RegExp][]
  ).map(([what, optimizer, reason]): (typeof plugins)[number] => [
    `an optimizer that ${what}`,
    { optimizers: [{ name: "mine", create: () => optimizer }] },
    { training: { ...tiny.training, optimizer: { name: "mine" } } },
    reason,
  ]),
  ...(
    [
      ["throws null", thrown(null), /^mine: null was thrown/],
      ["throws a text", thrown("boom"), /mine: "boom" was thrown/],
      ["answers later", async () => ({}), /mine: gave a promise/],
      ["gives nothing", () => undefined, /mine: gave undefined, which is no rate model/],
      [
        "gives texts",
        ({ clients: K }: { clients: number }) => ({ signal: "1".repeat(K) }),
        /mine: signal is no array of 3/,
      ],
      [
        "has no bandwidth",
        ({ clients: K }: { clients: number }) => ({
          ...{ signal: Array(K).fill(1), noise: Array(K).fill(1), selfInterference: Array(K).fill(0) },
          ...{ interference: Array(K * K).fill(0), bandwidth: -1 },
        }),
        /mine: bandwidth is -1, which is no finite number above 0/,
      ],
    ] as [string, never, RegExp][]
  ).map(([what, rateModel, reason]): (typeof plugins)[number] => [
    `a receiver that ${what}`,
    { receivers: [{ name: "mine", rateModel }] },
    { network: { ...tiny.network, combining: "mine" } },
    new RegExp(`round 1: ${reason.source.replace("^", "")}`),
  ]),
];

describe("other parts of one's own", () => {
  it.each(plugins)("%s ends the run as failed", async (_, plugin, change, reason) => {
    register(plugin);
    const { ended } = await simulate({ ...tiny, ...change });
    expect(ended.by).toBe("failed");
    expect(ended.reason).toMatch(reason);
  });

  it.each<[string, () => unknown, RegExp]>([
    ["nothing", () => undefined, /^training.optimizer.name: "mine" makes undefined, which is no optimizer/],
    ["no reset", () => ({ step() {} }), /^training.optimizer.name: "mine" makes an object without reset\(\)/],
    ["an error", thrown(undefined), /^training.optimizer.name: "mine" cannot be made: undefined was thrown/],
  ])("an optimizer's plugin that makes %s is refused", async (_, create, message) => {
    register({ optimizers: [{ name: "mine", create: create as never }] });
    await expect(simulate(parseConfig({ ...tiny, training: { optimizer: { name: "mine" } } }))).rejects.toThrow(
      message,
    );
    expect(() => createOptimizer("mine", {}, 2)).toThrow(/^optimizer.name: "mine"/);
  });

  it("a receiver can write into the network and into its answer afterwards, and nobody sees it", async () => {
    const arrays: Float64Array[] = [];
    const model = (K: number) => ({
      ...{ signal: new Float64Array(K).fill(3), noise: new Float64Array(K).fill(1) },
      ...{ selfInterference: new Float64Array(K), interference: new Float64Array(K * K) },
    });
    register({
      receivers: [
        { name: "sound", rateModel: ({ clients: K }) => model(K) },
        {
          name: "mine",
          rateModel(network, context) {
            for (const array of arrays) array.fill(Number.NaN);
            const own = model(network.clients);
            network.gain.fill(-1);
            network.serves.fill(0);
            Object.assign(network, { bandwidth: 0 });
            Object.assign(context.key, { round: -1 });
            arrays.push(...Object.values(own));
            return own;
          },
        },
      ],
    });
    const of = (combining: string) =>
      simulate({ ...tiny, network: { ...tiny.network, combining, mobility: { model: "straight" } } as never });
    expect((await of("mine")).rounds).toEqual((await of("sound")).rounds);
  });

  it.each<[string, () => unknown, RegExp]>([
    ["throws null", thrown(null), /^data.name: "mine" cannot be loaded: null was thrown/],
    ["fails later", () => Promise.reject("gone"), /^data.name: "mine" cannot be loaded: "gone" was thrown/],
    [
      "gives numbers that are none",
      () => {
        const part = { count: 4, inputs: Float32Array.of(0, 1, Number.NaN, 1), targets: new Int32Array(4) };
        return { task: "classification", inputShape: [1], outputs: 2, targetSize: 1, train: part, test: part };
      },
      /^data.name: what "mine" gives is no data set: train.inputs\[2\] is NaN/,
    ],
  ])("a data set that %s is refused", async (_, load, message) => {
    register({ datasets: [{ name: "mine", load: load as never }] });
    await expect(simulate(parseConfig({ ...tiny, data: { name: "mine" } }))).rejects.toThrow(message);
  });
});
