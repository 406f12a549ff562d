import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { concludeShipped } from "../../src/cli/files/shipped.js";
import { reproductionFiles } from "../../src/report/pages/reproduction.js";
import {
  cellsForDocs,
  claimsForDocs,
  scalesForDocs,
  tablesForDocs,
  verdictsForDocs,
} from "../../src/report/pages/reproductionDocs.js";
import { readShippedStudy, recordsFile, studyFile } from "../../src/report/pages/shippedStudy.js";
import type { StoreRecord } from "../../src/study/store/contract.js";
import { memoryStore } from "../../src/study/store/memory.js";
import { openShipped, shipRecords, watched } from "../../src/study/store/shipped.js";
import { numerics } from "../../src/version.js";
import { cellfed } from "../cli/spawn.js";
import { temporaryFolder } from "./temporaryFolder.js";

const record = (key: string, more: Partial<StoreRecord> = {}): StoreRecord => ({
  kind: "run",
  key,
  value: { seed: 1, accuracy: 0.25, course: { energy: [0, 0.125] } },
  ...more,
});

describe("shipped records", () => {
  it("are those that were read, failures too, in their order, and come back as they were", async () => {
    const store = memoryStore();
    await store.add([record("a"), record("b"), record("c", { failure: "it diverged" }), record("d")]);
    const { store: seen, keys } = watched(store);
    for await (const _one of seen.select(["d", "b", "missing"]));
    await seen.get("c");
    await seen.get("nothing");
    expect(keys()).toEqual(["d", "b", "c"]);
    const again = await openShipped(await shipRecords(store, keys()), "there");
    expect([again.records, again.numerics]).toEqual([3, numerics]);
    for (const key of keys()) expect(await again.store.get(key)).toEqual(await store.get(key));
    expect(await again.store.get("a")).toBeUndefined();
    expect([...again.store.failed()]).toEqual(["c"]);
  });

  it("keep the numerics that they were made by, and are refused where they are damaged", async () => {
    const store = memoryStore();
    await store.add([record("a"), record("b")]);
    const bytes = await shipRecords(store, ["a", "b"], numerics + 1);
    expect((await openShipped(bytes, "there")).numerics).toBe(numerics + 1);
    const text = brotliDecompressSync(bytes).toString();
    const packed = (changed: string) => openShipped(brotliCompressSync(Buffer.from(changed)), "there");
    await expect(packed(text.replace("0.25", "0.75"))).rejects.toThrow("there: record 1 is damaged");
    await expect(packed(text.slice(0, -1))).rejects.toThrow("there: record 2 is damaged");
    await expect(openShipped(bytes.subarray(0, 40), "there")).rejects.toThrow("there: not compressed records");
    const other = brotliDecompressSync(await shipRecords(store, ["b"])).toString();
    await expect(packed(`${text.split("\n")[0]}\n${other}`)).rejects.toThrow("no store mixes two");
  });
});

const docs = new URL("../../docs/", import.meta.url).pathname;
const published = readdirSync(join(docs, "reproduction")).filter((name) =>
  existsSync(join(docs, "reproduction", name, studyFile)),
);

const made = new Map<string, ReturnType<typeof rebuild>>();

/** What a published report's data give. */
function rebuilt(name: string): ReturnType<typeof rebuild> {
  const known = made.get(name) ?? rebuild(name);
  made.set(name, known);
  return known;
}

async function rebuild(name: string) {
  const folder = join(docs, "reproduction", name);
  const study = readShippedStudy(readFileSync(join(folder, studyFile), "utf8"), studyFile);
  const { results, scale } = await concludeShipped(study, readFileSync(join(folder, recordsFile)), folder);
  const files = await reproductionFiles(results, { ...study, scale });
  return { folder, results, scale: scale.name, files };
}

const makers = { claims: claimsForDocs, cells: cellsForDocs, tables: tablesForDocs, verdicts: verdictsForDocs };

/*
 * After a change of the experiments: `cellfed reproduce … --out` into the folder, or `--from` it where only tables and
 * figures changed; `npx vitest run test/study/shipped.test.ts -u` renews the page.
 */
describe("the published reports", () => {
  it("are there", () => expect(published).toContain("quick"));

  it.each(published)(
    "%s is what its data give, every figure, table and verdict, byte for byte",
    async (name) => {
      const { folder, files } = await rebuilt(name);
      const there = readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
        .filter((file) => file !== studyFile && file !== recordsFile);
      expect(there).toContain("report.html");
      for (const file of there) expect(files.get(file) === readFileSync(join(folder, file), "utf8"), file).toBe(true);
    },
    120_000,
  );

  it("have their claims on the page, in the words of their verdicts, and their tables", async () => {
    let page = readFileSync(join(docs, "reproduction.md"), "utf8");
    const blocks =
      /<!-- (claims|cells|tables|verdicts|scales) of ([a-z]+)(?: beside ([a-z]+))?(?:: ([a-z-]+))? -->\n[\s\S]*?<!-- end of \1 -->/g;
    const shown = [...page.matchAll(blocks)];
    expect(new Set(shown.map(([, kind]) => kind))).toEqual(new Set([...Object.keys(makers), "scales"]));
    for (const [block, kind, name, other, experiment] of shown) {
      const { results, scale } = await rebuilt(name!);
      const beside = other === undefined ? undefined : await rebuilt(other);
      const text = beside
        ? scalesForDocs(experiment!, [beside.results, beside.scale], [results, scale])
        : makers[kind as keyof typeof makers](results, experiment!);
      const head = block.slice(0, block.indexOf("\n"));
      page = page.replace(block, () => `${head}\n${text}<!-- end of ${kind} -->`);
    }
    await expect(page).toMatchFileSnapshot("../../docs/reproduction.md");
  }, 120_000);

  it("are made again by the command, which refuses what the data say themselves", async () => {
    const folder = join(docs, "reproduction", "quick");
    const out = temporaryFolder();
    const { status, stdout } = await cellfed(["reproduce", "--from", folder, "--out", out, "--json"]);
    expect(status).toBe(0);
    const { claims } = JSON.parse(stdout);
    expect(claims).toEqual(JSON.parse(readFileSync(join(folder, "claims.json"), "utf8")));
    for (const file of ["report.html", "claims.md", studyFile, recordsFile]) {
      expect(readFileSync(join(out, file)).equals(readFileSync(join(folder, file))), file).toBe(true);
    }
    for (const more of [["--seeds", "1"], ["--scale", "quick"], ["power"], ["--set", "rounds=3"]]) {
      const refused = await cellfed(["reproduce", ...more, "--from", folder]);
      expect([refused.status, refused.stderr]).toEqual([2, expect.stringMatching(/the data of --from say it/)]);
    }
    const nowhere = await cellfed(["reproduce", "--from", out.slice(0, -1)]);
    expect([nowhere.status, nowhere.stderr]).toEqual([2, expect.stringMatching(/study.json: there is no such file/)]);
  }, 120_000);

  it("are refused where the experiments ask for other records", async () => {
    const folder = join(docs, "reproduction", "quick");
    const study = readShippedStudy(readFileSync(join(folder, studyFile), "utf8"), studyFile);
    const bytes = readFileSync(join(folder, recordsFile));
    await expect(concludeShipped({ ...study, experiments: ["power"] }, bytes, folder)).rejects.toThrow(
      /records are used: the experiments of this version ask for others/,
    );
    await expect(concludeShipped({ ...study, records: 1 }, bytes, folder)).rejects.toThrow(/but 1 were shipped/);
    expect(() => readShippedStudy("{}", "s.json")).toThrow(/s.json: its format is undefined/);
    expect(() => readShippedStudy(JSON.stringify({ ...study, notes: 1 }), "s.json")).toThrow(/notes is no list/);
  }, 120_000);
});
