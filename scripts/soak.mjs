// Random configs, valid by the schema, a few rounds each, on the debug kernels, on the release kernels and on 1, 2 and 8
// threads: npm run soak -- [--minutes 60] [--configs n] [--seed s] [--config FILE]
//
// No crash, no hang, no number that is none, no kernel memory that a second run of the same would not have kept, and one
// fingerprint everywhere. A config that fails is printed as it is and shrunk, with the seed; --config runs one again.
// The schema says what is drawn (test/soak/): a field, a part or a setting that is new is in it by itself.
import { fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    configs: { type: "string", default: "1000000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    config: { type: "string" },
    limit: { type: "string", default: "180" },
  },
});
const [minutes, most, seed, limit] = [options.minutes, options.configs, options.seed, options.limit].map(Number);
if (![minutes, most, limit].every((number) => number > 0) || !Number.isInteger(seed)) {
  console.error("soak: --minutes, --configs and --limit are numbers above 0, --seed is a whole one");
  process.exit(2);
}
/** Bytes that the whole may hold: eight threads, each with the largest model there was. */
const mostMemory = 3e9;

let child;
let hear = () => {};
async function ready() {
  child = fork(new URL("soakChild.mjs", import.meta.url), { execArgv: ["--expose-gc"] });
  const own = child;
  child.on("message", (message) => own === child && hear(message));
  child.on("exit", (status, signal) => own === child && hear({ died: signal ?? `status ${status}` }));
  await heard(120);
}

/** The child's next word, or what became of it. */
function heard(seconds) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ died: `nothing in ${seconds} s` }), 1000 * seconds);
    hear = (message) => {
      clearTimeout(timer);
      resolve(message);
    };
  });
}

async function trial(request) {
  child.send(request);
  let config = request.config;
  for (;;) {
    const word = await heard(limit);
    if (word.begun !== undefined) config = word.begun;
    else if (word.died !== undefined) {
      const old = child;
      child = undefined;
      old.kill("SIGKILL");
      await ready();
      return { config, fault: { where: "one of them", message: word.died } };
    } else if (word.fault !== undefined) {
      const { shrunk } = await heard(2 * limit);
      return { config, fault: word.fault, shrunk };
    } else return { config, ...word };
  }
}

const begun = performance.now();
const elapsed = () => (performance.now() - begun) / 60_000;
const counts = new Map();
const failures = [];
const sizes = [];
let rounds = 0;
let refusals = 0;
let told = 0;
let done = 0;

await ready();
if (options.config !== undefined) {
  const config = JSON.parse(readFileSync(options.config, "utf8"));
  const { fault, outcome } = await trial({ config });
  child.disconnect();
  console.log(fault === undefined ? outcome : `on ${fault.where}: ${fault.stack ?? fault.message}`);
  process.exit(fault === undefined ? 0 : 1);
}
console.error(`seed ${seed}`);
for (let number = 0; number < most && elapsed() < minutes && failures.length < 20; number++) {
  const { config, fault, shrunk, outcome, rss } = await trial({ seed, number });
  done++;
  if (fault !== undefined) {
    failures.push(fault);
    console.log(`config ${number} of seed ${seed}, on ${fault.where}: ${fault.stack ?? fault.message}`);
    console.log(JSON.stringify(config));
    if (shrunk !== undefined) console.log(`smaller: ${JSON.stringify(shrunk)}`);
    continue;
  }
  rounds += outcome.rounds;
  refusals += outcome.refused;
  sizes.push(rss);
  const name = outcome.kind === "ended" ? `ended by ${outcome.why.split(":")[0]}` : "refused";
  const reason = outcome.why
    .replace(/^[a-z]+: /, "")
    .replace(/\[?\d[\d.e+-]*\]?/g, "#")
    .slice(0, 70);
  const reasons = counts.get(name) ?? new Map();
  reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  counts.set(name, reasons);
  if (elapsed() - told > 1) {
    told = elapsed();
    console.error(`${done} configs, ${rounds} rounds, ${failures.length} failures, ${(rss / 2 ** 20).toFixed(0)} MiB`);
  }
}
child.disconnect();

for (const [name, reasons] of counts) {
  console.log(`${[...reasons.values()].reduce((a, b) => a + b)} ${name}`);
  const often = [...reasons].sort((a, b) => b[1] - a[1]).slice(0, name.endsWith("rounds") ? 0 : 12);
  for (const [reason, count] of often) console.log(`${String(count).padStart(8)} ${reason}`);
}
const largest = Math.max(0, ...sizes);
const [early, late] = [sizes[Math.floor(sizes.length / 2)] ?? 0, sizes.at(-1) ?? 0].map((size) => size / 2 ** 20);
console.log(
  `${done} configs of seed ${seed} after ${refusals} refusals, ${rounds} rounds, each on six occasions, in ${elapsed().toFixed(1)} min; ` +
    `${early.toFixed(0)} MiB in the middle, ${late.toFixed(0)} at the end, ${failures.length} failures`,
);
if (largest > mostMemory) {
  failures.push({ message: "memory" });
  console.log(`${largest} bytes were held (at most ${mostMemory} are expected)`);
}
process.exitCode = failures.length === 0 ? 0 : 1;
