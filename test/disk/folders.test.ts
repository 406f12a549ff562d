import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makeFolder } from "../../src/disk/folders.js";
import { inFolder } from "../cli/spawn.js";

it("makes a folder and those on the way, and says where it began", () =>
  inFolder(async (folder) => {
    expect(makeFolder(join(folder, "a/b/c"))).toBe(join(folder, "a"));
    expect(existsSync(join(folder, "a/b/c"))).toBe(true);
    expect(makeFolder(join(folder, "a/b"))).toBeUndefined();
    writeFileSync(join(folder, "file"), "");
    expect(() => makeFolder(join(folder, "file"))).toThrow(/EEXIST/);
    expect(() => makeFolder(join(folder, "file/below"))).toThrow(/ENOTDIR/);
  }));

it.skipIf(!existsSync("/proc/self"))("gives up where the system makes no folders, instead of trying for ever", () => {
  expect(() => makeFolder("/proc/nothing/here")).toThrow(/ENOENT|EACCES|EPERM/);
});
