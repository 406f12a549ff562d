import { describe, expect, it } from "vitest";
import type { Quantizer } from "../../src/config/records.js";
import {
  checkQuantizer,
  decodePacket,
  freshContext,
  PacketError,
  quantizer,
  quantizerNames,
} from "../../src/quantizers/index.js";
import { fuzzPackets } from "../../src/quantizers/proof/fuzz.js";

const variants = [
  ...quantizerNames.map((name) => [name, {}] as const),
  ["emq", { rounding: "stochastic" }],
  ["emq", { scope: "block", block: 5, base: 2, digits: 3, coder: "elias" }],
  ["emq", { step: "fractional", coder: "rice" }],
  ["emq", { threshold: 0.3, coder: "range" }],
  ["emq", { errorFeedback: true }],
  ["laq", { variant: "authors-code" }],
  ["aquila", { variant: "authors-code" }],
  ["uniform", { kind: "mid-tread", bits: 3, rounding: "stochastic", coder: "elias" }],
  ["uniform", { bits: 16, coder: "range" }],
  ["top-q", { bits: 4, fraction: 0.3, coder: "rice" }],
  ["top-q", { bits: 16, fraction: 1, coder: "range" }],
  ["qsgd", { levels: 100_000, bucket: 7, coder: "elias" }],
  ["qsgd", { norm: "max", bucket: 0 }],
  ["eden", { bits: 8 }],
  ["eden", { bits: 0.1, coder: "fixed" }],
  ["eden", { bits: 3.3, scale: "mse" }],
  ["turboquant", { bits: 5, coder: "rice" }],
  ["nf4", { block: 7, coder: "range" }],
  ["nuqsgd", { levels: 12, bucket: 7, coder: "elias" }],
  ["rand-k", { fraction: 0.3 }],
  ["rand-k", { fraction: 1, scale: "contraction" }],
  ["fedbif", { bits: 9, rounding: "stochastic", errorFeedback: true }],
  ["thc", { bits: 3, coder: "range" }],
  ["powersgd", { rank: 5, errorFeedback: false }],
  ["quic-fl", { bits: 1, coder: "fixed" }],
  ["quic-fl", { bits: 4, coder: "rice" }],
  ["top-k", { fraction: 0.3, values: "float32", coder: "context" }],
  ["top-k", { fraction: 0.2, errorFeedback: false, coder: "range" }],
  ["drive", { scale: "mse" }],
  ["mxfp8", { element: "e5m2", coder: "rice" }],
  ["rate-distortion", { bits: 8, rounding: "stochastic", feedback: 0 }],
  ["rate-distortion", { bits: 16, lambda: 0, transform: false }],
  ["rate-distortion", { feedback: 0, errorFeedback: true }],
  ["induced", { bits: 3 }],
  ["induced", { bits: 8, residual: 1 }],
  ["induced", { bits: 1, residual: 0.01 }],
] as const;

it.each(variants)("%s %j keeps the promises of a quantizer", (name, settings) => {
  const { checks } = checkQuantizer(quantizer(name, settings));
  expect(checks.filter((check) => !check.passed)).toEqual([]);
});

describe("the check finds", () => {
  const good = quantizer("identity");
  it.each<[string, Partial<Quantizer>]>([
    [
      "is deterministic",
      { encode: ((n) => (v: Float32Array) => ({ bytes: new Uint8Array([n++]), nominalBits: v.length }))(0) },
    ],
    ["counts nominal bits", { encode: (v, c) => ({ ...good.encode(v, c)!, nominalBits: Number.NaN }) }],
    ["decodes every entry to a finite number", { decode: () => {} }],
    ["refuses damaged bytes", { decode: (_, into) => into.fill(0) }],
    [
      "names what is not finite",
      {
        encode: (v) =>
          good.encode(
            v.map((x) => x || 0).map((x) => Math.max(-9, Math.min(9, x))),
            freshContext(),
          ),
      },
    ],
    [
      "leaves the update as it was",
      {
        encode(v, c) {
          const packet = good.encode(v, c);
          v.fill(1);
          return packet;
        },
      },
    ],
    ["is unbiased where it says so", { ...quantizer("sign"), unbiased: true }],
  ])("what breaks '%s'", (name, flaw) => {
    const { passed, checks } = checkQuantizer({ ...good, ...flaw });
    expect(passed).toBe(false);
    expect(checks.find((check) => check.name === name)!.passed).toBe(false);
  });

  it("what is not what the method defines", () => {
    const { checks } = checkQuantizer(good, { expected: (v) => v.map((x) => x + 1) });
    expect(checks.filter((check) => !check.passed).map((check) => check.name)).toEqual([
      "decodes to what the method defines",
    ]);
  });
});

describe("packets", () => {
  it("damaged in ten thousand ways are refused, or decode to finite numbers", () => {
    const { packets, refused, failures } = fuzzPackets(10_000, 2);
    expect(failures).toEqual([]);
    expect(packets).toBe(10_000);
    expect(refused).toBeGreaterThan(5_000);
  });

  it("every truncation and every flipped bit is refused", () => {
    const v = Float32Array.from({ length: 100 }, (_, i) => Math.sin(i) ** 3);
    for (const name of quantizerNames) {
      const { bytes } = quantizer(name).encode(v, freshContext())!;
      for (let n = 0; n < bytes.length; n += 1 + (n >> 4)) {
        expect(() => decodePacket(bytes.slice(0, n))).toThrow(PacketError);
        const flipped = bytes.slice();
        flipped[n]! ^= 1 << (n & 7);
        expect(() => decodePacket(flipped)).toThrow(PacketError);
      }
    }
  });

  it("say what and where", () => {
    const { bytes } = quantizer("emq").encode(new Float32Array(10).fill(1), freshContext())!;
    expect(() => decodePacket(bytes.slice(0, -3))).toThrow(/packet, byte \d+: the checksum is .* damaged or truncated/);
    expect(() => decodePacket(new Uint8Array(3))).toThrow(/3 bytes are too few/);
    expect(() => decodePacket(new Uint8Array(30))).toThrow(/byte 0: begins with 0x0/);
    expect(() => decodePacket(bytes, 9)).toThrow(/10 entries; at most 9 are accepted/);
    expect(() => quantizer("sign").decode(bytes, new Float32Array(10), freshContext())).toThrow(
      /format 2 is not that of sign/,
    );
  });
});

describe("bad input", () => {
  it.each([
    ["emqq", {}, /quantizer\.name: unknown quantizer "emqq"; did you mean "emq"\?/],
    ["emq", { digts: 1 }, /quantizer\.digts: .*did you mean "digits"\?/],
    ["emq", { digits: 1.5 }, /quantizer\.digits: 1\.5 is not a whole number from 0 to 6/],
    ["emq", { base: 3 }, /quantizer\.base: 3 is not 2 or 10/],
    ["emq", { scope: "tensors" }, /quantizer\.scope: .*did you mean "tensor"\?/],
    ["emq", { levels: 3 }, /quantizer\.levels: 3 needs quantizer\.step "fractional"/],
    ["emq", { errorFeedback: "yes" }, /quantizer\.errorFeedback: "yes" is not true or false/],
    ["uniform", { kind: "mid-tread", bits: 1 }, /quantizer\.bits: 1 leaves/],
    ["top-q", { fraction: 0 }, /quantizer\.fraction: 0 is not a number above 0 to 1/],
    ["top-q", { bits: 20 }, /quantizer\.bits: 20 is not/],
    ["identity", { schedule: "loss" }, /quantizer\.schedule: unknown setting/],
  ])("%s %j", (name, settings, message) => {
    expect(() => quantizer(name, settings as Record<string, string>)).toThrow(message);
  });

  it("channel-aware λ without a channel", () => {
    const v = new Float32Array(4).fill(1);
    expect(() => quantizer("mixed-resolution", { channelAware: true }).encode(v, freshContext())).toThrow(
      /needs a channel/,
    );
  });

  it("names round, client and index of a NaN", () => {
    const v = new Float32Array(4);
    v[2] = Number.NaN;
    expect(() => quantizer("emq").encode(v, { ...freshContext(), round: 3, client: 5 })).toThrow(
      /round 3, client 5: entry 2 of the update is NaN/,
    );
  });
});
