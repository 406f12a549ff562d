import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sealed } from "../../src/quantizers/coding/packet.js";
import { freshContext, PacketError, quantizer } from "../../src/quantizers/index.js";
import type { Settings } from "../../src/quantizers/settings.js";

/**
 * Three rounds of one client by the formulas of the variant `authors-code`, computed in NumPy with rational numbers for
 * the levels (so that ties are ties): y = w + v − h in float32, R = ‖y‖_∞, q = 2R/(2^b − 1) · round_half_even, h ← h + q.
 */
interface Golden {
  models: number[][];
  updates: number[][];
  cases: {
    quantizer: string;
    settings: Settings;
    rounds: { nominalBits: number; levels: number[]; decoded: number[] }[];
  }[];
}

const golden: Golden = JSON.parse(
  readFileSync(new URL("../reference/data/innovation-authors-code.json", import.meta.url), "utf8"),
);

describe.each(golden.cases)("$quantizer $settings, in the authors' form", ({ quantizer: name, settings, rounds }) => {
  it("sends what the formulas say, round after round", () => {
    const method = quantizer(name, { ...settings, variant: "authors-code" });
    const client = new Map();
    const server = new Map();
    rounds.forEach(({ nominalBits, decoded }, round) => {
      const model = Float32Array.from(golden.models[round]!);
      const context = { ...freshContext(), round, model };
      const packet = method.encode(Float32Array.from(golden.updates[round]!), { ...context, memory: client })!;
      expect(packet.nominalBits).toBe(nominalBits);
      const q = new Float32Array(decoded.length);
      quantizer(name).decode(packet.bytes, q, { ...context, memory: server });
      expect(q).toEqual(Float32Array.from(decoded));
    });
  });
});

it("±R lies on a tie: 2^b + 1 levels, and one bit sends zeros only", () => {
  const levels = golden.cases.map(({ settings, rounds }) => [settings.bits, rounds[0]!.levels] as const);
  for (const [bits, all] of levels) {
    const most = all.reduce((max, m) => Math.max(max, Math.abs(m)), 0);
    if (bits !== undefined) expect(most).toBe(bits === 1 ? 0 : 2 ** ((bits as number) - 1));
  }
  // A division in float64 by the rounded step loses this tie for one R in ten: here none may be lost.
  for (let i = 0; i < 1000; i++) {
    const range = Math.fround(0.1 + i / 311);
    const bits = 1 + (i % 12);
    const method = quantizer("laq", { variant: "authors-code", bits });
    const q = new Float32Array(5);
    method.decode(method.encode(Float32Array.of(range, -range, 0, 0, range), freshContext())!.bytes, q, freshContext());
    const end = bits === 1 ? 0 : 2 ** (bits - 1) * ((2 * range) / (2 ** bits - 1));
    expect(q).toEqual(Float32Array.of(end, -end, 0, 0, end).map((x) => x + 0));
  }
});

it("packets of before, on the grid without zero, are read as they were meant; of other variants none are", () => {
  // LAQ of two bits on the weights, R = 3: the points −3, −1, 1, 3 are the fields −2, −1, 0, 1 of two bits
  const header = [0xcf, 1, 4, 4];
  const body = [2, 0, 0, 0x40, 0x40, 0, 3, 2, 0b11100100];
  const packet = (variant: number) => sealed(Uint8Array.of(...header, variant, ...body, 0, 0, 0, 0));
  const decode = (variant: number) => {
    const q = new Float32Array(4);
    quantizer("laq").decode(packet(variant), q, freshContext());
    return q;
  };
  expect(decode(0)).toEqual(Float32Array.of(-3, -1, 1, 3));
  expect(decode(1)).toEqual(Float32Array.of(-3, -1, 1, 3));
  expect(decode(2)).toEqual(Float32Array.of(-4, -2, 0, 2)); // steps of 2: the fields are whole steps there
  for (const variant of [3, 4, 128, 255]) expect(() => decode(variant)).toThrow(PacketError);
});
