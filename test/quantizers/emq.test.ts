import { describe, expect, it } from "vitest";
import { freshContext, quantizer } from "../../src/quantizers/index.js";
import { emqReference } from "../reference/emq.js";
import { awkwardVectors } from "../reference/vectors.js";

const coders = ["auto", "fixed", "elias", "rice", "range"] as const;

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

it("at digits 0 the bytes of a Gaussian update are below the nominal count", () => {
  const v = awkwardVectors().normal!;
  const packet = quantizer("emq").encode(v, freshContext())!;
  expect(8 * packet.bytes.length).toBeLessThan(packet.nominalBits);
});
