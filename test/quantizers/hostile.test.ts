import { describe, expect, it } from "vitest";
import { allocatedBytes } from "../../bindings/memory.js";
import { releaseRegions } from "../../bindings/quantize.js";
import { sealed } from "../../src/quantizers/coding/packet.js";
import { decodePacket, freshContext, PacketError, quantizer, quantizerNames } from "../../src/quantizers/index.js";
import type { Settings } from "../../src/quantizers/settings.js";

/** Packets that no encoder makes: a checksum that fits, and something else that does not. */
const packet = (...bytes: readonly number[]) => sealed(Uint8Array.from([...bytes, 0, 0, 0, 0]));

function refusal(bytes: Uint8Array, limit?: number): string {
  try {
    decodePacket(bytes, limit);
  } catch (error) {
    expect(error).toBeInstanceOf(PacketError);
    return (error as PacketError).message;
  }
  return "accepted";
}

describe("a table of frequencies that is coded in contexts itself", () => {
  // EMQ, 64 entries, exponent −3; a section in contexts (half 127, precision 9, three neighbors, thresholds, resolution)
  const head = [0xcf, 1, 2, 64, 0, 5];
  const outer = [4, 127, 9, 3, 1, 2, 2, 2, 3, 1, 1, 2, 2];
  const inner = [4, 127, 9, 3, 1, 2, 2, 2, 3, 2, 1, 2, 2];
  const zeros = [0, 0, 0];
  const states = [16, ...Array.from({ length: 4 }, () => [0, 0, 1, 0]).flat()];
  // Of the bounds of today (4096 frequencies), so that the table is reached: half 31, two neighbors, 504 frequencies
  const small = [4, 31, 7, 2, 1, 2, 2, 2, 1, 2, 2];
  const smallInner = [4, 31, 7, 2, 1, 2, 2, 2, 1, 2, 2];

  it("is refused, whatever was decoded before", () => {
    const first = packet(...head, ...outer, ...zeros, ...states);
    const second = packet(...head, ...outer, ...inner, ...zeros, ...states, ...states);
    releaseRegions();
    const fresh = refusal(second);
    refusal(first);
    expect(refusal(second)).toBe(fresh);
    expect(fresh).toMatch(/^packet, byte/);
    const nested = packet(...head, ...small, ...smallInner, ...zeros, ...states, ...states);
    expect(refusal(nested)).toMatch(/the frequencies of the mantissas are coded in contexts, as nothing codes them/);
  });

  it("at any depth, in the same words", () => {
    for (const depth of [1, 2, 40, 2000, 100_000]) {
      // Half 1, one neighbor with one level, and the precision that 64 entries, or the six frequencies, take
      const levels = Array.from({ length: depth }, (_, i) => [4, 1, i === 0 ? 5 : 3, 1, 1, 1, 1, 2, 2]).flat();
      const message = refusal(sealed(Uint8Array.from([head, levels, zeros, [0, 0, 0, 0]].flat())));
      expect(message).not.toBe("accepted");
      expect(message.length).toBeLessThan(200);
    }
  });
});

/** A packet of 12 entries of EMQ whose mantissas are the given section. */
const emq = (...section: readonly number[]) => packet(0xcf, 1, 2, 12, 0, 0, ...section);

describe("what no encoder writes is refused", () => {
  // 12 entries of two bits from −1 up: fields 0 1 2 0 …
  const fixed = [0, 1, 2, 0b00100100, 0b10010010, 0b01001001];
  it.each<[string, Uint8Array, RegExp | "accepted"]>([
    ["nothing: a section as it is", emq(...fixed), "accepted"],
    ["a wider field than the symbols take", emq(0, 1, 3, 0, 0x10, 0, 0, 0), /are not written from -1 up with 3 bits/],
    ["an offset that does not occur", emq(0, 3, 2, 0x55, 0x55, 0x55), /are not written from -2 up with 2 bits/],
    ["a varint of more bytes", packet(0xcf, 1, 2, 0x8c, 0, 0, 0, ...fixed), /entries is not written as short/],
    ["a zigzag of more bytes", emq(0, 0x81, 0, ...fixed.slice(2)), /smallest of the mantissas is not written as short/],
    ["bytes behind the last section", emq(...fixed, 0), /1 bytes are left over/],
    ["an unknown coder", emq(5), /coder 5 of the mantissas is not known/],
    ["an unknown form", packet(0xcf, 1, 2, 12, 12, 0, ...fixed), /form 12 of EMQ is not known/],
    ["an exponent beyond float32", packet(0xcf, 1, 2, 12, 0, 78, ...fixed), /exponent is 39, outside -51 … 38/],
    ["a prefix code of one symbol", emq(1, 0xff, 0x0f), /needs no prefix code/],
    ["bits behind a prefix code", packet(0xcf, 1, 2, 2, 0, 0, 1, 0b10101), /bits are set behind the code/],
    ["bits behind fields", packet(0xcf, 1, 2, 3, 0, 0, 0, 0, 1, 0b1010), /bits are set behind the code/],
    ["a long Rice code of a short one", packet(0xcf, 1, 2, 1, 0, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0), /breaks at entry 0/],
    ["an alphabet of one", emq(3, 0, 1, 0, 2), /an alphabet of 1/],
    ["a first symbol that does not occur", emq(3, 0, 3, 0, 4, 0, 0), /a zero frequency .* where there can be none/],
    ["two runs of zeros", emq(3, 0, 5, 0, 4, 8, 0, 0, 0, 0, 8), /a zero frequency .* where there can be none/],
    ["frequencies of another sum", emq(3, 0, 2, 0, 4, 8, 9), /sum to 17, not 16/],
    ["another precision", emq(3, 0, 2, 0, 5, 16, 16), /precision 5 of the mantissas; 4 is what they take/],
    ["raw bits beside a small alphabet", emq(3, 0, 2, 1, 4, 8, 8), /raw bits beside an alphabet of 2/],
    ["blocks of none", packet(0xcf, 1, 2, 0, 8, 0, 0, 0, 0, 0, 0, 0), /blocks of 0/],
    ["no tensors", packet(0xcf, 1, 2, 12, 4, 0, ...fixed), /no tensors/],
    ["a grid's point beyond its range", packet(0xcf, 1, 11, 1, 0, 1, 0, 0, 0x80, 0x3f, 0, 2, 0), /outside -1 … 0/],
    ["a range of −0", packet(0xcf, 1, 11, 1, 0, 1, 0, 0, 0, 0x80, 0, 0, 0), /range is −0/],
    ["a sign of 1 among two", packet(0xcf, 1, 9, 1, 0, 0, 0, 0x80, 0x3f, 0, 2, 0), /outside -1 … 0/],
    ["TernGrad of three levels", packet(0xcf, 1, 8, 1, 3, 1, 0, 0, 0x80, 0x3f, 0, 2, 0), /levels is 3, more than 1/],
    ["TernGrad in buckets", packet(0xcf, 1, 8, 2, 1, 1, 0, 0, 0x80, 0x3f, 0, 0, 0x80, 0x3f, 0, 2, 0), /whole vector/],
    ["top-q that keeps nothing", packet(0xcf, 1, 6, 9, 0, 32, 0, 0, 0), /one at least/],
    ["top-q of two widths", packet(0xcf, 1, 6, 9, 1, 4, 0, 0, 0, 5, 0, 0, 0x80, 0x3f, 0, 0, 0), /5 bits of the grid/],
  ])("%s", (_, bytes, message) => {
    if (message === "accepted") expect(refusal(bytes)).toBe(message);
    else expect(refusal(bytes)).toMatch(message);
  });
});

describe("decoding is bounded by what the caller expects", () => {
  it.each(quantizerNames)("%s: no room for entries that only a header claims", (name) => {
    const forms: Settings[] = name === "emq" ? [{}, { scope: "block", block: 1 }, { step: "fractional" }] : [{}];
    for (const settings of forms) {
      const { bytes } = quantizer(name, settings).encode(new Float32Array(3), freshContext(1))!;
      for (const claimed of [
        [0x80, 0x80, 0x80, 0x80, 1],
        [0xff, 0xff, 0xff, 0x7f],
        [0x81, 0x80, 0x80, 8],
      ]) {
        // Format and entries stand in front; three entries were a byte.
        const absurd = packet(...bytes.subarray(0, 3), ...claimed, ...bytes.subarray(4, -4));
        releaseRegions();
        const before = allocatedBytes();
        expect(refusal(absurd)).toMatch(/entries; at most 16777216 are accepted|more than 268435456/);
        expect(refusal(absurd, 1000)).toMatch(/entries; at most 1000 are accepted|more than 268435456/);
        expect(() => quantizer(name).decode(absurd, new Float32Array(3), freshContext(1))).toThrow(PacketError);
        expect(allocatedBytes() - before).toBeLessThan(1e5);
      }
    }
  });

  it("nor for tensors, blocks and buckets", () => {
    const count = [0xff, 0xff, 0xff, 0x7f];
    releaseRegions();
    const before = allocatedBytes();
    for (const bytes of [
      packet(0xcf, 1, 2, 12, 4, ...count, 0, 0, 0),
      packet(0xcf, 1, 2, 12, 8, ...count, 0x7f, 0, 0),
      packet(0xcf, 1, 7, 12, 4, ...count, 0x7f, 0, 0),
      packet(0xcf, 1, 6, 12, ...count, 32, 0, 0),
    ]) {
      expect(refusal(bytes)).toMatch(/^packet, byte/);
    }
    expect(allocatedBytes() - before).toBeLessThan(1e5);
  });

  it("one block of the size of the output is taken for most methods, and none is kept twice", () => {
    const entries = 2 ** 20;
    for (const name of ["emq", "laq", "sign", "qsgd", "fp16", "uniform", "mixed-resolution"]) {
      const { bytes } = quantizer(name).encode(new Float32Array(entries), freshContext(1))!;
      releaseRegions();
      const before = allocatedBytes();
      decodePacket(bytes);
      expect(allocatedBytes() - before).toBeLessThan(4 * entries * 1.1);
    }
  });

  it("and a limit is a number of entries", () => {
    const { bytes } = quantizer("emq").encode(new Float32Array(9), freshContext())!;
    expect(decodePacket(bytes, 9)).toEqual(new Float32Array(9));
    expect(refusal(bytes, 8)).toMatch(/9 entries; at most 8 are accepted, unless a higher limit is given/);
    for (const limit of [-1, 1.5, Number.NaN, 2 ** 29, "9" as unknown as number]) {
      expect(() => decodePacket(bytes, limit)).toThrow(/limit: must be a whole number of entries from 0 to 268435456/);
    }
  });
});

it("rotations of any seed can be undone from the packet alone", () => {
  const v = Float32Array.from({ length: 100 }, (_, i) => Math.sin(i));
  for (const seed of [0, 1, -1, 63, 64, -64, -65, 2 ** 52 + 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]) {
    const { bytes } = quantizer("eden", { bits: 8 }).encode(v, freshContext(seed))!;
    const q = decodePacket(bytes);
    q.forEach((x, i) => {
      expect(Math.abs(x - v[i]!)).toBeLessThan(0.1);
    });
  }
});

describe("the tensors that an encoder is told", () => {
  const v = Float32Array.from({ length: 40 * 60 }, (_, i) => Math.round(2 * Math.sin((i % 60) / 9)));
  const emqWith = (tensors: unknown) =>
    quantizer("emq").encode(v, { tensors } as unknown as ReturnType<typeof freshContext>)!.bytes;

  it("may be names and shapes alone, as a run's capture has them", () => {
    const slices = [
      { name: "a", shape: [39, 60], offset: 0, length: 39 * 60 },
      { name: "b", shape: [60], offset: 39 * 60, length: 60 },
    ];
    const shapes = slices.map(({ name, shape }) => ({ name, shape }));
    expect(emqWith(shapes)).toEqual(emqWith(slices));
    expect(quantizer("emq").encode(v, freshContext(0, slices))!.bytes).toEqual(emqWith(slices));
  });

  it("and are all that a context need have", () => {
    for (const name of [...quantizerNames, "error feedback"]) {
      const method = name === "error feedback" ? quantizer("emq", { errorFeedback: true }) : quantizer(name);
      const tensors = [{ name: "a", shape: [40, 60] }];
      const { bytes } = method.encode(v, { tensors } as unknown as ReturnType<typeof freshContext>)!;
      expect(bytes).toEqual(method.encode(v, freshContext(0, [{ ...tensors[0]!, offset: 0, length: 2400 }]))!.bytes);
    }
  });

  it.each<[string, unknown, RegExp]>([
    ["text", "a", /context\.tensors: must be a list of \{ "name": text, "shape"/],
    ["a record", { a: [40, 60] }, /context\.tensors: must be a list of/],
    ["shapes", [[40, 60]], /context\.tensors\[0\]\.name: must be text/],
    ["null", [null], /context\.tensors\[0\]: must be \{ "name"/],
    ["no shape", [{ name: "a" }], /context\.tensors\[0\]\.shape: must be a list of whole numbers above 0/],
    ["a size of 0", [{ name: "a", shape: [0] }], /context\.tensors\[0\]\.shape: .* not \[0\]/],
    ["other sizes", [{ name: "a", shape: [40, 61] }], /tensors have 2440 entries together, the update has 2400/],
    ["a gap", [{ name: "a", shape: [2400], offset: 4, length: 2400 }], /\[0\]\.offset: must be 0.* not 4/],
    ["another length", [{ name: "a", shape: [2400], offset: 0, length: 7 }], /\[0\]\.length: must be 2400.* not 7/],
  ])("are refused as %s", (_, tensors, message) => {
    expect(() => emqWith(tensors)).toThrow(message);
  });
});
