import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { freshContext, quantizer } from "../../src/quantizers/index.js";
import { benchmarkQuantizers } from "../../src/study/run/quantizers.js";
import { emqReference } from "../reference/emq.js";
import { cellfed, inFolder } from "./spawn.js";

const vector = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i) ** 5);

function save(folder: string, values: Float32Array): void {
  writeFileSync(join(folder, "v.f32"), new Uint8Array(values.buffer));
}

describe("cellfed quantize and dequantize", () => {
  test.concurrent("a vector to a packet and back, by the formula", async () => {
    await inFolder(async (folder) => {
      save(folder, vector);
      const { q, nominalBits } = emqReference(vector, 1);
      const flags = ["--method", "emq", "--set", "digits=1", "--input", "v.f32", "--packet", "v.bin", "--json"];
      const shown = await cellfed(["quantize", ...flags, "--output", "a.f32"], { cwd: folder });
      expect(shown.status).toBe(0);
      const packet = readFileSync(join(folder, "v.bin"));
      expect(JSON.parse(shown.stdout)).toEqual({
        method: "emq",
        entries: 1000,
        nominalBits,
        wireBits: 8 * packet.length,
        nmse: expect.any(Number),
        maxError: expect.any(Number),
        skipped: false,
      });
      const named = await cellfed(["quantize", "--method", "emq:digits=1", "--input", "v.f32", "--json"], {
        cwd: folder,
      });
      expect(named.stdout).toBe(shown.stdout);
      const back = await cellfed(["dequantize", "--packet", "v.bin", "--output", "b.f32"], { cwd: folder });
      expect(back.status).toBe(0);
      for (const file of ["a.f32", "b.f32"]) {
        expect(new Float32Array(new Uint8Array(readFileSync(join(folder, file))).buffer)).toEqual(q.map((x) => x + 0));
      }
    });
  });

  test.concurrent("bad input is named, and nothing is left half-written", async () => {
    await inFolder(async (folder) => {
      const bad = vector.slice();
      bad[7] = Number.NaN;
      save(folder, bad);
      writeFileSync(join(folder, "odd.f32"), new Uint8Array(7));
      const cases = [
        [["quantize", "--method", "emqq", "--input", "v.f32"], /quantizer\.name: .*did you mean "emq"/],
        [["quantize", "--method", "emq", "--set", "digits", "--input", "v.f32"], /--set: "digits" is not of the form/],
        [["quantize", "--method", "emq", "--input", "v.f32", "--output", "o.f32"], /v\.f32: entry 7 is NaN/],
        [["quantize", "--method", "emq", "--input", "odd.f32"], /odd\.f32: 7 bytes are no whole number/],
        [["quantize", "--method", "emq", "--input", "none.f32"], /none\.f32: cannot be read \(ENOENT/],
        [["dequantize", "--packet", "odd.f32", "--output", "o.f32"], /odd\.f32: packet, byte 7: 7 bytes are too few/],
        [["quantizers", "--quantizers", "emq,emq"], /--quantizers: "emq" is given twice/],
        [["quantizers", "--parts", "sweeps"], /--parts: .*did you mean "sweep"/],
        [["quantizers", "--quantizers", "emq:digits"], /--quantizers: "digits" in "emq:digits" is not of the form/],
        [["quantizers", "--set", "quantizer=laq"], /--set: quantizer: each of those that are compared/],
        [["quantizers", "--set", "network.cleints=2"], /network\.cleints: unknown key; did you mean/],
        [["quantize", "--method", "emq:digts=1", "--input", "v.f32"], /quantizer\.digts: .*did you mean "digits"/],
      ] as const;
      for (const [words, message] of cases) {
        const { status, stdout, stderr } = await cellfed([...words], { cwd: folder });
        expect(stderr).toMatch(message);
        expect([status, stdout]).toEqual([2, ""]);
      }
      expect(readdirSync(folder).sort()).toEqual(["odd.f32", "v.f32"]);
    });
  });

  test.concurrent("of two files all or none is written, and what cannot be is told", async () => {
    await inFolder(async (folder) => {
      save(folder, vector);
      mkdirSync(join(folder, "taken"));
      const quantize = ["quantize", "--method", "emq", "--input", "v.f32"];
      const cases = [
        [
          [...quantize, "--packet", "p.bin", "--output", "no/q.f32"],
          /^error: --output: cannot write "no\/q.f32" \(ENOENT: there is no such folder\)/,
        ],
        [
          [...quantize, "--packet", "p.bin", "--output", "taken"],
          /^error: --output: cannot write "taken" \(this is a f/,
        ],
        [[...quantize, "--packet", "taken", "--output", "q.f32"], /^error: --packet: cannot write "taken"/],
        [[...quantize, "--seed", ""], /^error: --seed: "" is not allowed/],
      ] as const;
      for (const [words, message] of cases) {
        const { status, stderr } = await cellfed([...words], { cwd: folder });
        expect(stderr).toMatch(message);
        expect(status).toBe(2);
      }
      expect(readdirSync(folder).sort()).toEqual(["taken", "v.f32"]);
      expect(readdirSync(join(folder, "taken"))).toEqual([]);
    });
  });
});

test.concurrent("cellfed dequantize: a small packet of many entries is refused, unless one insists", async () => {
  await inFolder(async (folder) => {
    const entries = 2 ** 24 + 1;
    const zeros = quantizer("emq").encode(new Float32Array(entries), freshContext())!.bytes;
    expect(zeros.length).toBe(16);
    writeFileSync(join(folder, "zeros.bin"), zeros);
    const words = ["dequantize", "--packet", "zeros.bin", "--output", "z.f32"];
    const refused = await cellfed(words, { cwd: folder });
    expect(refused.stderr).toMatch(
      /zeros\.bin: decodes to 16777217 entries, 67108868 bytes; at most 16777216 .* give --limit 16777217/,
    );
    expect([refused.status, readdirSync(folder)]).toEqual([2, ["zeros.bin"]]);
    const insisted = await cellfed([...words, "--limit", String(entries)], { cwd: folder });
    expect(insisted.status).toBe(0);
    expect(statSync(join(folder, "z.f32")).size).toBe(4 * entries);
    expect((await cellfed(["dequantize", "--help"])).stdout.replace(/\s+/g, " ")).toMatch(
      /--limit <entries> refuse packets of more entries/,
    );
  });
});

test.concurrent("cellfed quantizers --fuzz hears Ctrl-C between two packets", async () => {
  let sent = false;
  const { status, stdout, stderr } = await cellfed(["quantizers", "--fuzz", "1000000000"], {
    meanwhile(child, said) {
      // The first line comes with the first packet.
      if (sent || !said.includes("0 of 1000000000")) return;
      sent = true;
      child.kill("SIGINT");
    },
  });
  expect(stderr).toMatch(/interrupted: \d+ of 1000000000 packets were decoded/);
  expect([status, stdout]).toEqual([130, ""]);
});

test.concurrent("cellfed quantizers: a table, CSV, JSON and figures", async () => {
  await inFolder(async (folder) => {
    save(folder, vector);
    const flags = [
      "--quantizers",
      "emq,sign,qsgd:levels=16",
      "--parts",
      "goldens,sweep,inputs,bias",
      "--encodings",
      "50",
    ];
    const shown = await cellfed(["quantizers", ...flags, "--input", "v.f32", "--out", "out", "--json"], {
      cwd: folder,
    });
    expect(shown.status).toBe(0);
    const result = JSON.parse(shown.stdout);
    expect(result.goldens).toHaveLength(6 + 2);
    expect(result.goldens.every((one: { passed: boolean }) => one.passed)).toBe(true);
    expect(result.table.map((row: { quantizer: string }) => row.quantizer)).toEqual(["emq", "sign", "qsgd:levels=16"]);
    expect(result.inputs).toHaveLength(3 * 4);
    expect(Object.keys(result.bias)).toEqual(["qsgd:levels=16"]);
    expect(readdirSync(join(folder, "out", "figures")).sort()).toEqual(
      ["bits", "scale"].flatMap((of) => [`error-${of}.csv`, `error-${of}.svg`]),
    );
    expect(readFileSync(join(folder, "out", "sweep.csv"), "utf8").split("\n")[0]).toMatch(/^quantizer,input,scale/);
  });
});

test.concurrent("cellfed quantizers: the same numbers on threads, under a config of one's own, and from the library", async () => {
  const flags = ["quantizers", "--quantizers", "emq,laq:bits=4", "--parts", "inputs,accuracy", "--rounds", "2"];
  const own = ["--set", "network.clients=3", "--set", "model=softmax", "--no-out", "--json"];
  const [one, two] = await Promise.all(
    ["1", "2"].map((workers) => cellfed([...flags, ...own, "--workers", workers], {})),
  );
  expect([one!.status, two!.status]).toEqual([0, 0]);
  expect(two!.stdout).toBe(one!.stdout);
  const { inputs, learning } = JSON.parse(one!.stdout);
  expect(learning[0].accuracy).toHaveLength(2);
  const result = await benchmarkQuantizers({
    subjects: [
      { label: "emq", config: { name: "emq" } },
      { label: "laq:bits=4", config: { name: "laq", bits: 4 } },
    ],
    parts: ["inputs", "accuracy"],
    rounds: 2,
    sets: ["network.clients=3", "model=softmax"],
  });
  expect(JSON.parse(JSON.stringify(result.inputs))).toEqual(inputs);
  expect(JSON.parse(JSON.stringify(result.learning))).toEqual(learning);
});

test.concurrent("cellfed quantizers: a folder that cannot be had is told before the work", async () => {
  await inFolder(async (folder) => {
    save(folder, vector);
    const flags = ["quantizers", "--quantizers", "emq", "--parts", "goldens"];
    for (const [out, message] of [
      ["v.f32", /^error: --out: v\.f32 is a file/],
      [".", /^error: --out: \. is not empty/],
    ] as const) {
      const { status, stderr } = await cellfed([...flags, "--out", out], { cwd: folder });
      expect(stderr).toMatch(message);
      expect(status).toBe(2);
    }
    expect(readdirSync(folder)).toEqual(["v.f32"]);
    // Without a name the results of the time before are replaced
    for (let time = 0; time < 2; time++) expect(await cellfed(flags, { cwd: folder })).toMatchObject({ status: 0 });
    expect(readdirSync(join(folder, "results"))).toEqual(["quantizers"]);
    expect(readdirSync(join(folder, "results", "quantizers"))).toContain("goldens.csv");
  });
});
