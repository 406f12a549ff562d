import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { diskReason, removeParts, streamWhole, writeAllWhole, writeFirst, writeWhole } from "../../src/disk/files.js";
import { inFolder } from "../cli/spawn.js";

describe("a file that is written whole", () => {
  it("takes its place with all that it holds, in folders that are made", () =>
    inFolder(async (folder) => {
      const path = join(folder, "a", "b", "one.txt");
      writeWhole(path, "first");
      writeWhole(path, new Uint8Array([50, 110, 100]));
      expect(readFileSync(path, "utf8")).toBe("2nd");
      expect(readdirSync(join(folder, "a", "b"))).toEqual(["one.txt"]);
    }));

  it("with others: all of them or none, and the error names the one", () =>
    inFolder(async (folder) => {
      const [first, second] = [join(folder, "first"), join(folder, "second")];
      writeFileSync(first, "before");
      mkdirSync(second);
      const both = [first, second].map((path) => ({ path, content: "after" }));
      expect(() => writeAllWhole(both)).toThrow(expect.objectContaining({ path: second }));
      expect(readFileSync(first, "utf8")).toBe("before");
      expect(readdirSync(folder).sort()).toEqual(["first", "second"]);
    }));

  it("leaves a link a link and a pipe a pipe", () =>
    inFolder(async (folder) => {
      const [real, link, pipe] = ["real", "link", "pipe"].map((name) => join(folder, name)) as [string, string, string];
      writeFileSync(real, "before");
      symlinkSync(real, link);
      writeWhole(link, "after");
      expect(lstatSync(link).isSymbolicLink()).toBe(true);
      expect(readFileSync(real, "utf8")).toBe("after");
      execFileSync("mkfifo", [pipe]);
      const reader = spawn("cat", [pipe], { stdio: "ignore" });
      writeWhole(pipe, "through");
      await new Promise((resolve) => reader.once("close", resolve));
      expect(lstatSync(pipe).isFIFO()).toBe(true);
      writeWhole("/dev/null", "nothing");
      expect(lstatSync("/dev/null").isCharacterDevice()).toBe(true);
    }));

  it("may have a name as long as there can be", () =>
    inFolder(async (folder) => {
      writeWhole(join(folder, "n".repeat(255)), "long");
      expect(() => writeWhole(join(folder, "n".repeat(256)), "longer")).toThrow(/ENAMETOOLONG/);
      expect(readdirSync(folder)).toEqual(["n".repeat(255)]);
    }));

  it.runIf(process.getuid?.() !== 0)("is refused by a folder that is read-only", () =>
    inFolder(async (folder) => {
      chmodSync(folder, 0o500);
      try {
        expect(() => writeWhole(join(folder, "one"), "")).toThrow(/EACCES/);
      } finally {
        chmodSync(folder, 0o700);
      }
    }),
  );

  it("written part by part leaves nothing where a part fails", () =>
    inFolder(async (folder) => {
      const path = join(folder, "a", "table");
      const failing = streamWhole(path, async () => {
        throw new Error("the rows end early");
      });
      await expect(failing).rejects.toThrow("the rows end early");
      expect(readdirSync(join(folder, "a"))).toEqual([]);
    }));

  it("where there may be none yet gives way to the one that is there", () =>
    inFolder(async (folder) => {
      const path = join(folder, "one");
      expect([writeFirst(path, "first"), writeFirst(path, "second")]).toEqual([true, false]);
      expect(readFileSync(path, "utf8")).toBe("first");
    }));

  it("leaves parts where it is killed, which the next one takes away, wherever in the folder", () =>
    inFolder(async (folder) => {
      const part = (name: string, host: string, number: number) =>
        join(folder, `.${name}.${host}-${number}-0123abcd.part`);
      const here = hostname()
        .replace(/[^\w-]/g, "_")
        .slice(0, 60);
      mkdirSync(join(folder, "figures"));
      const ended = spawnSync(process.execPath, ["--version"]).pid;
      const gone = [
        part("killed", here, ended),
        join(folder, "figures", `.killed.svg.${here}-${ended}-0123abcd.part`),
        part("old", "elsewhere", 1),
      ];
      const left = [part("being-written", here, process.ppid), part("theirs", "elsewhere", 1), join(folder, "one")];
      for (const path of [...gone, ...left]) writeFileSync(path, "");
      utimesSync(gone[2]!, 0, 0);
      removeParts(folder);
      expect(gone.filter((path) => existsSync(path))).toEqual([]);
      expect(left.filter((path) => !existsSync(path))).toEqual([]);
    }));
});

it("says what the system says in words", () => {
  const error = (code: string) => Object.assign(new Error(`${code}: as it is`), { code });
  expect(diskReason(error("ENOSPC"))).toBe("the disk is full");
  expect(diskReason(error("EFBIG"))).toContain("ulimit -f");
  expect(diskReason(error("EUNKNOWN"))).toBe("EUNKNOWN: as it is");
});
