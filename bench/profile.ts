import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { markdownTable, textTable } from "../src/report/tables/table.js";
import type { JobOptions } from "./comparison.js";
import { kernelNames } from "./kernelNames.js";
import { type CpuProfile, type Shares, sharesOf } from "./profileShares.js";
import { machineText, thisMachine, writeFragment } from "./report.js";

const paperRadio = [
  ...["network.clients=40", "network.accessPoints=100", "network.antennas=4", "network.clusters=dcc"],
  "network.deployment.accessPoints=uniform",
].flatMap((setting) => ["--set", setting]);

/** What users wait for, one worker each, so that a thread's profile is the whole work's. */
const jobs: Record<string, string[]> = {
  "run quick": ["run", "quick"],
  "run paper-mnist, 1 round": ["run", "paper-mnist", "--rounds", "1"],
  "compare, 4 cells × 2 seeds × 2 drops": [
    ...["compare", "quick", "--quantizers", "emq,laq", "--power", "most-rounds,joint"],
    ...["--seeds", "1..2", "--drops", "2"],
  ],
  "rates, P-MMSE, L = 100, N = 4, K = 40, 1000 realizations": [
    ...["rates", "--combining", "p-mmse", "--realizations", "1000", ...paperRadio],
  ],
};

/** Runs the command under V8's profiler and says where the time goes: one line a thread that did more than 2 % of it. */
export async function run({ docs }: JobOptions): Promise<void> {
  const machine = thisMachine();
  console.log(machineText(machine));
  const names = kernelNames();
  const data = process.env.CELLFED_DATA ?? "../shared/data";
  const rows: (Shares & { job: string })[] = [];
  for (const [job, args] of Object.entries(jobs)) {
    const folder = mkdtempSync(join(tmpdir(), "cellfed-profile-"));
    try {
      const withData = job.includes("mnist") && existsSync(data) ? ["--data-dir", data] : [];
      const command = ["--cpu-prof", `--cpu-prof-dir=${folder}`, "dist/cli.js", ...args, ...withData];
      const child = spawnSync(process.execPath, [...command, "--workers", "1", "--no-out"], { encoding: "utf8" });
      if (child.status !== 0) {
        console.log(`${job}: left out (${child.stderr.trim().split("\n").at(-1)})`);
        continue;
      }
      const profiles = readdirSync(folder).map((file) =>
        sharesOf(JSON.parse(readFileSync(join(folder, file), "utf8")) as CpuProfile, names),
      );
      const busy = profiles.reduce((sum, one) => sum + one.busy, 0);
      for (const shares of profiles) if (shares.busy > 0.02 * busy) rows.push({ job, ...shares });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  console.log(textTable(rows, columns));
  if (docs)
    writeFragment(
      "docs/performance.md",
      "profile",
      `\n${machineText(machine)}.\n\n${markdownTable(rows, columns, { ownWords: true })}\n`,
    );
}

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

const columns = [
  { label: "job, a line a thread", value: ({ job }: Shares & { job: string }) => job },
  { label: "s", value: ({ seconds }: Shares) => seconds, digits: 2 },
  { label: "kernels", value: ({ kernels }: Shares) => percent(kernels) },
  { label: "JavaScript", value: ({ javascript }: Shares) => percent(javascript) },
  { label: "Node, loading", value: ({ node }: Shares) => percent(node) },
  { label: "collector", value: ({ collector }: Shares) => percent(collector) },
  { label: "idle", value: ({ idle }: Shares) => percent(idle) },
  {
    label: "largest",
    value: ({ largest }: Shares) => largest.map(({ name, share }) => `${name} ${percent(share)}`).join(", "),
  },
  {
    // Amdahl: what would be left if kernels took no time at all
    label: "without kernels, s",
    value: ({ seconds, kernels, idle }: Shares) => seconds * Math.max(0, 1 - kernels - idle),
    digits: 2,
  },
];
