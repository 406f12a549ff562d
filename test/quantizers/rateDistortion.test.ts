import { describe, expect, it } from "vitest";
import { releaseRegions } from "../../bindings/quantize.js";
import { stream } from "../../bindings/random.js";
import type { EncodeContext, TensorSlice } from "../../src/config/records.js";
import { PacketError, packetReader, sealed } from "../../src/quantizers/coding/packet.js";
import { decodePacket, freshContext, quantizer } from "../../src/quantizers/index.js";
import { gaussianProbe, laplaceProbe, shuffled } from "../../src/quantizers/proof/probes.js";
import type { Settings } from "../../src/quantizers/settings.js";

const name = "rate-distortion";

function normals(n: number, seed: number, scale = 1): Float32Array {
  const out = new Float32Array(n);
  stream(seed, "test").fillNormal(out, scale);
  return out;
}

const squares = (x: ArrayLike<number>) => Array.from(x).reduce((sum, v) => sum + v * v, 0);
const distance = (a: Float32Array, b: Float32Array) => squares(a.map((x, i) => x - b[i]!));

/** A dense layer of `units` behind an image: smooth over the pixels, and something of its own in each entry. */
function behindImage(side: number, channels: number, units: number, seed: number, own = 0.2) {
  const shape = [side * side * channels, units];
  const v = normals(side * side * channels * units, seed, own);
  const waves = normals(4 * channels * units, seed + 1);
  let i = 0;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      for (let c = 0; c < channels * units; c++) {
        const [a, b, slope, level] = waves.subarray(4 * c, 4 * c + 4) as unknown as [number, number, number, number];
        v[i++]! += level + (slope * (x + a * y)) / side + (b * (x - y)) / side;
      }
    }
  }
  const tensors: TensorSlice[] = [{ name: "dense", shape, offset: 0, length: v.length }];
  return { v, tensors };
}

/** A client and its server over rounds. */
function pair(settings: Settings, tensors: readonly TensorSlice[] = []) {
  const method = quantizer(name, settings);
  const client = { ...freshContext(1, tensors), client: 4, memory: new Map() };
  const server = { ...freshContext(1, tensors), client: 4, memory: new Map() };
  let round = 0;
  return {
    client,
    server,
    send(v: Float32Array) {
      const at = { ...client, round: ++round } satisfies EncodeContext;
      const { bytes, nominalBits } = method.encode(v, at)!;
      const q = new Float32Array(v.length);
      method.decode(bytes, q, { ...server, round });
      return { bytes, nominalBits, q };
    },
  };
}

describe("the target", () => {
  it.each([0.05, 0.1, 0.5, 2, 8])("%d bits an entry: the packet has as many, or nearly", (bits) => {
    const heavy = normals(40_000, 3).map((x) => x * x * x);
    const { bytes, nominalBits } = pair({ bits }).send(heavy);
    expect(nominalBits).toBe(8 * bytes.length);
    expect(nominalBits).toBeLessThanOrEqual(bits * heavy.length);
    // The code fills 96.5 % of what its header leaves, or a dozen tries were too few to come nearer.
    expect(nominalBits).toBeGreaterThan(0.9 * bits * heavy.length);
  });

  it("is not reached by what has nothing more to tell", () => {
    const { bytes, q } = pair({ bits: 4 }).send(new Float32Array(5000));
    expect(bytes.length).toBeLessThan(40);
    expect(squares(q)).toBe(0);
  });

  it("more bits, less error", () => {
    const { v, tensors } = behindImage(8, 3, 24, 5);
    const errors = [0.1, 0.3, 1, 3, 6].map((bits) => distance(pair({ bits }, tensors).send(v).q, v));
    for (let i = 1; i < errors.length; i++) expect(errors[i]!).toBeLessThan(errors[i - 1]!);
  });

  it.each([
    [
      { bits: 0.001 },
      50_000,
      /^quantizer\.bits: 0\.001 of each of 50000 entries are 6 bytes, .*allowed: from 0\.005\)/,
    ],
    [{ bits: 0.05 }, 2048, /^quantizer\.bits: 0\.05 of each of 2048 entries/],
    [{ bits: 0 }, 10, /^quantizer\.bits: 0 is not a number above 0 to 16/],
    [{ bits: 17 }, 10, /^quantizer\.bits: 17/],
    [{ lambda: -1 }, 10, /^quantizer\.lambda: -1/],
    [{ rounding: "up" }, 10, /^quantizer\.rounding/],
    [{ errorFeedback: true }, 10, /^quantizer\.errorFeedback: true .* quantizer\.feedback 1 \(allowed together: 0\)/],
  ])("%j with %d entries is refused", (settings, n, message) => {
    expect(() => pair(settings).send(normals(n, 1))).toThrow(message);
  });

  it("names a target that is enough", () => {
    const v = normals(50_000, 1);
    const { message } = caught(() => pair({ bits: 0.001 }).send(v)) as Error;
    const least = Number(/from ([\d.]+)\)/.exec(message)![1]);
    expect(pair({ bits: least }).send(v).bytes.length).toBeLessThanOrEqual((least * v.length) / 8);
    expect(() => pair({ bits: least - 0.0002 }).send(v)).toThrow(/quantizer\.bits/);
  });

  it("names a target that is enough for the rounds that follow, too", () => {
    const v = normals(50_000, 1);
    const { message } = caught(() => pair({ bits: 0.001 }).send(v)) as Error;
    const least = Number(/where rounds follow it takes from ([\d.]+) /.exec(message)![1]);
    const enough = pair({ bits: least });
    for (let round = 1; round <= 3; round++) enough.send(v);
    const short = pair({ bits: least - 0.0002 });
    short.send(v);
    expect(() => short.send(v)).toThrow(/quantizer\.bits/);
    const alone = caught(() => pair({ bits: 0.001, prediction: false }).send(v)) as Error;
    expect(alone.message).toMatch(/around the code \(allowed: from [\d.]+\)$/);
  });
});

/**
 * The least error of uniform steps with a dead zone and means as levels whose entropy is R, on the values of each probe:
 * SciPy's, over all steps and 36 dead zones; 4.58 dB at one bit on the Gaussian, as in the literature. In a random order no
 * code of those symbols is shorter, but for the O(log n) bits by which n draws without replacement are better known than
 * independent ones. Above: the code fills 96.5 % of the target; less 0.05 bit an entry for 30 bytes around it, for the 289 models
 * that may be met without h (half a log₂ n each to learn them: 0.035 bit), and for models that forget, over 250 decisions and
 * more (1/(2 · 250 · ln 2) bit a decision).
 */
it.each([
  ["Gaussian", gaussianProbe, 0.1, 0.908467, 0.955395],
  ["Gaussian", gaussianProbe, 0.5, 0.617306, 0.661095],
  ["Gaussian", gaussianProbe, 1, 0.348347, 0.387353],
  ["Gaussian", gaussianProbe, 2, 0.0889378, 0.105034],
  ["Gaussian", gaussianProbe, 3, 0.0222385, 0.0275694],
  ["Laplace", laplaceProbe, 0.1, 0.830846, 0.907126],
  ["Laplace", laplaceProbe, 0.5, 0.486041, 0.52916],
  ["Laplace", laplaceProbe, 1, 0.261815, 0.290816],
  ["Laplace", laplaceProbe, 2, 0.0729368, 0.0854012],
  ["Laplace", laplaceProbe, 3, 0.0189698, 0.02344],
] as const)(
  "on the %s probe in a random order it is an entropy-coded quantizer, and no better",
  (_name, probe, bits, least, most) => {
    const v = shuffled(probe());
    const { bytes, q } = pair({ bits }).send(v);
    expect(8 * bytes.length).toBeLessThanOrEqual(bits * v.length);
    const nmse = distance(q, v) / squares(v);
    // 0.002 bit: D(R) falls by a factor of 4 a bit at most.
    expect(nmse).toBeGreaterThan(least * 4 ** -0.002);
    expect(nmse).toBeLessThan(most);
  },
);

describe("what it knows", () => {
  it("a transform gathers what is alike", () => {
    const { v, tensors } = behindImage(12, 4, 32, 7);
    const [with_, without] = [true, false].map((transform) => pair({ transform }, tensors).send(v).q);
    expect(distance(with_!, v)).toBeLessThan(distance(without!, v) / 2);
  });

  it("what was sent last foretells what is sent next", () => {
    const { v, tensors } = behindImage(8, 3, 32, 9);
    const other = behindImage(8, 3, 32, 10).v.map((x, i) => v[i]! + 0.2 * x);
    const second = (prediction: boolean) => {
      const { send } = pair({ prediction, feedback: 0 }, tensors);
      send(v);
      return distance(send(other).q, other);
    };
    expect(second(true)).toBeLessThan(0.7 * second(false));
  });

  it("feedback: what was sent and what is carried is all there was", () => {
    const { send, client } = pair({ transform: false });
    const total = new Float64Array(4000);
    const all = new Float64Array(4000);
    for (let round = 0; round < 8; round++) {
      const v = normals(4000, 20 + round);
      const { q } = send(v);
      q.forEach((one, i) => {
        all[i]! += v[i]!;
        total[i]! += one;
      });
    }
    const lost = client.memory.get("rate-distortion.lost") as Float32Array;
    // A float32 rounding of each sum and difference, of magnitudes below 64
    const off = lost.map((e, i) => Math.abs(total[i]! + e - all[i]!));
    expect(off.reduce((most, one) => Math.max(most, one), 0)).toBeLessThan(8 * 3 * 2 ** -24 * 64);
  });

  it("without feedback and prediction it remembers nothing", () => {
    const { send, client } = pair({ prediction: false, feedback: 0 });
    const v = normals(4000, 1);
    expect(send(v).bytes).toEqual(send(v).bytes);
    expect([...client.memory.keys()]).toEqual([]);
  });

  it("a model of another size than the one remembered begins anew", () => {
    const method = quantizer(name, { bits: 0.5 });
    const memory = new Map();
    const small = behindImage(8, 2, 16, 1);
    const large = behindImage(70, 1, 2, 1);
    method.encode(small.v, { ...freshContext(1, small.tensors), memory });
    const { bytes } = method.encode(large.v, { ...freshContext(1, large.tensors), memory })!;
    const alone = method.encode(large.v, freshContext(1, large.tensors))!;
    const [after, fresh] = [bytes, alone.bytes].map((one) => distance(decodePacket(one), large.v));
    expect(after! / fresh!).toBeCloseTo(1, 1);
  });
});

describe("the decoder", () => {
  function predicted() {
    const { v, tensors } = behindImage(8, 3, 16, 11);
    const both = pair({ bits: 0.5 }, tensors);
    both.send(v);
    const server = new Map(both.server.memory);
    const { bytes } = both.send(v.map((x) => 1.1 * x));
    return { bytes, server, length: v.length };
  }

  it("of a client that it knows nothing of, or something else, says of which", () => {
    const { bytes, server, length } = predicted();
    const decode = (memory: Map<string, Float32Array | number>) => () =>
      quantizer(name).decode(bytes, new Float32Array(length), { ...freshContext(), client: 4, round: 2, memory });
    expect(decode(new Map())).toThrow(/predicted from an update of client 4 before round 2, and none is kept here/);
    const short = new Map([["rate-distortion.server", new Float32Array(length - 1)]]);
    expect(decode(short)).toThrow(/client 4 before round 2, and none is kept/);
    const kept = (server.get("rate-distortion.server") as Float32Array).slice();
    kept[5]! += 1e-6;
    expect(decode(new Map([["rate-distortion.server", kept]]))).toThrow(/client 4 before round 2 that is not the one/);
    expect(decode(new Map(server))).not.toThrow();
  });

  it("leaves its memory as it was where a packet is refused", () => {
    const { bytes, server, length } = predicted();
    const damaged = sealed(bytes.map((byte, i) => (i === bytes.length - 8 ? byte ^ 0x41 : byte)));
    const before = (server.get("rate-distortion.server") as Float32Array).slice();
    let refused = 0;
    for (const one of [damaged, bytes.subarray(0, -1), sealed(Uint8Array.of(...bytes, 0))]) {
      const memory = new Map(server);
      const context = { ...freshContext(), memory };
      if (caught(() => quantizer(name).decode(one, new Float32Array(length), context)) === undefined) continue;
      refused++;
      expect(memory.get("rate-distortion.server")).toEqual(before);
    }
    expect(refused).toBeGreaterThan(1);
  });

  it("accepts one way only to end a code", () => {
    const v = normals(3000, 2);
    const { bytes } = pair({ bits: 0.5 }).send(v);
    const end = bytes.length - 4;
    const symbols = decodePacket(bytes);
    const ending = (...last: number[]) => sealed(Uint8Array.of(...bytes.subarray(0, end - 1), ...last, 0, 0, 0, 0));
    for (let byte = 0; byte < 256; byte++) {
      for (const packet of [ending(bytes[end - 1]!, byte), ending(byte)]) {
        const error = caught(() => {
          // Other bytes may end another list of symbols, as an encoder would; the same list they cannot.
          const decoded = decodePacket(packet);
          if (packet.length !== bytes.length || byte !== bytes[end - 1]) expect(decoded).not.toEqual(symbols);
        });
        if (error !== undefined) expect(error).toBeInstanceOf(PacketError);
      }
    }
    expect(() => decodePacket(ending(bytes[end - 1]!, 0))).toThrow(PacketError);
  });

  it("reads nothing but packets from packets that are damaged anywhere, and no blocks of others", () => {
    const { v, tensors } = behindImage(4, 2, 8, 3);
    const { bytes } = quantizer(name, { bits: 2 }).encode(v, freshContext(1, tensors))!;
    const random = stream(1, "test");
    for (let at = 3; at < bytes.length - 4; at++) {
      for (let k = 0; k < 4; k++) {
        const damaged = sealed(bytes.map((byte, i) => (i === at ? byte ^ (1 + random.integer(255)) : byte)));
        const error = caught(() => {
          const first = decodePacket(damaged, 1e5);
          expect(first.every(Number.isFinite)).toBe(true);
          releaseRegions();
          expect(decodePacket(damaged, 1e5)).toEqual(first);
        });
        if (error !== undefined) expect(error).toBeInstanceOf(PacketError);
      }
    }
  });

  it("refuses tensors that are none", () => {
    const v = normals(300, 2);
    const { bytes } = quantizer(name, { bits: 2, transform: false }).encode(v, freshContext())!;
    // 0xCF, version, format, 300 in two bytes, form, one tensor of one axis of 300, no transform
    expect([...bytes.subarray(3, 11)]).toEqual([0xac, 2, 0, 1, 1, 0xac, 2, 0]);
    const edited = (at: number, ...values: number[]) => {
      const copy = bytes.slice();
      copy.set(values, at);
      return sealed(copy);
    };
    expect(() => decodePacket(edited(5, 2))).toThrow(/byte 5: form 2/);
    expect(() => decodePacket(edited(6, 0))).toThrow(/byte 6: 0 tensors of 0 entries in a packet of 300/);
    expect(() => decodePacket(edited(7, 9))).toThrow(/byte 7: a tensor of 9 axes/);
    expect(() => decodePacket(edited(8, 0xab))).toThrow(/byte 6: 1 tensors of 299 entries in a packet of 300/);
    expect(() => decodePacket(edited(8, 0xad))).toThrow(/the size of an axis is 301, more than 300/);
    expect(() => decodePacket(edited(10, 1))).toThrow(/byte 10: axis 0 of a tensor is transformed/);
    expect(packetReader(bytes).entries).toBe(300);
  });
});

it("stochastic rounding without feedback has the update as its mean", () => {
  const method = quantizer(name, { bits: 0.5, rounding: "stochastic", feedback: 0 });
  expect(method.unbiased).toBe(true);
  const { v, tensors } = behindImage(6, 2, 40, 13);
  const seeds = 400;
  const directions = [v, v.map(Math.sign), normals(v.length, 1), v.map((_, i) => (i < 480 ? 1 : 0))];
  const off = directions.map(() => [] as number[]);
  const q = new Float32Array(v.length);
  for (let seed = 1; seed <= seeds; seed++) {
    const context = freshContext(seed, tensors);
    method.decode(method.encode(v, context)!.bytes, q, context);
    directions.forEach((a, j) => {
      off[j]!.push(a.reduce((sum, one, i) => sum + one * (q[i]! - v[i]!), 0));
    });
  }
  for (const values of off) {
    const mean = values.reduce((sum, x) => sum + x, 0) / seeds;
    const error = Math.sqrt(squares(values.map((x) => x - mean)) / (seeds - 1) / seeds);
    expect(Math.abs(mean)).toBeLessThan(5 * error);
  }
});

function caught(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
