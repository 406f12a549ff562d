import { u8 } from "../../../bindings/memory.js";
import { requireFinite } from "../finite.js";
import type { Method } from "../method.js";

/** Full precision: the float32 values themselves, little endian. Nominal 32 d. */
export const identity: Method = {
  name: "identity",
  title: "full precision",
  format: 1,
  summary: "full precision: the float32 values themselves",
  unbiased: true,
  settings: {},
  encoder: () => (input, _context, writer) => {
    const bytes = 4 * input.length;
    writer.block(bytes, (pointer) => {
      u8(pointer, bytes).set(u8(input.pointer, bytes));
      return bytes;
    });
    return { nominalBits: 8 * bytes };
  },
  decode(reader, out) {
    const bytes = 4 * out.length;
    const at = reader.offset();
    const pointer = reader.block(bytes, "the values");
    u8(out.pointer, bytes).set(u8(pointer, bytes));
    requireFinite(out, at, 4);
  },
};
