import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stream } from "../bindings/random.js";
import { runFigures, runSummary, runValue } from "../src/study/store/columns.js";
import { exportRounds, exportRuns } from "../src/study/store/exports.js";
import { openFolderStore, readFolderStore } from "../src/study/store/folder.js";

type RunSummary = NonNullable<ReturnType<typeof runSummary>>;

const trainings = 2500;
const pricesEach = 40;
const rounds = 50;

/** A large study: 2500 trainings, 40 prices each, 50 rounds: 100,000 runs written, opened, summarized and exported. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "cellfed-bench-"));
  try {
    const directory = join(folder, "study");
    await timed("write 100,000 runs", () => write(directory));
    const journals = readdirSync(join(directory, "journal")).map(
      (name) => statSync(join(directory, "journal", name)).size,
    );
    console.log(`${"journals".padEnd(32)} ${(journals.reduce((sum, size) => sum + size, 0) / 1e6).toFixed(0)} MB`);
    const store = await timed("open: every line checked", () => readFolderStore(directory));
    const cells = await timed("summarize", () => summarize(store));
    console.log(`${"cells".padEnd(32)} ${cells}`);
    console.log(`${"memory at most".padEnd(32)} ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
    await timed("all with their courses", () => readAll(store));
    for (const format of ["csv", "parquet"] as const) {
      const file = join(folder, `table.${format}`);
      await timed(`export runs, ${format}`, () => exportRuns(store, store.keys("run"), file, format));
      await timed(`export 5.1 million rounds, ${format}`, () => exportRounds(store, store.keys("run"), file, format));
      console.log(`${"".padEnd(32)} ${(statSync(file).size / 1e6).toFixed(0)} MB`);
    }
    console.log(`${"memory at most".padEnd(32)} ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
    await store.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function write(directory: string): Promise<void> {
  const store = await openFolderStore(directory, { plan: { trainings, pricesEach, rounds } });
  for (let training = 0; training < trainings; training++) {
    const values = new Float64Array(4 * rounds);
    stream(1, "test", training).fillUniform(values, 0, 1);
    const records = Array.from({ length: pricesEach }, (_, price) => runOf(training, price, values));
    await store.add(records.map((summary) => ({ kind: "run", key: summary.key, value: runValue(summary) })));
  }
  await store.close();
}

/** Figures with as many digits as real ones have. */
function runOf(training: number, price: number, values: Float64Array): RunSummary {
  const course = (start: number | null, value: (round: number) => number) => [
    start,
    ...Array.from({ length: rounds }, (_, round) => value(round)),
  ];
  const bits = (round: number) => 3_200_000 * (round + 1) + Math.floor(1e5 * values[round]!);
  const scale = 1 + price / 7;
  return {
    key: `${(training * 0x9e3779b1) >>> 0}-${training}-${price}`.padStart(32, "0"),
    trace: `${(training * 0x85ebca6b) >>> 0}-${training}`.padStart(32, "0"),
    cell: `emq:digits=${training % 5} · method ${price % 4}`,
    labels: { quantizer: `emq:digits=${training % 5}`, power: `method ${price % 4}`, "network.clients": "40" },
    seed: Math.floor(training / 5),
    drop: Math.floor(price / 4),
    ended: { by: "energy", reason: "the next round would need more than the 0.5 J of the budget" },
    final: {
      accuracy: values[0]!,
      testLoss: values[1]!,
      rounds,
      energy: scale * values[2]!,
      latency: scale * values[3]!,
      nominalBitsPerEntry: 4 + values[4]!,
      wireBitsPerEntry: 5 + values[5]!,
      nominalSaving: values[6]!,
      wireSaving: values[7]!,
    },
    fingerprint: { config: "0123456789abcdef", results: "fedcba9876543210" },
    course: {
      accuracy: course(0.1, (round) => values[round]!),
      loss: course(2.3, (round) => values[rounds + round]!),
      energy: course(0, (round) => scale * (round + values[2 * rounds + round]!)) as number[],
      latency: course(0, (round) => scale * (round + values[3 * rounds + round]!)) as number[],
      nominalBits: course(0, bits) as number[],
      wireBits: course(0, bits) as number[],
    },
  };
}

async function summarize(store: Awaited<ReturnType<typeof readFolderStore>>): Promise<number> {
  const cells = new Map<string, { runs: number; accuracy: number; energy: number }>();
  for await (const record of store.select(store.finished(), runFigures)) {
    const { cell, final } = runSummary(record)!;
    const sums = cells.get(cell) ?? { runs: 0, accuracy: 0, energy: 0 };
    cells.set(cell, {
      runs: sums.runs + 1,
      accuracy: sums.accuracy + final.accuracy!,
      energy: sums.energy + final.energy,
    });
  }
  return cells.size;
}

async function readAll(store: Awaited<ReturnType<typeof readFolderStore>>): Promise<void> {
  for await (const record of store.select(store.finished())) runSummary(record);
}

async function timed<T>(what: string, action: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  const used = process.cpuUsage();
  const result = await action();
  const { user, system } = process.cpuUsage(used);
  const seconds = (performance.now() - begun) / 1000;
  console.log(`${what.padEnd(32)} ${seconds.toFixed(2)} s, ${((user + system) / 1e6).toFixed(2)} s of processor time`);
  return result;
}
