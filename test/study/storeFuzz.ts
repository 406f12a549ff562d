import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Store, StoreRecord } from "../../src/study/store/contract.js";
import { exportRounds, exportRuns } from "../../src/study/store/exports.js";
import { type FolderStore, openFolderStore } from "../../src/study/store/folder.js";
import { damage, type Files, randomOf } from "./storeDamages.js";
import { runOf } from "./storeRecords.js";

const plan = { base: "quick", seeds: [1, 2, 3], axes: { quantizer: ["emq", "laq"] } };

/** A store of three writers before anything happens to it. */
interface Sound {
  files: Files;
  /** Finished records, and the lines they have in the journals */
  records: Map<string, StoreRecord>;
  lines: Map<string, Buffer[]>;
  /** First lines */
  headers: Buffer[];
  exports: Buffer[];
}

export interface FuzzResult {
  cases: number;
  /** Records that were lost and computed again, of all in all cases */
  lost: number;
  records: number;
  /** How often each damage was done */
  damages: Map<string, number>;
}

/**
 * Damages a store again and again and looks at what is left of it:
 * - a record whose line still stands somewhere, byte by byte, is served as it was, and no other is;
 * - of what is lost, every key that still stands where keys do is named;
 * - once the lost records are added again, the exports are those of the sound store, byte by byte.
 * @throws Error saying which case, what was done to it, and what is wrong
 */
export async function fuzzStore(cases: number, seed: number, onCase?: (done: number) => void): Promise<FuzzResult> {
  // In memory where the system has such a folder: this is about bytes, and waiting for a disk tells nothing.
  const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "cellfed-damage-"));
  try {
    const sound = await soundStore(join(folder, "sound"));
    const result: FuzzResult = { cases, lost: 0, records: 0, damages: new Map() };
    for (let number = 0; number < cases; number++) {
      const files: Files = new Map(sound.files);
      const random = randomOf(seed * 1_000_003 + number);
      const done = damage(files, random);
      // The first line of any journal tells what a damaged plan was.
      const told = [...files.values()].some((bytes) => sound.headers.some((header) => bytes.includes(header)));
      const planText = Buffer.from(JSON.stringify(plan));
      if (told && random(3) === 0) planText[random(planText.length)] = random(256);
      const directory = join(folder, "damaged");
      try {
        result.lost += await checkCase(directory, planText, files, sound);
      } catch (error) {
        throw new Error(`case ${number} of seed ${seed} (${done.join(", ")}): ${(error as Error).message}`, {
          cause: error,
        });
      }
      result.records += sound.records.size;
      for (const name of done) {
        const kind = name.replace(/ \(.*/, "");
        result.damages.set(kind, (result.damages.get(kind) ?? 0) + 1);
      }
      rmSync(directory, { recursive: true });
      onCase?.(number + 1);
    }
    return result;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function soundStore(directory: string): Promise<Sound> {
  const records = new Map<string, StoreRecord>();
  for (const [i, writer] of ["a", "b", "c"].entries()) {
    const store = await openFolderStore(directory, { resume: true, plan, writer });
    for (let number = i; number < 40; number += 3) {
      const added = recordsOf(number);
      await store.add(added);
      for (const record of added) {
        if (record.failure === undefined && record.kind !== "timing") records.set(record.key, record);
      }
    }
    // The same as another writer's, and a failure that comes too late to count.
    const twice = recordsOf(2).filter(({ kind }) => kind === "run");
    await store.add([...twice, { kind: "run", key: "run1", failure: "out of memory", value: {} }]);
    await store.close();
  }
  const store = await openFolderStore(directory, { resume: true, plan });
  const files: Files = new Map(
    readdirSync(join(directory, "journal")).map((name) => [name, readFileSync(join(directory, "journal", name))]),
  );
  const headers = [...files.values()].map((bytes) => bytes.subarray(0, bytes.indexOf(10)));
  const lines = new Map<string, Buffer[]>();
  for (const bytes of files.values()) {
    for (const line of bytes.toString("latin1").split("\n").slice(0, -1)) {
      const { kind, key, failure } = JSON.parse(Buffer.from(line, "latin1").toString());
      if (kind === "journal" || kind === "timing" || failure !== undefined) continue;
      lines.set(key, [...(lines.get(key) ?? []), Buffer.from(line, "latin1")]);
    }
  }
  const exports = await exported(store, directory, records);
  await store.close();
  return { files, records, lines, headers, exports };
}

/** What a job gives, with things in it that could be mistaken for a record. */
function recordsOf(number: number): StoreRecord[] {
  const tricky = {
    v: `{"v":2,"numerics":2,"kind":"run","key":"run${number}"`,
    check: ',"check":"00000000"}',
    ü: "größe",
  };
  const run = runOf(number, number % 4 === 0 ? { value: { ...runOf(number).value, labels: tricky } } : {});
  return [
    ...(number % 5 === 0 ? [{ kind: "run", key: run.key, failure: "a first attempt", value: {} } as const] : []),
    { kind: "trace", key: `trace${number}`, value: { parameters: number, rounds: [{ v: 1, bits: [1, 2.5, number] }] } },
    run,
    { kind: "timing", key: `trace${number}`, value: { job: "training", seconds: number / 7 } },
  ];
}

/** @returns how many records were lost */
async function checkCase(directory: string, planText: Buffer, files: Files, sound: Sound): Promise<number> {
  mkdirSync(join(directory, "journal"), { recursive: true });
  writeFileSync(join(directory, "plan.json"), planText);
  for (const [name, bytes] of files) writeFileSync(join(directory, "journal", name), bytes);
  const intact = (key: string) =>
    sound.lines.get(key)!.some((line) => [...files.values()].some((bytes) => bytes.includes(line)));
  const expected = new Map([...sound.records].filter(([key]) => intact(key)));

  const store = await openFolderStore(directory, { resume: true, plan });
  const lost = [...sound.records.keys()].filter((key) => !store.finished().has(key));
  await checkServed(store, expected);
  checkNamed(store, files, lost);
  await store.add(lost.map((key) => sound.records.get(key)!));
  await checkServed(store, sound.records);
  await store.close();

  const again = await openFolderStore(directory, { resume: true, plan });
  await checkServed(again, sound.records);
  const stillLost = again.findings.filter(({ key, lost }) => lost === true && sound.records.has(key!));
  if (stillLost.length > 0) throw new Error(`said to be lost though it is there: ${JSON.stringify(stillLost[0])}`);
  const exports = await exported(again, directory, sound.records);
  await again.close();
  if (!exports.every((bytes, i) => bytes.equals(sound.exports[i]!))) throw new Error("exports are other ones");
  return lost.length;
}

async function checkServed(store: Store, expected: ReadonlyMap<string, StoreRecord>): Promise<void> {
  for (const key of store.finished()) {
    if (!expected.has(key)) throw new Error(`${key} is served though it was damaged`);
  }
  for (const [key, record] of expected) {
    const served = await store.get(key);
    if (!store.finished().has(key)) throw new Error(`${key} is not served though it was not damaged`);
    if (!isDeepStrictEqual(served, JSON.parse(JSON.stringify(record)))) throw new Error(`${key} is served as another`);
  }
}

/** Every key of a lost record that stands behind its kind in what is left. */
function checkNamed(store: FolderStore, files: Files, lost: readonly string[]): void {
  const named = new Set(store.findings.filter((finding) => finding.lost === true).map(({ key }) => key));
  for (const key of lost) {
    const kind = key.replace(/\d+/, "");
    const member = `"kind":"${kind}","key":"${key}","${kind}":`;
    const there = [...files.values()].some((bytes) => bytes.includes(member));
    if (there && !named.has(key)) throw new Error(`${key} was lost and is not named`);
  }
}

async function exported(store: Store, directory: string, records: ReadonlyMap<string, StoreRecord>): Promise<Buffer[]> {
  const keys = [...records.values()].flatMap(({ kind, key }) => (kind === "run" ? [key] : []));
  const [runs, rounds] = ["runs.csv", "rounds.csv"].map((name) => join(directory, name));
  await exportRuns(store, keys, runs!, "csv");
  await exportRounds(store, keys, rounds!, "csv");
  return [readFileSync(runs!), readFileSync(rounds!)];
}
