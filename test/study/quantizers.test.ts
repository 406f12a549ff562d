import { expect, it } from "vitest";
import { type QuantizerSubject, quantizerJobs } from "../../src/study/jobs/quantizer.js";
import { benchmarkQuantizers } from "../../src/study/run/quantizers.js";
import { memoryStore } from "../../src/study/store/memory.js";

const subjects: readonly QuantizerSubject[] = [
  { label: "emq", config: { name: "emq" } },
  { label: "four bits", config: { name: "laq", bits: 4 } },
  { label: "qsgd", config: { name: "qsgd" } },
];

it("a part for a subject is a job: the same under another label, another with other settings", () => {
  const jobs = quantizerJobs({ subjects });
  const count = (part: string) => jobs.filter((one) => one.part === part).length;
  // Known errors are by name; the thresholds of EMQ count as a part of the sweep; EMQ and LAQ are not unbiased
  expect(["goldens", "inputs", "sweep", "bias", "speed", "accuracy"].map(count)).toEqual([3, 3, 4, 1, 3, 3]);
  expect(new Set(jobs.map(({ job }) => job.key)).size).toBe(jobs.length);
  const [inputs] = quantizerJobs({ subjects: [{ label: "x", config: { name: "laq", bits: 4 } }], parts: ["inputs"] });
  expect(jobs.map(({ job }) => job.key)).toContain(inputs!.job.key);
  const [other] = quantizerJobs({ subjects: [{ label: "x", config: { name: "laq", bits: 5 } }], parts: ["inputs"] });
  expect(jobs.map(({ job }) => job.key)).not.toContain(other!.job.key);
  expect(JSON.parse(JSON.stringify(jobs))).toEqual(jobs);
});

it("what the store has is not measured again, speeds neither", async () => {
  const store = memoryStore();
  const plan = { subjects: subjects.slice(0, 2), parts: ["inputs", "speed"] as const };
  const first = await benchmarkQuantizers(plan, { store });
  const told: string[] = [];
  const again = await benchmarkQuantizers(plan, { store, onProgress: ({ job }) => told.push(job.name) });
  expect(again).toEqual(first);
  expect(told).toEqual([]);
  expect(Object.keys(first.speed)).toEqual(["emq", "four bits"]);
  expect(first.inputs.map(({ quantizer, input }) => `${quantizer}: ${input}`)).toEqual(
    ["emq", "four bits"].flatMap((name) => ["gaussian", "laplace", "heavy-tailed"].map((input) => `${name}: ${input}`)),
  );
});

it("tells of all parts in one count, and of those that broke off", async () => {
  const shares: number[] = [];
  const controller = new AbortController();
  const { interrupted, inputs, sweep } = await benchmarkQuantizers(
    { subjects, parts: ["inputs", "sweep"] },
    {
      signal: controller.signal,
      onProgress({ jobs, done, share }) {
        expect(jobs).toBe(7);
        shares.push(share);
        if (done === 3) controller.abort();
      },
    },
  );
  expect(interrupted).toBe(true);
  expect([inputs.length, sweep.length]).toEqual([9, 0]);
  expect(shares).toEqual([...shares].sort((a, b) => a - b));
});
