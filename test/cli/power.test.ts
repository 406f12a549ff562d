import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { powerMethodNames } from "../../src/power/index.js";
import { cellfed, inFolder } from "./spawn.js";

const file = {
  signal: [2, 3],
  selfInterference: [3, 2],
  interference: [
    [0, 1],
    [2, 0],
  ],
  noise: [1, 1],
  bandwidth: 1,
  transmitPower: 0.1,
  bits: [10, 12],
  computeLatency: 1,
  budgets: { energy: 100, latency: 1000 },
};

it("prints every method, and draws the front", () =>
  inFolder(async (folder) => {
    writeFileSync(join(folder, "problem.json"), JSON.stringify(file));
    const table = await cellfed(["power", "--problem", "problem.json", "--figure", "front.svg"], { cwd: folder });
    expect(table.status).toBe(0);
    for (const method of powerMethodNames) expect(table.stdout).toMatch(new RegExp(`^${method} `, "m"));
    const svg = readFileSync(join(folder, "front.svg"), "utf8");
    for (const text of ["slowest upload (s)", "energy (J)", "min-max", "front"]) expect(svg).toContain(text);
  }));

it("draws no empty figure where nobody can be served", () =>
  inFolder(async (folder) => {
    writeFileSync(join(folder, "problem.json"), JSON.stringify({ ...file, signal: [0, 3] }));
    const { status, stdout, stderr } = await cellfed(["power", "--problem", "problem.json"], { cwd: folder });
    expect(status).toBe(0);
    expect(stdout).toMatch(/infeasible: client 0/);
    expect(stderr).toMatch(/no figure: no method serves every client/);
    expect(existsSync(join(folder, "power.svg"))).toBe(false);
  }));

it("says which energy each method minimizes, and bills circuit power and a fixed energy", () =>
  inFolder(async (folder) => {
    writeFileSync(join(folder, "plain.json"), JSON.stringify(file));
    writeFileSync(join(folder, "billed.json"), JSON.stringify({ ...file, circuitPower: 0.05, fixedEnergy: 2 }));
    const power = async (problem: string, ...words: string[]) =>
      (await cellfed(["power", "--problem", problem, "--method", "full,most-rounds", ...words], { cwd: folder }))
        .stdout;
    expect(await power("plain.json", "--no-figure")).toMatch(/^most-rounds .*circuit power/m);
    const [plain, billed] = [
      JSON.parse(await power("plain.json", "--json")),
      JSON.parse(await power("billed.json", "--json")),
    ];
    expect(billed["most-rounds"].minimizes).toMatch(/circuit power/);
    billed.full.energy.forEach((energy: number, k: number) => {
      expect(energy).toBeCloseTo(plain.full.energy[k] + 0.05 * plain.full.latency[k], 9);
    });
    expect(billed["most-rounds"].power).not.toEqual(plain["most-rounds"].power);
  }));

it("prints one JSON value and leaves no file behind", () =>
  inFolder(async (folder) => {
    writeFileSync(join(folder, "problem.json"), JSON.stringify(file));
    const args = ["power", "--problem", "problem.json", "--method", "min-max,full", "--json"];
    const { status, stdout } = await cellfed(args, { cwd: folder });
    const answer = JSON.parse(stdout);
    expect([status, Object.keys(answer)]).toEqual([0, ["min-max", "full"]]);
    expect(answer["min-max"]).toMatchObject({ status: "converged", power: [1, expect.closeTo(0.79467225, 8)] });
    expect(1 / answer["min-max"].latency[0]).toBeCloseTo(0.050297176218, 11);
    expect(existsSync(join(folder, "power.svg"))).toBe(false);
  }));

it("takes a method's settings with its name, and by the flags that are older", () =>
  inFolder(async (folder) => {
    writeFileSync(join(folder, "problem.json"), JSON.stringify(file));
    const power = async (...words: string[]) =>
      JSON.parse((await cellfed(["power", "--problem", "problem.json", "--json", ...words], { cwd: folder })).stdout);
    const named = await power("--method", "joint:alpha=0.3,most-rounds,coordinate:alpha=0.9", "--alpha", "0.5");
    expect(Object.keys(named)).toEqual(["joint:alpha=0.3", "most-rounds", "coordinate:alpha=0.9"]);
    const flag = await power("--method", "joint,full", "--alpha", "0.3");
    expect(flag.joint).toEqual(named["joint:alpha=0.3"]);
    expect((await power("--method", "joint")).joint.power).not.toEqual(flag.joint.power);
  }));

it.each([
  [
    ["--method", "full,min-max", "--alpha", "0.3"],
    /--alpha: no effect on full,min-max \(allowed with: joint, coordinate\)/,
  ],
  [["--method", "full:alpha=0.3"], /--method: full has no settings, and so no "alpha"/],
  [["--method", "joint:alpah=0.3"], /--method: unknown setting of joint "alpah"; did you mean "alpha"\?/],
  [["--method", "joint:alpha"], /--method: "alpha" in "joint:alpha" is not of the form key=value/],
  [["--method", "joint:alpha=2"], /power\.alpha: 2 is not /],
  [["--method", "jiont"], /--method: unknown power method "jiont"; did you mean "joint"\?/],
  [["--alpha", "half"], /--alpha: "half" is not a number/],
])("refuses %j", (words, message) =>
  inFolder(async (folder) => {
    writeFileSync(join(folder, "problem.json"), JSON.stringify(file));
    const { status, stderr, stdout } = await cellfed(["power", "--problem", "problem.json", ...words], { cwd: folder });
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
  }),
);

it.each([
  [{ ...file, nois: [1, 1] }, /problem\.json: nois: unknown field "nois"; did you mean "noise"\?/],
  [{ ...file, interference: [[0, 1]] }, /interference: 1 rows where 2 are needed/],
  [{ ...file, signal: [2, null] }, /signal\[1\]: null is not a number/],
  [{ ...file, noise: [1, -1] }, /noise\[1\]: -1/],
])("refuses %j", (wrong, message) =>
  inFolder(async (folder) => {
    writeFileSync(join(folder, "problem.json"), JSON.stringify(wrong));
    const { status, stderr, stdout } = await cellfed(["power", "--problem", "problem.json"], { cwd: folder });
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
  }),
);
