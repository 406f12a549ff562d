import { describe, expect, it } from "vitest";
import { stream } from "../../bindings/random.js";
import type { EncodeContext } from "../../src/config/records.js";
import { carriedError } from "../../src/quantizers/errorFeedback.js";
import { freshContext, quantizer } from "../../src/quantizers/index.js";

function normals(n: number, seed: number, scale = 1): Float32Array {
  const out = new Float32Array(n);
  stream(seed, "test").fillNormal(out, scale);
  return out;
}

const squares = (x: Float32Array) => x.reduce((sum, v) => sum + v * v, 0);

describe("LAQ", () => {
  /** One client over rounds of nearly the same update; the model moves by `change` a round. */
  function rounds(change: number, count: number, settings = {}) {
    const laq = quantizer("laq", settings);
    const client: EncodeContext = { ...freshContext(), memory: new Map() };
    const server = { ...freshContext(), memory: new Map() };
    const truth = normals(500, 1);
    const skipped: boolean[] = [];
    const errors: number[] = [];
    for (let round = 0; round < count; round++) {
      const context = { ...client, round, modelChanges: new Array<number>(round).fill(change) };
      const packet = laq.encode(truth, context);
      const used = new Float32Array(500);
      if (packet === null) laq.absent!(used, server);
      else laq.decode(packet.bytes, used, server);
      skipped.push(packet === null);
      errors.push(squares(used.map((q, i) => q - truth[i]!)));
    }
    return { skipped, errors };
  }

  it("sends the innovation only: the server's copy closes in on what stays the same", () => {
    // Of 2^4 points the worst error of an entry is R/15 of the innovation before, so ‖·‖_∞ falls 15-fold a round.
    const { skipped, errors } = rounds(0, 5, { patience: 0 });
    expect(skipped).toEqual([false, false, false, false, false]);
    for (let i = 1; i < 5; i++) expect(errors[i]!).toBeLessThan(errors[i - 1]! / 30);
  });

  it("skips what changes little beside the model's own changes, and the server uses what it had", () => {
    const { skipped, errors } = rounds(1e6, 4);
    expect(skipped).toEqual([false, true, true, true]);
    expect(errors[3]).toBe(errors[0]);
  });

  it("does not skip longer than its patience", () => {
    expect(rounds(1e6, 7, { patience: 2 }).skipped).toEqual([false, true, true, false, true, true, false]);
  });

  it("the authors' variant quantizes the weights and never skips", () => {
    const laq = quantizer("laq", { variant: "authors-code", bits: 8 });
    expect(laq.needsModel).toBe(true);
    const model = normals(300, 2);
    const update = normals(300, 3, 0.01);
    const context = { ...freshContext(), model, modelChanges: [1e9], memory: new Map() };
    const weights = model.map((w, i) => w + update[i]!);
    const range = weights.reduce((max, w) => Math.max(max, Math.abs(w)), 0);
    const packet = laq.encode(update, context)!;
    const q = new Float32Array(300);
    laq.decode(packet.bytes, q, context);
    q.forEach((one, i) => {
      expect(Math.abs(one + model[i]! - weights[i]!)).toBeLessThanOrEqual((range / 255) * (1 + 1e-4));
    });
    expect(laq.encode(update, context)).not.toBeNull();
  });
});

it("AQUILA takes its bits from the innovation's shape, and skips by its own rule", () => {
  const aquila = quantizer("aquila", { beta: 1 });
  const v = new Float32Array(1000).fill(0.5);
  const flat = aquila.encode(v, freshContext())!;
  expect(flat.nominalBits).toBe(32 + 1000); // R√d/‖y‖ = 1: one bit
  const spiked = v.slice();
  spiked[3] = 40; // R√d/‖y‖ = 40·31.6/43.0 = 29.4: ⌊log2 30.4⌋ = 4
  expect(aquila.encode(spiked, freshContext())!.nominalBits).toBe(32 + 4000);
  // Again and a little more: y = 1.05 v − q, so ‖Δq‖² + ‖ε‖² is at most a few times ‖y‖²
  const skipped = (change: number) => {
    const context = { ...freshContext(), memory: new Map(), modelChanges: [change] };
    aquila.encode(spiked, { ...context, modelChanges: [] });
    return (
      aquila.encode(
        spiked.map((x) => 1.05 * x),
        context,
      ) === null
    );
  };
  expect(skipped(1e-9)).toBe(false);
  expect(skipped(1e6)).toBe(true);
});

describe("error feedback", () => {
  it.each(["emq", "top-q", "sign", "terngrad", "drive"])("%s: sent + carried is all there was", (name) => {
    const method = quantizer(name, { errorFeedback: true, ...(name === "top-q" ? { fraction: 0.1 } : {}) });
    const memory = new Map();
    const total = new Float64Array(400);
    const sent = new Float64Array(400);
    for (let round = 0; round < 10; round++) {
      const update = normals(400, round);
      const context = { ...freshContext(), round, memory };
      const q = new Float32Array(400);
      method.decode(method.encode(update, context)!.bytes, q, freshContext());
      q.forEach((one, i) => {
        total[i]! += update[i]!;
        sent[i]! += one;
      });
    }
    const carried = carriedError(name, { memory })!;
    // Float32 sums over ten rounds, of magnitudes up to a few hundred for the sparse and ternary ones
    carried.forEach((one, i) => {
      expect(Math.abs(sent[i]! + one - total[i]!)).toBeLessThan(20 * 2 ** -24 * 300);
    });
  });

  it("makes top-q send every entry in the end", () => {
    const method = quantizer("top-q", { fraction: 0.1, errorFeedback: true });
    const memory = new Map();
    const v = Float32Array.from({ length: 50 }, (_, i) => 1 + i / 50);
    const seen = new Set<number>();
    for (let round = 0; round < 40; round++) {
      const q = new Float32Array(50);
      method.decode(method.encode(v, { ...freshContext(), memory })!.bytes, q, freshContext());
      q.forEach((one, i) => {
        if (one !== 0) seen.add(i);
      });
    }
    expect(seen.size).toBe(50);
  });
});

describe("a schedule over the rounds", () => {
  const at = (first: number, last: number): EncodeContext => ({ ...freshContext(), loss: { first, last } });
  const v = normals(2000, 9);
  it("bits follow the loss: s_0 √(F_0/F_t)", () => {
    const method = quantizer("qsgd", { levels: 8, schedule: "loss" });
    const bits = (context: EncodeContext) => method.encode(v, context)!.nominalBits - 32 * 4;
    expect(bits(at(Number.NaN, Number.NaN))).toBe(2000 * 5); // s = 8: 1 + ⌈log2 9⌉
    expect(bits(at(2, 2))).toBe(2000 * 5);
    expect(bits(at(2, 0.125))).toBe(2000 * 7); // s = 32
    expect(bits(at(2, 8))).toBe(2000 * 4); // s = 4
  });

  it("of a grid, of digits and of a free step", () => {
    const uniform = quantizer("uniform", { bits: 4, schedule: "loss" });
    expect(uniform.encode(v, at(4, 1))!.nominalBits).toBe(32 + 2000 * 5); // 15 · 2 steps: 5 bits
    const error = (name: string, settings: Record<string, string>, context: EncodeContext) => {
      const method = quantizer(name, { ...settings, schedule: "loss" });
      const q = new Float32Array(2000);
      method.decode(method.encode(v, context)!.bytes, q, freshContext());
      return squares(q.map((one, i) => one - v[i]!));
    };
    expect(error("emq", {}, at(100, 1)) / error("emq", {}, at(1, 1))).toBeCloseTo(0.01, 2);
    const free = { step: "fractional" };
    // Halving a uniform step quarters the error where the step is small beside the spread; here it is not quite.
    expect(error("emq", free, at(16, 1))).toBeLessThan(error("emq", free, at(1, 1)) / 9);
  });
});

describe("mixed resolution", () => {
  it("is the formula of its paper", () => {
    const v = normals(1000, 4);
    for (const [bits, lambda] of [
      [10, 0.2],
      [4, 0.4],
      [2, 0.1],
    ] as const) {
      const largest = v.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
      const step = largest / (2 ** bits - 1);
      const high = v.map((x) => (Math.abs(x) >= lambda * largest ? 1 : 0));
      const levels = Array.from(v, (x, i) => (high[i] ? Math.sign(x) * step * Math.round(Math.abs(x) / step) : 0));
      const m = Math.min(...levels.filter((q) => q !== 0).map(Math.abs));
      const expected = Float32Array.from(v, (x, i) => (high[i] ? levels[i]! : Math.sign(x) * Math.fround(m / 2)) + 0);
      const method = quantizer("mixed-resolution", { bits, lambda });
      const packet = method.encode(v, freshContext())!;
      expect(packet.nominalBits).toBe(1000 + bits * high.reduce((a, b) => a + b, 0) + 32);
      const q = new Float32Array(1000);
      method.decode(packet.bytes, q, freshContext());
      q.forEach((one, i) => {
        expect(Math.abs(one - expected[i]!)).toBeLessThanOrEqual(2 ** -23 * Math.abs(one));
      });
    }
  });

  it("takes λ from the channel: the best client sends nearly all in high resolution", () => {
    const method = quantizer("mixed-resolution", { channelAware: true });
    expect(method.channelAware).toBe(true);
    const v = normals(1000, 4);
    const high = (client: number) => {
      const context = { ...freshContext(), client, spectralEfficiency: new Float64Array([1, 2, 4]) };
      return (method.encode(v, context)!.nominalBits - 1032) / 10;
    };
    // Weights 0.75, 0.5, 0 (+1e-5): λ = 0.6, 0.4, 8e-6
    const share = (lambda: number) => {
      const largest = v.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
      return v.filter((x) => Math.abs(x) >= lambda * largest).length;
    };
    expect([high(0), high(1), high(2)]).toEqual([
      share(0.75001 / 1.25003),
      share(0.50001 / 1.25003),
      share(1e-5 / 1.25003),
    ]);
  });
});

it("EMQ by tensors and blocks: each part by its own exponent, whoever decodes", () => {
  const v = normals(1000, 6).map((x, i) => (i < 300 ? x : x * 1e-4));
  const tensors = [
    { name: "a", shape: [300], offset: 0, length: 300 },
    { name: "b", shape: [700], offset: 300, length: 700 },
  ];
  const whole = quantizer("emq", { digits: 1 });
  const parts = quantizer("emq", { digits: 1, scope: "tensor" });
  const q = new Float32Array(1000);
  parts.decode(parts.encode(v, { ...freshContext(), tensors })!.bytes, q, freshContext());
  const expected = [v.slice(0, 300), v.slice(300)].flatMap((part) => {
    const out = new Float32Array(part.length);
    whole.decode(whole.encode(part, freshContext())!.bytes, out, freshContext());
    return [...out];
  });
  expect([...q]).toEqual(expected);
  expect(() => parts.encode(v, { ...freshContext(), tensors: tensors.slice(1) })).toThrow(/tensors have 700 entries/);
});

it("a fractional step follows the scale of the input, a decade does not", () => {
  const v = normals(5000, 8);
  const nmse = (settings: Record<string, string>, scale: number) => {
    const method = quantizer("emq", settings);
    const scaled = v.map((x) => x * scale);
    const q = new Float32Array(5000);
    method.decode(method.encode(scaled, freshContext())!.bytes, q, freshContext());
    return squares(q.map((one, i) => one - scaled[i]!)) / squares(scaled);
  };
  const scales = [1, 2, 4, 1024];
  const fractional = scales.map((scale) => nmse({ step: "fractional" }, scale));
  for (const one of fractional) expect(one).toBeCloseTo(fractional[0]!, 12); // powers of two: the same but for the exponent
  expect(nmse({ step: "fractional" }, 3.3)).toBeCloseTo(fractional[0]!, 4);
  const decades = scales.map((scale) => nmse({}, scale));
  expect(Math.max(...decades) / Math.min(...decades)).toBeGreaterThan(3);
});
