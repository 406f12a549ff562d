import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { thisProcess } from "../../src/disk/owner.js";
import { differenceOf, type ResultsPlan } from "../../src/disk/plan.js";
import { type OpenResults, openResults } from "../../src/disk/results.js";
import { openStateFile } from "../../src/disk/state.js";
import { inFolder } from "../cli/spawn.js";

const plan: ResultsPlan = { command: "run", numerics: 3, config: { rounds: 30, network: { clients: 10 } } };

function open(target: string, more: Partial<OpenResults> & { plan?: ResultsPlan } = {}) {
  const { plan: asked = plan, ...options } = more;
  const said: string[] = [];
  const folder = openResults(target, asked, {
    resume: false,
    first: { "config.json": "{}\n" },
    say: (one) => said.push(one),
    ...options,
  });
  return { ...folder, said };
}

describe("a results folder", () => {
  it("stands from the beginning, and says what it found", () =>
    inFolder(async (folder) => {
      const target = join(folder, "a", "run");
      const first = open(target);
      expect(first.found).toBe("nothing");
      expect(readdirSync(target).sort()).toEqual(["config.json", "state"]);
      expect(readdirSync(join(folder, "a"))).toEqual(["run"]);
      expect(() => open(target)).toThrow(/being worked on by process/);
      forget(target);
      expect(() => open(target)).toThrow(/holds something unfinished: go on with --resume/);
      const second = open(target, { resume: true });
      expect(second.found).toBe("unfinished");
      second.write("figures/one.svg", "<svg/>");
      second.finish();
      expect(readFileSync(join(target, "figures", "one.svg"), "utf8")).toBe("<svg/>");
      expect(open(target, { resume: true }).found).toBe("finished");
      forget(target);
      expect(() => open(target)).toThrow(/is not empty \(allowed: a new or an empty folder\)/);
    }));

  it("takes away what it made, and nothing else", () =>
    inFolder(async (folder) => {
      const made = open(join(folder, "a", "b", "run"));
      made.write("figures/one.svg", "");
      made.discard();
      expect(readdirSync(folder)).toEqual([]);
      const target = join(folder, "theirs");
      mkdirSync(target);
      const shared = open(target);
      writeFileSync(join(target, "notes"), "");
      shared.discard();
      expect(readdirSync(target)).toEqual(["notes"]);
    }));

  it("goes on where it was killed while its first files were put there, and mends them", () =>
    inFolder(async (folder) => {
      const target = join(folder, "run");
      mkdirSync(target);
      writeFileSync(join(target, "config.json"), "{}\n");
      expect(open(target, { resume: true }).found).toBe("nothing");
      forget(target);
      writeFileSync(join(target, "config.json"), "{");
      writeFileSync(join(target, ".rounds.csv.elsewhere-99-0123abcd.part"), "half");
      utimesSync(join(target, ".rounds.csv.elsewhere-99-0123abcd.part"), 0, 0);
      expect(open(target, { resume: true }).found).toBe("unfinished");
      expect(readFileSync(join(target, "config.json"), "utf8")).toBe("{}\n");
      expect(readdirSync(target).sort()).toEqual(["config.json", "state"]);
    }));

  it("is the same folder that was there, so that nobody who stands in it loses it", () =>
    inFolder(async (folder) => {
      const { ino } = statSync(folder);
      expect(open(folder).found).toBe("nothing");
      expect(statSync(folder).ino).toBe(ino);
      expect(readdirSync(folder).sort()).toEqual(["config.json", "state"]);
    }));

  it("may be a link to another place", () =>
    inFolder(async (folder) => {
      mkdirSync(join(folder, "disk"));
      symlinkSync(join(folder, "disk"), join(folder, "link"));
      open(join(folder, "link"));
      expect(readdirSync(join(folder, "disk")).sort()).toEqual(["config.json", "state"]);
    }));

  it("without a name of its own goes on with the same plan, and is replaced by another's or by the same again", () =>
    inFolder(async (folder) => {
      const target = join(folder, "rates");
      const last = { byDefault: "last" as const };
      open(target, last).write("old.csv", "");
      forget(target);
      expect(open(target, last).found).toBe("unfinished");
      forget(target);
      expect(open(target, { ...last, plan: { ...plan, drops: 3 } }).found).toBe("nothing");
      expect(existsSync(join(target, "old.csv"))).toBe(false);
      forget(target);
      open(target, { ...last, resume: true, plan: { ...plan, drops: 3 } }).finish();
      expect(open(target, { ...last, plan: { ...plan, drops: 3 } }).found).toBe("nothing");
    }));

  it("of a damaged plan begins again where it is asked to go on, and says so", () =>
    inFolder(async (folder) => {
      const target = join(folder, "run");
      open(target);
      forget(target);
      writeFileSync(join(target, "state", "plan.json"), '{"command": 1');
      expect(() => open(target)).toThrow(/is not empty/);
      const again = open(target, { resume: true });
      expect(again.found).toBe("nothing");
      expect(again.said).toEqual([expect.stringMatching(/plan\.json is damaged: the work starts again/)]);
    }));
});

describe("a folder of a newer version", () => {
  it("is refused, whatever is asked for, and left as it is", () =>
    inFolder(async (folder) => {
      const target = join(folder, "run");
      open(target);
      forget(target);
      const file = join(target, "state", "plan.json");
      const newer = readFileSync(file, "utf8").replace('"format": 1', '"format": 2');
      writeFileSync(file, newer);
      for (const more of [{}, { resume: true }, { byDefault: "plan" as const }, { byDefault: "last" as const }])
        expect(() => open(target, more)).toThrow(/was written by a newer version/);
      expect(readFileSync(file, "utf8")).toBe(newer);
    }));
});

describe("what differs between two plans", () => {
  it.each<[string, ResultsPlan, string | undefined]>([
    ["nothing", { ...plan, config: { network: { clients: 10 }, rounds: 30 } }, undefined],
    [
      "a field of the config",
      { ...plan, config: { rounds: 30, network: { clients: 20 } } },
      "network.clients is 10 there, 20 here",
    ],
    ["a field that is not there", { ...plan, seeds: [1, 2] }, "seeds is not set there, [1,2] here"],
    ["the command", { ...plan, command: "rates" }, "it was made by `cellfed run`"],
    [
      "the numbers",
      { ...plan, numerics: 4 },
      "it was begun by a version whose results differ from this one's (numerics 3 there, 4 here)",
    ],
    ["a plugin", { ...plan, sources: { "mine.mjs": "ab" } }, "the plugin mine.mjs was not given there"],
  ])("%s", (_what, asked, message) => {
    expect(differenceOf(plan, asked)).toBe(message);
  });

  it("is seen at the end of a long list", () => {
    const layers = (last: number) => ({ ...plan, layers: [...Array.from({ length: 100 }, (_, i) => i), last] });
    expect(differenceOf(layers(1), layers(1))).toBeUndefined();
    expect(differenceOf(layers(1), layers(2))).toMatch(/^layers is \[0,1,2.*… there, \[0,1,2.*… here$/);
  });

  it("is told of a plugin's source, and of a few of many fields", () => {
    const from = { ...plan, sources: { "mine.mjs": "ab" } };
    expect(differenceOf(from, { ...plan, sources: { "mine.mjs": "cd" } })).toBe(
      "the source of mine.mjs has changed since",
    );
    expect(differenceOf(from, plan)).toBe("the plugin mine.mjs was given there");
    const fields = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`field${i}`, i]));
    expect(differenceOf(plan, { ...plan, ...fields })).toMatch(/^field0 is not set there, 0 here; .*; and 4 more$/);
  });
});

describe("a state file", () => {
  it("gives back the last bytes, or those before where the last are damaged in any byte", () =>
    inFolder(async (folder) => {
      const said: string[] = [];
      const file = openStateFile(folder, "training", (one) => said.push(one));
      expect(await file.read()).toBeUndefined();
      const [older, newer] = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5)];
      await file.write(older);
      await file.write(newer);
      const whole = readFileSync(join(folder, "training"));
      for (let at = 0; at < whole.length; at++) {
        const bad = Buffer.from(whole);
        bad[at]! ^= 1 << (at % 8);
        writeFileSync(join(folder, "training"), bad);
        expect([...(await file.read())!]).toEqual([...older]);
        writeFileSync(join(folder, "training"), whole);
        expect([...(await file.read())!]).toEqual([...newer]);
      }
      expect(said).toHaveLength(whole.length);
      for (let length = 0; length < whole.length; length++) {
        writeFileSync(join(folder, "training"), whole.subarray(0, length));
        expect([...(await file.read())!]).toEqual([...older]);
      }
      file.remove();
      expect(readdirSync(folder)).toEqual([]);
    }));
});

/** As if the process that worked in the folder had been killed. */
function forget(target: string): void {
  const owner = { ...thisProcess(), process: 2 ** 22 + 1, host: hostname() };
  writeFileSync(join(target, "state", "owner.json"), JSON.stringify(owner));
}
