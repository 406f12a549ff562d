import { describe, expect, it } from "vitest";
import { coderNames } from "../../src/quantizers/coding/coders.js";
import { freshContext, quantizer } from "../../src/quantizers/index.js";
import { emqReference } from "../reference/emq.js";
import { awkwardVectors } from "../reference/vectors.js";

const coders = coderNames;

describe.each(Object.entries(awkwardVectors()))("%s", (_, v) => {
  for (const base of [10, 2] as const) {
    for (const digits of [0, 1, 2, 4]) {
      it(`base ${base}, digits ${digits}: what the formula says, whatever the coder`, () => {
        const expected = emqReference(v, digits, base);
        for (const coder of coders) {
          const emq = quantizer("emq", { base, digits, coder });
          const packet = emq.encode(v, freshContext())!;
          expect(packet.nominalBits).toBe(expected.nominalBits);
          const q = new Float32Array(v.length);
          emq.decode(packet.bytes, q, freshContext());
          expect(q).toEqual(expected.q.map((x) => x + 0)); // the formula knows no −0
        }
      });
    }
  }
});

// Nominal bits count an entry's sign and length but not where it ends, so no code is below them always: it takes an
// update whose largest entry stands out, as updates from training do. A Gaussian of n = 5000 scaled to a largest of
// 12 has entries ±1 above 5 only; its entropy is a tenth of a bit.
it("at digits 0 the bytes of an update with a long tail are below the nominal count, and near the entropy", () => {
  const v = awkwardVectors().normal!;
  const largest = v.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
  const packet = quantizer("emq").encode(
    v.map((x) => (x * 12) / largest),
    freshContext(),
  )!;
  expect(8 * packet.bytes.length).toBeLessThan(packet.nominalBits);
  // 42 bytes beside the code: frame 13, EMQ's 2, coder's 5 and table's ≤ 6, states 16
  expect(8 * packet.bytes.length).toBeLessThan(1.01 * packet.entropyBits! + 8 * 42);
});
