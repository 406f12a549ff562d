// Kills commands at random moments and resumes them: what they leave must be that of an uninterrupted run, byte for
// byte, but for times and the like (scripts/results.mjs lists what may differ).
//
//   node scripts/kill-anywhere.mjs [kills] [--seed n] [--commands run,compare] [--workers n] [--cli file] [--keep]
//
// Every command runs once undisturbed. Then trials take turns: start, kill -9 at a moment drawn uniformly over the
// undisturbed run's length, resume with --resume (and in every other trial kill once or twice more), let it end,
// compare. Prints one line a command and exits 1 when anything differs, fails, hangs, or is left lying about.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { differences } from "./results.mjs";

const small = ["--set", "data.trainExamples=400", "--set", "data.testExamples=100"];

/** Commands that keep what they have done, on inputs of a few seconds with two workers. */
const commands = {
  run: "run quick --rounds 12 --set training.localEpochs=3 --set data.trainExamples=4000".split(" "),
  seeds: "run quick --seeds 1..4 --rounds 5".split(" "),
  compare: [
    ...["compare", "quick", "--quantizers", "emq,laq", "--power", "most-rounds,full"],
    ...["--seeds", "1..3", "--drops", "2", "--rounds", "4"],
  ],
  reproduce: ["reproduce", "rounds", "power", "--seeds", "1..2", "--drops", "1", ...small],
  rates: [
    ...["rates", "quick", "--drops", "100"],
    ...["--combining", "p-mmse,mr,lp-mmse+n-lsfd", "--realizations", "1000"],
  ],
  quantizers: [
    ...["quantizers", "--quantizers", "emq,laq,qsgd", "--parts", "goldens,sweep,bias,accuracy"],
    ...["--rounds", "6", "--encodings", "300"],
  ],
  study: ["study", "run", "plan.json"],
  // It goes on without being told to
  work: ["study", "work", "plan.json", "--take-over", "1s"],
};

/** Of the study, in the folder where it is run */
const plan = {
  base: "quick",
  set: { rounds: 6, "data.trainExamples": 1000, "data.testExamples": 100 },
  axes: { quantizer: ["emq", "laq:bits=4"], power: ["most-rounds", "full"] },
  seeds: "1..4",
  drops: 2,
};

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    commands: { type: "string", default: Object.keys(commands).join(",") },
    workers: { type: "string", default: "2" },
    cli: { type: "string", default: resolve(import.meta.dirname, "../dist/cli.js") },
    keep: { type: "boolean", default: false },
  },
});
const kills = Number(positionals[0] ?? 10);
const names = options.commands.split(",");
const unknown = names.find((name) => !(name in commands));
if (!Number.isInteger(kills) || kills < 1 || unknown !== undefined) {
  console.error(
    `kill-anywhere: ${unknown ?? positionals[0]} is not allowed (kills: a number from 1; commands: ${Object.keys(commands).join(", ")})`,
  );
  process.exit(2);
}

const work = mkdtempSync(join(tmpdir(), "cellfed-kills-"));
const random = generator(Number(options.seed));

/** Uniform in [0, 1): mulberry32, so that a seed draws the same moments again. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Runs the command in a folder of its own, where its results go to `out`.
 * @param killAfter seconds after which it is killed; left out, it may end within `limit` seconds
 * @returns "killed", "hung", or how it ended
 */
function start(folder, words, { killAfter, limit = 600 } = {}) {
  const child = spawn(process.execPath, [options.cli, ...words], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  const started = performance.now();
  let stderr = "";
  let stopped;
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  const timer = setTimeout(
    () => {
      stopped = killAfter === undefined ? "hung" : "killed";
      child.kill("SIGKILL");
    },
    1000 * (killAfter ?? limit),
  );
  return new Promise((done) => {
    child.on("close", (status) => {
      clearTimeout(timer);
      // It may have ended in the moment of the kill
      const end = status === null ? stopped : "ended";
      done({ end, status, stderr, seconds: (performance.now() - started) / 1000 });
    });
  });
}

async function helpOf(words) {
  const child = spawn(process.execPath, [options.cli, ...words, "--help"], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  for await (const part of child.stdout) text += part;
  return text;
}

/** The command with its folder, and with the workers if it has any. */
async function prepare(name) {
  const help = await helpOf(commands[name].slice(0, commands[name][0] === "study" ? 2 : 1));
  const words = [
    ...commands[name],
    "--out",
    "out",
    ...(help.includes("--workers") ? ["--workers", options.workers] : []),
  ];
  const resumes = /^ +--resume\b/m.test(help);
  const row = { name, words, resume: resumes ? ["--resume"] : [], trials: 0, kills: 0, failures: [] };
  if (!resumes && name !== "work") {
    row.failures.push(`cellfed ${commands[name][0]} has no --resume`);
    return row;
  }
  row.whole = join(work, name, "whole");
  mkdirSync(row.whole, { recursive: true });
  writeFileSync(join(row.whole, "plan.json"), JSON.stringify(plan));
  const { end, status, stderr, seconds } = await start(row.whole, words);
  if (end !== "ended" || status !== 0) row.failures.push(`undisturbed: ${end}, status ${status}: ${lastLines(stderr)}`);
  row.seconds = seconds;
  await exported(row.whole, name);
  console.error(`${name}: ${seconds.toFixed(1)} s undisturbed`);
  return row;
}

/** A study's folder holds its journals alone: what they tell is an export. */
async function exported(folder, name) {
  if (commands[name][0] === "study") await start(folder, ["study", "export", "out", "--to", "out/export.csv"]);
}

/** One start, some kills, one end. @returns the moments of the kills that came before the end */
async function trial(row, most) {
  const folder = join(work, row.name, `trial-${row.trials}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "plan.json"), JSON.stringify(plan));
  const moments = [];
  const fail = (what) =>
    row.failures.push(`after kills at ${moments.map((at) => `${at.toFixed(2)} s`).join(", ")}: ${what}`);
  for (;;) {
    // Killed before it had begun its folder, there is nothing to go on with
    const words = existsSync(join(folder, "out")) ? [...row.words, ...row.resume] : row.words;
    const killAfter = moments.length < most ? random() * row.seconds : undefined;
    const { end, status, stderr } = await start(folder, words, { killAfter, limit: 5 * row.seconds + 60 });
    if (end === "killed") {
      moments.push(killAfter);
      continue;
    }
    if (end === "hung" || status !== 0) fail(`${end}, status ${status}: ${lastLines(stderr)}`);
    break;
  }
  await exported(folder, row.name);
  const found = existsSync(join(folder, "out"))
    ? differences(join(row.whole, "out"), join(folder, "out"))
    : ["no results"];
  if (found.length > 0) fail(found.slice(0, 5).join("; "));
  const left = readdirSync(folder).filter((name) => name !== "out" && name !== "plan.json");
  if (left.length > 0) fail(`left lying about: ${left.join(", ")}`);
  if (!options.keep) rmSync(folder, { recursive: true });
  return moments;
}

function lastLines(text) {
  return text.trim().split("\n").slice(-3).join(" | ");
}

console.error(`${kills} kills, seed ${options.seed}`);
const rows = [];
for (const name of names) rows.push(await prepare(name));
const able = rows.filter(({ failures }) => failures.length === 0);
let done = 0;
// A moment near the end may come too late: such a trial counts as a trial, and others make up for the kill
for (let turn = 0; done < kills && able.length > 0 && turn < 10 * kills; turn++) {
  const row = able[turn % able.length];
  const most = Math.min(kills - done, row.trials % 2 === 0 ? 1 : 2 + Math.floor(2 * random()));
  const moments = await trial(row, most);
  row.trials += 1;
  row.kills += moments.length;
  done += moments.length;
}

const line = (...cells) =>
  console.log(cells.map((cell, i) => (i === 0 ? String(cell).padEnd(12) : String(cell).padStart(10))).join(""));
line("command", "seconds", "trials", "kills", "failures");
for (const row of rows) line(row.name, row.seconds?.toFixed(1) ?? "–", row.trials, row.kills, row.failures.length);
const failures = rows.flatMap(({ name, failures }) => failures.map((failure) => `${name}: ${failure}`));
for (const failure of failures) console.log(failure);
console.log(`${done} kills, ${failures.length} failures (seed ${options.seed})`);
if (options.keep) console.log(`kept: ${work}`);
else rmSync(work, { recursive: true });
process.exit(failures.length > 0 || done < kills ? 1 : 0);
