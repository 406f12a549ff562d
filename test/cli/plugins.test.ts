import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { RunResult } from "../../src/federated/result.js";
import { cellfed, inFolder } from "./spawn.js";

const small = [
  ...["data.trainExamples=200", "data.testExamples=50", "network.clients=4", "model=softmax", "rounds=2"],
  'budgets={"energy":null,"latency":null}',
].flatMap((set) => ["--set", set]);

/** One part of each kind that the commands name on their own. */
const module = `
const bytesOf = (v) => new Uint8Array(v.slice().buffer);
export default {
  quantizers: [{
    name: "half-update",
    settings: { share: { default: 0.5, minimum: 0, maximum: 1, summary: "of the update that is sent" } },
    create: ({ share }) => ({
      name: "half-update",
      encode: (v) => ({ bytes: bytesOf(v.map((x) => share * x)), nominalBits: 32 * v.length }),
      decode(bytes, into) { into.set(new Float32Array(bytes.slice().buffer)); },
    }),
  }],
  powerMethods: [{
    name: "half-power",
    allocate(problem) {
      const { clients, signal, selfInterference, interference, noise, bandwidth, transmitPower } = problem.rates;
      const power = new Float64Array(clients).fill(0.5);
      const rate = power.map((p, k) => {
        const others = interference.subarray(k * clients, (k + 1) * clients).reduce((sum, x) => sum + 0.5 * x, 0);
        return bandwidth * Math.log2(1 + (0.5 * signal[k]) / (0.5 * selfInterference[k] + others + noise[k]));
      });
      const latency = rate.map((bitsPerSecond, k) => problem.bits[k] / bitsPerSecond);
      const energy = latency.map((seconds) => (0.5 * transmitPower + (problem.circuitPower ?? 0)) * seconds);
      return { power, latency, energy, rate, status: "converged", iterations: 0 };
    },
  }],
  receivers: [{
    name: "equal",
    rateModel: ({ clients }) => ({
      signal: new Float64Array(clients).fill(3),
      selfInterference: new Float64Array(clients),
      interference: new Float64Array(clients * clients),
      noise: new Float64Array(clients).fill(1),
    }),
  }],
};
`;

const plugin = ["--plugin", "mine.mjs"];

describe("parts of one's own, by --plugin", () => {
  test("work in run, on threads and under several seeds; records and fingerprints carry their source", () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, "mine.mjs"), module);
      const run = async (...words: string[]) => {
        const { status, stdout, stderr } = await cellfed(["run", "quick", ...small, "--json", ...words], {
          cwd: folder,
        });
        expect({ status, stderr }).toMatchObject({ status: 0 });
        return JSON.parse(stdout) as RunResult & { runs: RunResult[] };
      };
      const own = [...plugin, "--no-out", "--quantizer", "half-update:share=0.25", "--power", "half-power"];
      const one = await run(...own, "--workers", "1");
      expect((await run(...own, "--workers", "2")).fingerprint).toEqual(one.fingerprint);
      expect(one.config.quantizer).toMatchObject({ name: "half-update", share: 0.25 });
      expect(one.parts).toMatchObject({
        quantizer: { name: "half-update", source: expect.stringMatching(/^[0-9a-f]{16}$/) },
        powerMethod: { name: "half-power" },
      });
      const { runs } = await run(...own, "--seeds", "1..2", "--workers", "2");
      expect(runs[0]!.fingerprint).toEqual(one.fingerprint);
      // Another source is another part, whatever it does
      writeFileSync(join(folder, "mine.mjs"), `// revised\n${module}`);
      const revised = await run(...own, "--workers", "1");
      expect(revised.fingerprint.results).toBe(one.fingerprint.results);
      expect(revised.fingerprint.config).not.toBe(one.fingerprint.config);
    }));

  test("work in rates, power, quantizers and quantize", () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, "mine.mjs"), module);
      const say = async (...words: string[]) => {
        const { status, stdout, stderr } = await cellfed([...words, ...plugin, "--json"], { cwd: folder });
        expect({ status, stderr }).toMatchObject({ status: 0 });
        return JSON.parse(stdout);
      };
      const rates = await say("rates", "quick", "--combining", "mr,equal", "--drops", "2", "--workers", "2");
      expect(new Set(rates.spectralEfficiency.equal).size).toBe(1);
      const file = {
        signal: [2, 3],
        selfInterference: [3, 2],
        interference: [
          [0, 1],
          [2, 0],
        ],
        noise: [1, 1],
      };
      const problem = { ...file, bandwidth: 1, transmitPower: 0.1, bits: [10, 12], computeLatency: 1 };
      writeFileSync(join(folder, "problem.json"), JSON.stringify(problem));
      const power = await say("power", "--problem", "problem.json", "--method", "half-power,full");
      expect(power["half-power"].power).toEqual([0.5, 0.5]);
      const parts = ["--parts", "inputs,accuracy", "--rounds", "1", "--no-out", "--workers", "2"];
      const { inputs } = await say("quantizers", "--quantizers", "half-update,identity", ...parts);
      expect(inputs[0]).toMatchObject({ quantizer: "half-update", input: "gaussian", nominalBits: 32 });
      expect(inputs[0].nmse).toBeCloseTo(0.25, 6);
      writeFileSync(join(folder, "v.f32"), new Uint8Array(Float32Array.of(1, 2, 4).buffer));
      const quantized = await say("quantize", "--method", "half-update:share=1", "--input", "v.f32");
      expect(quantized).toMatchObject({ method: "half-update", nmse: 0 });
    }));
});

describe("a bad plugin is one message and status 2, and nothing is touched", () => {
  test.concurrent.each<[string, string | null, RegExp]>([
    ["that is not there", null, /^error: mine\.mjs: there is no such file\n$/],
    ["that does not load", "export default {", /^error: mine\.mjs: the module does not load: .+\n$/],
    ["that throws", 'throw new Error("no luck")', /^error: mine\.mjs: the module does not load: no luck\n$/],
    [
      "that exports nothing",
      "const a = 1;",
      /^error: mine\.mjs: exports nothing by default \(allowed: \{ quantizers\?/,
    ],
    ["that exports something else", "export default 3;", /^error: mine\.mjs: exports 3 by default, which is no plugin/],
    ["that brings nothing", "export default {};", /^error: mine\.mjs: brings no part/],
    [
      "with a wrong list",
      "export default { quantiser: [] };",
      /^error: mine\.mjs: "quantiser" is nothing that a plugin/,
    ],
    [
      "that names a part that exists",
      'export default { powerMethods: [{ name: "full", allocate() {} }] };',
      /^error: mine\.mjs: power method "full" exists already/,
    ],
    [
      "whose part lacks what its kind needs",
      'export default { powerMethods: [{ name: "mine" }] };',
      /^error: mine\.mjs: powerMethods\[0\]: "mine" has no create\(\), nor allocate\(\)\n$/,
    ],
  ])("%s", (_what, source, message) =>
    inFolder(async (folder) => {
      if (source !== null) writeFileSync(join(folder, "mine.mjs"), source);
      const { status, stdout, stderr } = await cellfed(["run", "quick", ...small, ...plugin], { cwd: folder });
      expect(stderr).toMatch(message);
      expect([status, stdout]).toEqual([2, ""]);
      expect(readdirSync(folder)).toEqual(source === null ? [] : ["mine.mjs"]);
    }),
  );

  test("whose source has changed since the run began", () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, "mine.mjs"), module);
      const commands = [
        ["run", "quick", ...small, "--quantizer", "half-update"],
        ["run", "quick", ...small, "--quantizer", "half-update", "--seeds", "1..2"],
        ["rates", "quick", "--combining", "equal"],
        ["compare", "quick", ...small, "--quantizers", "half-update", "--seeds", "1..2", "--drops", "1"],
      ];
      for (const [i, words] of commands.entries())
        expect(await cellfed([...words, ...plugin, "--out", `out-${i}`], { cwd: folder })).toMatchObject({ status: 0 });
      writeFileSync(join(folder, "mine.mjs"), `// revised\n${module}`);
      for (const [i, words] of commands.entries()) {
        const before = readFileSync(join(folder, `out-${i}`, i === 2 ? "rates.csv" : "summary.json"), "utf8");
        const resume = [...words, ...plugin, "--out", `out-${i}`, "--resume"];
        const { status, stdout, stderr } = await cellfed(resume, { cwd: folder });
        expect(stderr).toMatch(/^error: --(resume|out): out-\d holds .*mine\.mjs/);
        expect(stderr.trim().split("\n")).toHaveLength(1);
        expect([status, stdout]).toEqual([2, ""]);
        expect(readFileSync(join(folder, `out-${i}`, i === 2 ? "rates.csv" : "summary.json"), "utf8")).toBe(before);
      }
    }));
});
