import { expect, it } from "vitest";
import type { RoundRecord } from "../../src/index.js";
import { parseConfig } from "../../src/index.js";
import { partsOf } from "../../web/timeline/parts.js";
import { timelineWords, waitWords } from "../../web/timeline/words.js";

/** A step of 3 ms: client 0 is added, client 1 too late, client 2 still sends, client 3 has been waiting all along. */
const record: RoundRecord = {
  ...{ round: 7, accuracy: null, testLoss: null, loss: 1, nominalBits: 10, wireBits: 10, latency: 3e-3, energy: 2e-6 },
  totals: { nominalBits: 10, wireBits: 10, latency: 1, energy: 1 },
  perClient: {
    ...{ power: [1, 1, 1, 0], latency: [1e-3, 1e-3, 2e-3, 0], energy: [1e-6, 5e-7, 5e-7, 0] },
    ...{ nominalBits: [10, 0, 0, 0], wireBits: [10, 0, 0, 0], skipped: [false, true, true, true] },
  },
  power: { status: "converged", iterations: 1 },
  localEpochs: 1,
  waiting: {
    updates: [{ client: 0, staleness: 2, weight: 0.5 }],
    dropped: [1],
    spans: [
      { client: 0, does: "computing", from: 0, to: 1e-3 },
      { client: 0, does: "sending", from: 1e-3, to: 2e-3 },
      { client: 1, does: "computing", from: 0, to: 2e-3 },
      { client: 1, does: "sending", from: 2e-3, to: 3e-3 },
      { client: 2, does: "sending", from: 1e-3, to: 3e-3 },
    ],
  },
};

it("says of a step on the simulated clock who computes, sends and waits, and who was too late", () => {
  const step = partsOf(parseConfig({}), record);
  expect(timelineWords(step)).toBe(
    "Step 7 comes after 3.00 ms and adds 1 update, the oldest 2 steps old; 1 client too late; 2 clients waited.",
  );
  expect([0, 1, 2, 3].map((client) => waitWords(step, client))).toEqual([
    "Client 0 computes until 1.00 ms, sends until 2.00 ms, waits for 1.00 ms. Its update, 2 steps old, is added.",
    "Client 1 computes until 2.00 ms, sends until 3.00 ms, is too late and broken off.",
    "Client 2 sends until 3.00 ms.",
    "Client 3 waits for 3.00 ms.",
  ]);
});

it("says whose update was lost on the clock, and whose battery gave out", () => {
  const waiting = { ...record.waiting!, updates: [], dropped: [], lost: [0], out: [1, 3] };
  const step = partsOf(parseConfig({}), { ...record, waiting });
  expect(step.clients.map(({ fate }) => fate)).toEqual(["lost", "flat", "sends", "flat"]);
  expect(timelineWords(step)).toBe(
    "Step 7 comes after 3.00 ms and adds 0 updates; 1 update lost on the way; 2 batteries gave out; 2 clients waited.",
  );
  expect(waitWords(step, 0)).toBe(
    "Client 0 computes until 1.00 ms, sends until 2.00 ms, waits for 1.00 ms. Its update is lost on the way.",
  );
  expect(waitWords(step, 1)).toBe(
    "Client 1 computes until 2.00 ms, sends until 3.00 ms, gives up, since its battery does not carry the rest.",
  );
});
