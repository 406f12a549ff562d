import { microscaleDecode, microscaleEncode, region, withRange } from "../../../bindings/quantize.js";
import { readSymbols, writeSymbols } from "../coding/coders.js";
import { PacketError } from "../coding/packet.js";
import { coderOf, type Golden, type Method } from "../method.js";
import { formats } from "./minifloat.js";

type Element = "e2m1" | "e4m3" | "e5m2";
const elements: readonly Element[] = ["e2m1", "e4m3", "e5m2"];
/** Exponent of the format's largest value. */
const exponents: Record<Element, number> = { e2m1: 2, e4m3: 8, e5m2: 15 };

/** OCP microscaling formats, MX v1.0: blocks of 32 with a shared power of two. Nominal 4 (or 8) d + 8 a block. */
export const mxfp4 = microscaled("mxfp4", "MXFP4", 16, 4, ["e2m1"], ["0.0128052", "0.0179"]);
export const mxfp8 = microscaled("mxfp8", "MXFP8", 17, 8, ["e4m3", "e5m2"], ["7.59666e-4", "0.001165"]);

function microscaled(
  name: string,
  title: string,
  number: number,
  bits: number,
  allowed: readonly Element[],
  nmse: Golden["nmse"],
): Method {
  return {
    name,
    title,
    format: number,
    summary: `OCP microscaling, ${bits}-bit elements in blocks of 32`,
    proof: { goldens: [{ settings: {}, nmse }] },
    settings:
      allowed.length > 1
        ? { element: { default: allowed[0] as Element, choices: allowed, summary: "format of an element" } }
        : {},
    encoder(settings) {
      const element = (settings.element as Element | undefined) ?? (allowed[0] as Element);
      return (input, context, writer) => {
        const n = input.length;
        const blocks = Math.ceil(n / 32);
        const scales = region("parts", 4 * blocks);
        const out = region("symbols", 4 * n);
        microscaleEncode(input, formats[element], exponents[element], scales, out);
        writer.byte(elements.indexOf(element));
        const shared = writeSymbols(writer, withRange(scales, blocks), coderOf(settings));
        const entropy = writeSymbols(writer, withRange(out, n), coderOf(settings), context.tensors);
        const entropyBits = shared === undefined || entropy === undefined ? undefined : shared + entropy;
        return { nominalBits: bits * n + 8 * blocks, entropyBits };
      };
    },
    decode(reader, out) {
      const at = reader.offset();
      const element = elements[reader.byte("the format of an element")];
      if (element === undefined || !allowed.includes(element))
        throw new PacketError(at, `an element format ${name} has not`);
      const blocks = Math.ceil(out.length / 32);
      const scales = { pointer: region("parts", 4 * blocks), length: blocks };
      readSymbols(reader, scales, "the blocks' scales", 127);
      readSymbols(reader, out, "the values", formats[element].highest);
      microscaleDecode(scales.pointer, out, formats[element], out.pointer);
    },
  };
}
