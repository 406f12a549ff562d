import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { parseNpy } from "../../src/disk/npy.js";
import type { RunResult } from "../../src/federated/result.js";
import { simulate } from "../../src/federated/simulate.js";
import { parseConfig } from "../../src/parts/resolve.js";
import { cellfed, inFolder } from "./spawn.js";

/** A run of a second: the path is what is tested here, not the learning. */
const small = [
  "--set",
  "data.trainExamples=200",
  "--set",
  "data.testExamples=50",
  "--set",
  "network.clients=4",
  "--set",
  "model=softmax",
  "--set",
  'budgets={"energy":null,"latency":null}',
];

describe("cellfed run", () => {
  test("reads a file that begins with a byte order mark, and tells of one nested without end", async () => {
    await inFolder(async (folder) => {
      writeFileSync(join(folder, "mark.json"), '\uFEFF{"preset":"quick","rounds":1}');
      expect(await cellfed(["run", "mark.json", ...small, "--no-out"], { cwd: folder })).toMatchObject({ status: 0 });
      writeFileSync(join(folder, "deep.json"), `{"model":{"layers":${"[".repeat(1e5)}${"]".repeat(1e5)}}}`);
      const { status, stdout, stderr } = await cellfed(["run", "deep.json"], { cwd: folder });
      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
      expect(stderr).toMatch(/^error: deep.json: line 1, column 218: nested more than 200 levels deep\n$/);
    });
  });

  test("prints a closing table, writes the results folder, and running its config.json gives the same", async () => {
    await inFolder(async (folder) => {
      const first = await cellfed(["run", "quick", ...small, "--rounds", "3", "--out", "one", "--workers", "1"], {
        cwd: folder,
      });
      expect(first).toMatchObject({ status: 0 });
      expect(first.stdout).toMatch(/^accuracy +\d+\.\d\d %/);
      for (const label of ["rounds", "energy", "latency", "nominal bits", "wire bits", "fingerprint", "results"]) {
        expect(first.stdout).toMatch(new RegExp(`^${label} {2}`, "m"));
      }
      const lines = first.stderr.trim().split("\n");
      expect(lines).toHaveLength(3);
      for (const [i, line] of lines.entries()) {
        expect(line).toMatch(new RegExp(`^round ${i + 1}: accuracy [\\d.]+ % · [\\d.]+ bit/entry`));
      }

      const out = join(folder, "one");
      expect(readdirSync(out).sort()).toEqual([
        ...[
          "clients.csv",
          "config.json",
          "figures",
          "report.html",
          "rounds.csv",
          "state",
          "summary.json",
          "timing.json",
          "weights.npz",
        ],
      ]);
      expect(readdirSync(join(out, "figures")).sort()).toEqual([
        ...["accuracy-over-energy.csv", "accuracy-over-energy.svg"],
        ...["accuracy-over-latency.csv", "accuracy-over-latency.svg"],
        ...["accuracy-over-rounds.csv", "accuracy-over-rounds.svg"],
        ...["bits-over-rounds.csv", "bits-over-rounds.svg"],
      ]);
      expect(readFileSync(join(out, "rounds.csv"), "utf8").trim().split("\n")).toHaveLength(4);
      expect(readFileSync(join(out, "clients.csv"), "utf8").trim().split("\n")).toHaveLength(1 + 3 * 4);
      const summary = JSON.parse(readFileSync(join(out, "summary.json"), "utf8"));
      expect(summary.final.rounds).toBe(3);
      expect(first.stdout).toContain(summary.fingerprint.results);

      const again = await cellfed(["run", "one/config.json", "--no-out", "--json", "--workers", "2"], { cwd: folder });
      const result = JSON.parse(again.stdout) as RunResult;
      expect(result.fingerprint).toEqual(summary.fingerprint);
      expect(readdirSync(folder)).toEqual(["one"]);
    });
  });

  test("on threads, where batteries keep updates back, both ends remember what they do without threads", async () => {
    await inFolder(async (folder) => {
      const config = {
        ...{ seed: 3, rounds: 3, model: "mlp", devices: { battery: { enabled: true } } },
        data: { name: "regression", trainExamples: 120, testExamples: 22, split: { kind: "contiguous" } },
        quantizer: { name: "rate-distortion", rounding: "stochastic" },
        network: { clients: 12, accessPoints: 1, antennas: 2 },
      } as const;
      const alone = await simulate(parseConfig(config));
      expect(alone.rounds.some(({ perClient }) => [...perClient.skipped].some(Boolean))).toBe(true);
      writeFileSync(join(folder, "batteries.json"), JSON.stringify(config));
      const run = await cellfed(["run", "batteries.json", "--no-out", "--json", "--workers", "2"], { cwd: folder });
      expect((JSON.parse(run.stdout) as RunResult).fingerprint).toEqual(alone.fingerprint);
    });
  });

  test("--quantizer and --power are short for settings, which may say more", async () => {
    const short = [...small, "--rounds", "1", "--no-out", "--json"];
    const said = await cellfed(["run", ...short, "--quantizer", "emq:digits=1", "--power", "joint:alpha=0.3"]);
    const set = ["quantizer=emq", "quantizer.digits=1", "power=joint", "power.alpha=0.3"].flatMap((one) => [
      "--set",
      one,
    ]);
    const long = await cellfed(["run", ...short, ...set]);
    expect(said.stdout).toBe(long.stdout);
    const { config } = JSON.parse(said.stdout) as RunResult;
    expect([config.quantizer.digits, config.power.alpha]).toEqual([1, 0.3]);
    const over = await cellfed(["run", ...short, "--quantizer", "laq:bits=2", "--set", "quantizer.bits=5"]);
    expect((JSON.parse(over.stdout) as RunResult).config.quantizer).toMatchObject({ name: "laq", bits: 5 });
  });

  test("the final weights are a NumPy archive of the model's tensors", async () => {
    await inFolder(async (folder) => {
      await cellfed(["run", "quick", ...small, "--rounds", "2", "--out", "one"], { cwd: folder });
      const files = unzipSync(readFileSync(join(folder, "one", "weights.npz")));
      expect(Object.keys(files)).toEqual(["1.kernel.npy", "1.bias.npy"]);
      const kernel = parseNpy(files["1.kernel.npy"]!, "kernel");
      expect(kernel.shape).toEqual([256, 10]);
      expect(kernel.re.some((weight) => weight !== 0)).toBe(true);
    });
  });

  test("without --out the folder is named after the config and its fingerprint", async () => {
    await inFolder(async (folder) => {
      writeFileSync(join(folder, "mine.json"), JSON.stringify({ preset: "quick", rounds: 1 }));
      const { status, stdout } = await cellfed(["run", "mine.json", ...small, "--json", "--workers", "1"], {
        cwd: folder,
      });
      expect(status).toBe(0);
      const result = JSON.parse(stdout) as RunResult & { folder: string };
      expect(result.folder).toBe(`results/mine-${result.fingerprint.config.slice(0, 8)}`);
      expect(readdirSync(join(folder, "results"))).toEqual([result.folder.slice("results/".length)]);
    });
  });

  test("one seed has no interval", async () => {
    const { stdout } = await cellfed(["run", "quick", ...small, "--rounds", "1", "--seeds", "5", "--no-out"]);
    expect(stdout).not.toContain("±");
    expect(stdout).toMatch(/^intervals +none: one seed$/m);
  });

  test("several seeds give means with intervals", async () => {
    await inFolder(async (folder) => {
      const { status, stdout, stderr } = await cellfed(
        ["run", "quick", ...small, "--rounds", "2", "--seeds", "1..2", "--out", "seeds"],
        { cwd: folder },
      );
      expect({ status, stderr }).toMatchObject({ status: 0 });
      expect(stdout).toMatch(/^accuracy +[\d.]+ ± [\d.]+ %$/m);
      const rows = readFileSync(join(folder, "seeds", "rounds.csv"), "utf8")
        .trim()
        .split("\n");
      expect(rows.slice(1).map((row) => row.split(",").slice(0, 2))).toEqual([
        ["1", "1"],
        ["1", "2"],
        ["2", "1"],
        ["2", "2"],
      ]);
      const summary = JSON.parse(readFileSync(join(folder, "seeds", "summary.json"), "utf8"));
      expect(summary.means.accuracy).toMatchObject({ count: 2 });
      expect(summary.runs.map(({ seed }: { seed: number }) => seed)).toEqual([1, 2]);
    });
  });

  test("--capture saves the updates of the first clients", async () => {
    await inFolder(async (folder) => {
      const missing = ["--set", "data=mnist", "--data-dir", "nowhere", "--capture", "a/b", "--no-out"];
      expect(await cellfed(["run", "quick", ...missing], { cwd: folder })).toMatchObject({ status: 2 });
      expect(readdirSync(folder)).toEqual([]);
      const { status, stderr } = await cellfed(
        ["run", "quick", ...small, "--rounds", "3", "--capture", "updates", "--no-out"],
        { cwd: folder },
      );
      expect({ status, stderr }).toMatchObject({ status: 0 });
      const files = readdirSync(join(folder, "updates")).sort();
      expect(files).toHaveLength(9);
      expect(files.at(-1)).toBe("tensors.json");
      expect(files.at(-2)).toBe("round-0002-client-003.f32");
      const update = readFileSync(join(folder, "updates", files[0]!));
      expect(update.length % 4).toBe(0);
      // The shapes beside an update let a command see its tensors; a file elsewhere is one vector.
      writeFileSync(join(folder, "alone.f32"), update);
      const scope = ["--method", "emq", "--set", "scope=tensor", "--json"];
      const nominalOf = async (input: string) => {
        const { stdout } = await cellfed(["quantize", ...scope, "--input", input], { cwd: folder });
        return (JSON.parse(stdout) as { nominalBits: number }).nominalBits;
      };
      expect(await nominalOf(join("updates", files[0]!))).not.toBe(await nominalOf("alone.f32"));
      writeFileSync(join(folder, "updates", "tensors.json"), '[{"name":"w","shape":[0]}]');
      const bad = await cellfed(["quantize", ...scope, "--input", join("updates", files[0]!)], { cwd: folder });
      expect(bad.status).toBe(2);
      expect(bad.stderr).toMatch(/tensors\.json\[0\]\.shape: must be a list of whole numbers above 0/);
    });
  });

  test("Ctrl-C keeps the finished rounds and says so", async () => {
    await inFolder(async (folder) => {
      let interrupted = false;
      const { status, stderr } = await cellfed(["run", "quick", ...small, "--rounds", "100000", "--out", "kept"], {
        cwd: folder,
        meanwhile(child, said) {
          if (interrupted || !said.includes("round 2:")) return;
          interrupted = true;
          child.kill("SIGINT");
        },
      });
      expect(status).toBe(130);
      expect(stderr).toMatch(/interrupted; \d+ finished rounds are kept in kept$/m);
      expect(
        readFileSync(join(folder, "kept", "rounds.csv"), "utf8")
          .trim()
          .split("\n").length,
      ).toBeGreaterThan(2);
      expect(readdirSync(folder)).toEqual(["kept"]);
    });
  });
});

describe("a run that fails", () => {
  test("with no round finished ends with status 1, says why and writes nothing", async () => {
    await inFolder(async (folder) => {
      const short = ["--set", "budgets.latency=1e-4"];
      const { status, stdout, stderr } = await cellfed(["run", "quick", ...small, ...short], { cwd: folder });
      expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
      expect(stderr).toMatch(/^error: no round could be finished: round 1 would bring the latency to .* of 0\.0001 s/);
      expect(readdirSync(folder)).toEqual([]);
    });
  });

  test("on a diverging learning rate names round and client, and keeps what was finished", async () => {
    await inFolder(async (folder) => {
      const wild = ["--set", "training.optimizer=sgd", "--set", "training.optimizer.learningRate=1e38"];
      const diverging = await cellfed(["run", "quick", ...small, ...wild, "--no-out", "--workers", "1"], {
        cwd: folder,
      });
      expect(diverging.status).toBe(1);
      expect(diverging.stderr).toMatch(/round \d+, client \d+: .*(diverged|not finite)/);
    });
  });
});

describe("bad input ends with status 2, one message, no stack trace and nothing written", () => {
  test.concurrent.each<[string, string[], string]>([
    ["unknown preset", ["quik"], 'preset: unknown preset "quik"; did you mean "quick"?'],
    [
      "missing file",
      ["nowhere.json"],
      "nowhere.json: there is no such file (allowed: a JSON file, or a preset: quick,",
    ],
    ["folder for a file", ["./folder"], "./folder: this is a folder"],
    ["no JSON", ["broken.json"], "broken.json: this is not JSON: "],
    ["unknown key in a file", ["typo.json"], 'network.cleints: unknown key; did you mean "network.clients"?'],
    ["unknown key", ["--set", "network.cleints=3"], 'network.cleints: unknown key; did you mean "network.clients"?'],
    ["number out of range", ["--rounds", "0"], "rounds: 0 is not allowed (allowed: a whole number from 1 to"],
    ["unknown power method", ["--set", "power=minmax"], 'power.method: unknown name "minmax"; did you mean "min-max"?'],
    ["unknown quantizer", ["--set", "quantizer=emk"], 'quantizer.name: unknown quantizer "emk"; did you mean "emq"?'],
    [
      "quantizer's setting",
      ["--set", "quantizer.digts=1"],
      'quantizer.digts: unknown setting of emq "digts"; did you mean "digits"?',
    ],
    ["quantizer's range", ["--set", "quantizer.digits=-1"], "quantizer.digits: -1 is not "],
    ["unknown combining", ["--set", "network.combining=mrc"], "network.combining: "],
    ["no data folder", ["paper-mnist"], 'data.directory: "mnist" is read from files'],
    ["unknown data folder", ["paper-mnist", "--data-dir", "nowhere"], 'data.directory: there is no folder "nowhere"'],
    [
      "empty data folder",
      ["paper-cifar10-k20", "--data-dir", "folder"],
      'data.directory: no files of "cifar10" in "folder"',
    ],
    ["results folder in use", ["--out", "folder"], "--out: folder is not empty (allowed: a new or an empty folder)"],
    ["results folder is a file", ["--out", "typo.json"], "--out: typo.json is a file"],
    [
      "results folder below a file",
      ["--out", "typo.json/out"],
      "--out: typo.json/out cannot be written: a part of the path is a file",
    ],
    [
      "quantizer's name in short",
      ["--quantizer", "emk"],
      'quantizer.name: unknown quantizer "emk"; did you mean "emq"?',
    ],
    ["quantizer's setting in short", ["--quantizer", "emq:digits"], '--quantizer: "digits" in "emq:digits" is not of'],
    ["captures of rounds that are gone", ["--capture", "new", "--resume"], "--capture: cannot be given together with"],
    ["seeds", ["--seeds", "8..1"], '--seeds: "8..1" is not allowed'],
    ["seeds twice", ["--seeds", "1,2,1"], "--seeds: 1 is given twice"],
    ["seed and seeds", ["--seeds", "1..2", "--seed", "3"], "--seeds: cannot be given together with --seed"],
    ["workers", ["--workers", "0"], '--workers: "0" is not allowed (allowed: a whole number from 1 to 256)'],
    ["flag", ["--worker", "2"], "unknown option '--worker'"],
    ["argument", ["quick", "slow"], "too many arguments for 'run'"],
  ])("%s", async (_what, args, message) => {
    await inFolder(async (folder) => {
      writeFileSync(join(folder, "broken.json"), "{ rounds: 3 }");
      writeFileSync(join(folder, "typo.json"), '{ "network": { "cleints": 3 } }');
      mkdirSync(join(folder, "folder"));
      writeFileSync(join(folder, "folder", "note"), "");
      const { status, stdout, stderr } = await cellfed(["run", ...args], { cwd: folder });
      expect(stderr.startsWith(`error: ${message}`), stderr).toBe(true);
      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
      expect(stderr).not.toMatch(/^\s+at /m);
      expect(readdirSync(folder).sort()).toEqual(["broken.json", "folder", "typo.json"]);
    });
  });
});
