// What the faults are tried with: a small study, processes that can be killed, and what came of it.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const cli = resolve(import.meta.dirname, "../../dist/cli.js");
const library = resolve(import.meta.dirname, "../../dist/node.js");

/** Two dozen trainings of a second or less, with a power method from a plugin that can be told to misbehave. */
export const plan = {
  base: "quick",
  set: {
    ...{ rounds: 30, "data.trainExamples": 2000, "data.testExamples": 100, model: "softmax" },
    ...{ "training.localEpochs": 1, "network.clients": 4, "budgets.energy": null, "budgets.latency": null },
  },
  axes: { quantizer: ["emq", "laq:bits=4", "identity"], power: ["faulty", "full"] },
  seeds: "1..8",
  drops: 2,
  plugins: ["faulty.mjs"],
};

/** Of the study: what each of its jobs leaves. */
const recordsInAll = 120;

/** Full power; once, where CELLFED_FAULT asks for it, it hangs, exits or takes all memory. */
const plugin = `import { closeSync, openSync } from "node:fs";
const { CELLFED_FAULT: fault, CELLFED_FAULT_MARK: mark } = process.env;
function once() {
  try { closeSync(openSync(mark, "wx")); return true; } catch { return false; }
}
export default {
  powerMethods: [{
    name: "faulty",
    allocate({ rates, bits, circuitPower = 0 }) {
      if (fault !== undefined && once()) {
        if (fault === "hang") for (;;);
        if (fault === "exit") process.exit(3);
        const all = [];
        if (fault === "memory") for (;;) all.push(new Array(100000).fill(Math.PI * all.length));
      }
      const { clients, signal, selfInterference, interference, noise, bandwidth, transmitPower } = rates;
      const power = new Float64Array(clients).fill(1);
      const rate = power.map((_, k) => {
        let disturbance = selfInterference[k] + noise[k];
        for (let i = 0; i < clients; i++) if (i !== k) disturbance += interference[k * clients + i];
        return bandwidth * Math.log2(1 + signal[k] / disturbance);
      });
      const latency = rate.map((each, k) => bits[k] / each);
      const energy = latency.map((each) => (transmitPower + circuitPower) * each);
      return { power, latency, energy, rate, status: "converged", iterations: 1 };
    },
  }],
};
`;

/** Uniform in [0, 1): mulberry32, so that a seed draws the same moments again. */
export function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const sleep = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));

/** A folder with the plan in it, where one fault is tried. */
export function openStage(work, name, random) {
  const folder = mkdtempSync(join(work, `${name}-`));
  writeFileSync(join(folder, "plan.json"), JSON.stringify(plan, null, 1));
  writeFileSync(join(folder, "faulty.mjs"), plugin);
  const running = new Set();

  /** @returns the process, with what it says and a promise of how it ends */
  function start(words, { env = {}, shell } = {}) {
    const [file, args] = shell === undefined ? [process.execPath, [cli, ...words]] : ["bash", ["-c", shell]];
    const child = spawn(file, args, {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    const one = { child, said: "", status: undefined };
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (text) => {
        one.said += text;
      });
    }
    running.add(one);
    one.ended = new Promise((done) => {
      child.on("close", (status, signal) => {
        running.delete(one);
        one.status = status ?? signal;
        done(one);
      });
    });
    one.kill = async (signal = "SIGKILL") => {
      if (one.status === undefined) child.kill(signal);
      if (signal === "SIGKILL" || signal === "SIGTERM") await one.ended;
      return one;
    };
    return one;
  }

  return {
    folder,
    random,
    start,
    /** A worker on the shared folder, quick to take over */
    worker: (more = [], options = {}) =>
      start(
        ["study", "work", "plan.json", "--out", "out", "--workers", "1", "--take-over", "3s", "--grace", "1s", ...more],
        options,
      ),
    /**
     * Waits for a moment by what has been done, which is under way on quick machines as on slow ones: until a share of
     * the records, drawn between the two, is there
     */
    async underway(low = 0.05, high = 0.6) {
      const wanted = recordsInAll * (low + (high - low) * random());
      for (let waited = 0; waited < 60 && linesIn(join(folder, "out", "journal")) < wanted; waited += 0.02)
        await sleep(0.02);
    },
    /** Waits until it has ended in order. @throws where it has not */
    async finish(one, seconds = 180) {
      const timer = setTimeout(() => one.child.kill("SIGKILL"), 1000 * seconds);
      await one.ended;
      clearTimeout(timer);
      if (one.status !== 0)
        throw new Error(`ended with ${one.status}: ${one.said.trim().split("\n").slice(-4).join(" | ")}`);
    },
    async close() {
      for (const one of [...running]) await one.kill();
    },
  };
}

function linesIn(folder) {
  try {
    const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
    return texts.reduce((sum, text) => sum + text.split("\n").length - 2, 0); // without the header
  } catch {
    return 0;
  }
}

/** Hash of all that a study's folder holds, as exports have it; and what is wrong with it. */
export async function resultsOf(folder) {
  const { readFolderStore } = await import(library);
  const store = await readFolderStore(folder);
  const hash = createHash("sha256");
  const keys = [...store.finished()].sort();
  for await (const record of store.select(keys)) {
    const { cell: _cell, labels: _labels, ...value } = record.value;
    hash.update(`${JSON.stringify({ ...record, value })}\n`);
  }
  const conflicts = store.findings.filter(({ kind, lost }) => kind === "conflict" || lost === true);
  const failed = [...store.failed()];
  await store.close();
  return { hash: hash.digest("hex"), count: keys.length, failed, conflicts };
}

export function freePort() {
  return new Promise((done, failed) => {
    const probe = createServer();
    probe.once("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

export function has(program) {
  const found = spawnSync("sh", ["-c", `command -v ${program}`], {
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });
  return found.status === 0;
}

export const isRoot = process.getuid?.() === 0;

export function workFolder() {
  const work = mkdtempSync(join(tmpdir(), "cellfed-faults-"));
  mkdirSync(work, { recursive: true });
  return { work, remove: () => existsSync(work) && rmSync(work, { recursive: true, force: true }) };
}
