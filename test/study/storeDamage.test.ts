import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { crc32 } from "../../src/disk/checksum.js";
import { encodeRecord } from "../../src/study/store/line.js";
import { scanJournal } from "../../src/study/store/scan.js";
import { damage, damages, type Files, randomOf } from "./storeDamages.js";
import { fuzzStore } from "./storeFuzz.js";
import { runOf } from "./storeRecords.js";
import { temporaryFolder } from "./temporaryFolder.js";

describe("a damaged store", () => {
  it("loses the records that were damaged and nothing else", { timeout: 120_000 }, async () => {
    const { lost, records, damages: done } = await fuzzStore(250, 1);
    // The damages do damage, all of them, and most records survive them.
    expect([...done.keys()].sort()).toEqual(Object.keys(damages).sort());
    expect(lost).toBeGreaterThan(250);
    expect(lost).toBeLessThan(records / 3);
  });

  it("is read the same in whatever pieces", () => {
    const path = join(temporaryFolder(), "a.jsonl");
    const sound = Buffer.concat(Array.from({ length: 8 }, (_, number) => encodeRecord(runOf(number))));
    for (let number = 0; number < 60; number++) {
      const files: Files = new Map([["a", sound]]);
      damage(files, randomOf(number));
      writeFileSync(path, files.get("a")!);
      const whole = events(path, 2 ** 22);
      for (const chunk of [1, 64, 1000]) expect(events(path, chunk)).toEqual(whole);
    }
  });

  it("goes on where it was when the last line was not finished", () => {
    const path = join(temporaryFolder(), "a.jsonl");
    const [first, second] = [runOf(1), runOf(2)].map((record) => encodeRecord(record));
    for (const cut of [0, 1, 50, second!.length - 1]) {
      writeFileSync(path, Buffer.concat([first!, second!.subarray(0, cut)]));
      const { next } = scan(path, 2 ** 22);
      writeFileSync(path, Buffer.concat([first!, second!, first!]));
      const keys = scan(path, 2 ** 22, next).found.map(([key]) => key);
      // A line that lacked its newline alone was a record before.
      expect(keys).toEqual(cut === second!.length - 1 ? ["run1"] : ["run2", "run1"]);
    }
  });
});

function events(path: string, chunk: number): unknown[] {
  return scan(path, chunk).found;
}

function scan(path: string, chunk: number, from = { offset: 0, line: 1 }) {
  const file = openSync(path, "r");
  const found: unknown[][] = [];
  const next = scanJournal(
    file,
    from,
    {
      onRecord: (head, place, line) => found.push([head.key, place, line.length]),
      onDamage: (one) => found.push(["damage", one]),
    },
    chunk,
  );
  closeSync(file);
  return { found, next };
}

describe("the check of a line", () => {
  it("is the CRC-32 that everybody has", () => {
    expect(crc32(Buffer.from("123456789"))).toBe(0xcbf43926);
    expect(crc32(Buffer.alloc(0))).toBe(0);
    const line = encodeRecord(runOf(3)).toString().trimEnd();
    const [, text, check] = /^(.*),"check":"([0-9a-f]{8})"\}$/.exec(line)!;
    expect(Number.parseInt(check!, 16)).toBe(crc32(Buffer.from(text!)));
  });
});
