/**
 * `npm run bench [-- selection … --full --seconds s --json file --check --keep-ratios --docs --list]`.
 *
 * A selection is an area, a comparison's name or its beginning. Without one: of every area what is not marked `full`.
 * Comparisons are data (one file an area, exporting `comparisons`); jobs measure and print by themselves.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { checkRatios, recordRatios } from "./check.js";
import type { Comparison, Job, Missing } from "./comparison.js";
import { interleave } from "./measure.js";
import { measuredPeak } from "./peak.js";
import { closePeers } from "./peers/pipe.js";
import {
  type Machine,
  machineText,
  peersText,
  type Result,
  resultsMarkdown,
  resultsText,
  thisMachine,
  writeFragment,
} from "./report.js";
import type { Side } from "./sides.js";

const areas: Record<string, () => Promise<{ comparisons: readonly Comparison[] }>> = {
  products: () => import("./gemm.js"),
  convolutions: () => import("./convolution.js"),
  networks: () => import("./networks.js"),
  gradients: () => import("./gradients.js"),
  quantizers: () => import("./quantizers.js"),
  coders: () => import("./coders.js"),
  matrices: () => import("./matrices.js"),
  radio: () => import("./radio.js"),
  optimize: () => import("./optimize.js"),
};

/** They take minutes, or need files: only when asked for by name. */
const jobs: Record<string, () => Promise<Job>> = {
  growth: () => import("./growth.js"),
  profile: () => import("./profile.js"),
  clients: () => import("./clients.js"),
  round: () => import("./round.js"),
  "fedavg-peer": () => import("./peers/fedavg.js"),
  store: () => import("./store.js"),
};

const page = "docs/performance.md";

async function main(): Promise<void> {
  const [first, axis, size] = process.argv.slice(2);
  if (first === "growth-point") return (await import("./growth.js")).point(axis!, Number(size));
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      full: { type: "boolean", default: false },
      seconds: { type: "string", default: "2" },
      json: { type: "string" },
      check: { type: "boolean", default: false },
      "keep-ratios": { type: "boolean", default: false },
      docs: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
    },
  });
  const asked = await chosen(positionals, values.full || values.list);
  if (values.list) {
    for (const { area, comparison } of asked.comparisons)
      console.log(`${area.padEnd(14)}${comparison.name.padEnd(28)}${comparison.full ? "--full" : ""}`);
    console.log(`jobs: ${Object.keys(jobs).join(", ")}`);
    return;
  }
  for (const name of asked.jobs) {
    console.log(`\n## ${name}`);
    await (await jobs[name]!()).run({ docs: values.docs });
  }
  if (asked.comparisons.length === 0) return;
  const machine = thisMachine();
  console.log(machineText(machine));
  const results: Result[] = [];
  let area = "";
  for (const one of asked.comparisons) {
    if (one.area !== area) console.log(`\n## ${one.area}`);
    area = one.area;
    const result = await measure(one.comparison, Number(values.seconds));
    console.log(`\n${resultsText([result], machine)}`);
    results.push(result);
  }
  closePeers();
  // Once more: on a busy machine the first look may have missed the peak
  for (const precision of ["float32", "float64"] as const)
    machine.peak[precision] = Math.max(machine.peak[precision], measuredPeak(precision));
  console.log(`\npeers\n${peersText(results)}`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ machine, results }, null, 2)}\n`);
  if (values.docs) writeFragment(page, "comparisons", `\n${docsText(results, machine)}\n`);
  if (values["keep-ratios"]) recordRatios({ machine, results });
  if (values.check && !checkRatios({ machine, results })) process.exitCode = 1;
}

interface Chosen {
  jobs: string[];
  comparisons: { area: string; comparison: Comparison }[];
}

async function chosen(selection: readonly string[], full: boolean): Promise<Chosen> {
  const all: Chosen["comparisons"] = [];
  for (const [area, load] of Object.entries(areas))
    for (const comparison of (await load()).comparisons) all.push({ area, comparison });
  if (selection.length === 0)
    return { jobs: [], comparisons: all.filter(({ comparison }) => full || comparison.full !== true) };
  const result: Chosen = { jobs: [], comparisons: [] };
  for (const word of selection) {
    const named = all.filter(({ comparison: { name } }) => name === word);
    const begun = all.filter(({ area, comparison: { name } }) => area === word || name.startsWith(`${word}-`));
    const some = begun.filter(({ comparison }) => full || comparison.full !== true);
    if (word in jobs) result.jobs.push(word);
    else if (named.length + begun.length > 0)
      result.comparisons.push(...(some.length > 0 ? [...named, ...some] : named.length > 0 ? named : begun));
    else {
      const names = [...Object.keys(areas), ...Object.keys(jobs)].join(", ");
      console.error(`unknown benchmark "${word}" (areas and jobs: ${names}; --list has the comparisons)`);
      process.exit(2);
    }
  }
  result.comparisons = [...new Set(result.comparisons)];
  return result;
}

async function measure({ name, what, work, sides }: Comparison, seconds: number): Promise<Result> {
  const { ours, peers, free } = await sides();
  const here = peers.filter((peer): peer is Side => "turn" in peer);
  const missing = peers.filter((peer): peer is Missing => "missing" in peer);
  const measured = await interleave([ours, ...here], seconds);
  for (const release of free ?? []) release();
  return { name, what, ...(work && { work }), ...measured, missing };
}

function docsText(results: readonly Result[], machine: Machine): string {
  return `${machineText(machine)}.\n\n${resultsMarkdown(results, machine)}`;
}

await main();
