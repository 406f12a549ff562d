/**
 * Measures what EMQ uploads: trains `paper-cifar10-k20` and writes src/papers/measured/emq-bits.json, the nominal bits of
 * every client in every round, from which the experiments that only price draw their uploads.
 *
 *   node scripts/measure-bits.mjs --data-dir DATA [--out FOLDER] [--rounds N] [--set path=value …]
 *
 * It goes on where an earlier run into the same folder was broken off. With --set or --rounds the file is marked as
 * provisional: only the preset as it is gives the bits that stand for the paper's network.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";

const root = path.dirname(import.meta.dirname);
const target = "src/papers/measured/emq-bits.json";
const preset = "paper-cifar10-k20";

const { values } = parseArgs({
  options: {
    "data-dir": { type: "string" },
    out: { type: "string", default: "results/emq-bits" },
    rounds: { type: "string" },
    set: { type: "string", multiple: true, default: [] },
  },
});
if (values["data-dir"] === undefined) {
  console.error("measure-bits: --data-dir is missing: the folder that holds CIFAR-10");
  process.exit(2);
}
const changes = [
  ...values.set.flatMap((set) => ["--set", set]),
  ...(values.rounds === undefined ? [] : ["--rounds", values.rounds]),
];
const run = ["run", preset, ...changes, "--data-dir", values["data-dir"], "--out", values.out];
const resumed = existsSync(path.join(values.out, "config.json")) ? ["--resume"] : [];
const { status } = spawnSync(process.execPath, [path.join(root, "dist/cli.js"), ...run, ...resumed], {
  stdio: "inherit",
});
if (status !== 0) process.exit(status ?? 1);

const read = (file) => readFileSync(path.join(values.out, file), "utf8");
const { parameters, fingerprint } = JSON.parse(read("summary.json"));
const [header, ...lines] = read("clients.csv").trim().split("\n");
const column = (name) => header.split(",").indexOf(name);
const rounds = [];
for (const line of lines) {
  const cells = line.split(",");
  const round = Number(cells[column("round")]) - 1;
  rounds[round] ??= [];
  rounds[round][Number(cells[column("client")])] = Number(cells[column("nominal_bits")]);
}
const provisional = changes.length > 0;
const measured = {
  about: "nominal bits of EMQ's uploads (digits 0, decades), a list a round, a number a client",
  command: ["node scripts/measure-bits.mjs --data-dir DATA", ...changes].join(" "),
  provisional,
  ...(provisional && { replace: "a shorter run than the preset's: node scripts/measure-bits.mjs --data-dir DATA" }),
  preset,
  fingerprint,
  parameters,
  rounds,
};
mkdirSync(path.dirname(path.join(root, target)), { recursive: true });
const text = JSON.stringify({ ...measured, rounds: undefined }, null, 2).replace(/\n\}$/, "");
const list = rounds.map((bits) => `    [${bits.join(", ")}]`).join(",\n");
writeFileSync(path.join(root, target), `${text},\n  "rounds": [\n${list}\n  ]\n}\n`);
const mean = rounds.flat().reduce((sum, bits) => sum + bits, 0) / (parameters * rounds.flat().length);
console.log(`${target}: ${rounds.length} rounds, ${mean.toFixed(3)} bits an entry in the mean`);
