// What large studies cost, from rates measured here: the table of docs/studies.md.
//
//   node scripts/study-costs.mjs [tries] [--cli file] [--json | --write]
//
// Asks `cellfed study --dry-run` of examples/study-drops.json and examples/study-trainings.json a few times, takes the
// least (whatever else runs makes it more, nothing makes it less), and shares the work out over the cores of a laptop, a
// server and the tasks of a cluster, each core taken for one of this machine's. --write puts the table into the page.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

const root = resolve(import.meta.dirname, "..");
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cli: { type: "string", default: join(root, "dist/cli.js") },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const tries = Number(positionals[0] ?? 5);
if (!Number.isInteger(tries) || tries < 1) {
  console.error(`study-costs: ${positionals[0]} is not allowed (tries: a whole number from 1)`);
  process.exit(2);
}

const machines = [
  { name: "a laptop of 8 cores", cores: 8 },
  { name: "a server of 64 cores", cores: 64 },
  { name: "100 Slurm tasks of a core each", cores: 100 },
];
const studies = [
  { name: "10⁶ drops priced, K = 20, most-rounds", file: "study-drops.json", what: "drops" },
  { name: "10⁴ trainings of `quick`, 10⁵ runs", file: "study-trainings.json", what: "trainings" },
];

const found = studies.map((study) => {
  const asked = Array.from({ length: tries }, () => ask(study.file));
  const least = asked.reduce((best, one) => (one.core < best.core ? one : best));
  return { ...study, ...least };
});
if (options.json) console.log(JSON.stringify(found, null, 2));
else if (options.write) writeTable(table());
else console.log(table());

function table() {
  const lines = [
    `| | a core | kept | ${machines.map(({ name }) => name).join(" | ")} |`,
    `|---|---|---|${machines.map(() => "---").join("|")}|`,
  ];
  for (const { name, what, count, core, bytes } of found) {
    const rate = count / core;
    const pace =
      rate >= 1 ? `${Number(rate.toPrecision(2))} ${what}/s` : `${Number((1 / rate).toPrecision(2))} s a training`;
    lines.push(
      `| ${name} | ${pace} | ${size(bytes)} | ${machines.map(({ cores }) => time(core / cores)).join(" | ")} |`,
    );
  }
  return lines.join("\n");
}

function writeTable(text) {
  const page = join(root, "docs/studies.md");
  const [before, rest] = readFileSync(page, "utf8").split("<!-- study-costs -->\n");
  const after = rest.slice(rest.indexOf("<!-- /study-costs -->"));
  writeFileSync(page, `${before}<!-- study-costs -->\n${text}\n${after}`);
}

/** Seconds of one core, bytes, and how many drops or trainings there are. */
function ask(file) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [options.cli, "study", join(root, "examples", file), "--dry-run", "--json"],
    {
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    },
  );
  if (status !== 0) {
    console.error(stderr);
    process.exit(1);
  }
  const { kinds, points, bytes } = JSON.parse(stdout);
  const core = kinds.reduce((sum, { seconds }) => sum + seconds, 0);
  const trainings = kinds.find(({ kind }) => kind === "training")?.jobs;
  return { core, bytes, count: trainings ?? points };
}

function size(bytes) {
  return bytes < 1e9 ? `${Number((bytes / 1e6).toPrecision(2))} MB` : `${Number((bytes / 1e9).toPrecision(2))} GB`;
}

function time(seconds) {
  if (seconds < 90) return `${Number(seconds.toPrecision(2))} s`;
  return seconds < 5400
    ? `${Number((seconds / 60).toPrecision(2))} min`
    : `${Number((seconds / 3600).toPrecision(2))} h`;
}
