// A quantizer of one's own, checked, measured and trained with: every entry to −s, 0 or s, s half of the largest.
import { checkQuantizer, measureQuantizer, type Quantizer, simulate } from "cellfed";

const ternary: Quantizer = {
  name: "ternary",
  encode(update) {
    const bad = update.findIndex((x) => !Number.isFinite(x));
    if (bad >= 0) throw new Error(`entry ${bad} is ${update[bad]}`);
    const scale = update.reduce((max, x) => Math.max(max, Math.abs(x)), 0) / 2;
    const bytes = new Uint8Array(8 + Math.ceil(update.length / 4));
    new DataView(bytes.buffer).setUint32(0, update.length, true);
    new DataView(bytes.buffer).setFloat32(4, scale, true);
    update.forEach((x, i) => {
      const field = Math.abs(x) < scale / 2 ? 0 : x > 0 ? 1 : 2;
      bytes[8 + (i >> 2)]! |= field << (2 * (i & 3));
    });
    return { bytes, nominalBits: 64 + 2 * update.length };
  },
  decode(bytes, into) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const whole = bytes.length === 8 + Math.ceil(into.length / 4) && view.getUint32(0, true) === into.length;
    if (!whole) throw new Error(`${bytes.length} bytes are no packet of ${into.length} entries`);
    const scale = view.getFloat32(4, true);
    for (let i = 0; i < into.length; i++) {
      const field = (bytes[8 + (i >> 2)]! >> (2 * (i & 3))) & 3;
      into[i] = field === 0 ? 0 : field === 1 ? scale : -scale;
    }
  },
};

console.log(checkQuantizer(ternary).checks.filter((check) => !check.passed));
console.log(
  measureQuantizer(
    ternary,
    new Float32Array(10_000).map((_, i) => Math.sin(i) ** 5),
  ),
);
const { final } = await simulate({ preset: "quick", rounds: 5 }, { quantizer: ternary });
console.log(`accuracy ${final.accuracy} at ${final.nominalBitsPerEntry} bits an entry`);
