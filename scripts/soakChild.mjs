// What scripts/soak.mjs starts: draws configs and runs each on the debug kernels (twice), on the release kernels, and
// on 1, 2 and 8 threads. It says what it begins before it begins it, so that whoever waits knows what hangs.
import { setImmediate } from "node:timers/promises";
import { runnerImport } from "vite";

const folder = new URL("../test/soak/", import.meta.url);
const entry = new URL("index.ts", folder).pathname;
const kernelsAlias = {
  find: /^\.\/generated\/kernels\.js$/,
  replacement: new URL("../bindings/generated/kernels-debug.ts", import.meta.url).pathname,
};
const load = async (alias) =>
  (await runnerImport(entry, { configFile: false, logLevel: "error", resolve: { alias } })).module;
const release = await load([]);
const debug = await load([kernelsAlias]);
const configOf = release.configGenerator();

/** Threads live through some runs, as in a study; then others take their place. */
const threads = new Map();
let lent = 0;
async function threadsOf(count) {
  if (lent++ % 60 === 0) await endThreads();
  if (!threads.has(count)) threads.set(count, release.lastingThreads(count));
  return threads.get(count);
}
async function endThreads() {
  for (const executor of threads.values()) await executor.end();
  threads.clear();
}

async function collect() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc();
    await setImmediate();
  }
}

async function on(where, run) {
  try {
    return await run();
  } catch (error) {
    error.where = where;
    throw error;
  }
}

/** @returns the outcome. @throws what must not be, saying on which of them */
async function tried(config) {
  const first = await on("the debug kernels", () => debug.outcomeWithoutLeak(config, collect));
  const places = [
    ["the release kernels", async () => release.outcomeOf(config)],
    ...[1, 2, 8].map((count) => [`${count} threads`, async () => release.outcomeOf(config, await threadsOf(count))]),
  ];
  for (const [where, run] of places) {
    const other = await on(where, run);
    if (other.fingerprint !== first.fingerprint) {
      const error = new release.Fault(`debug kernels: ${first.fingerprint}; here: ${other.fingerprint}`);
      throw Object.assign(error, { where });
    }
  }
  return first;
}

const faultOf = (error) => ({
  where: error.where ?? "drawing it",
  message: String(error?.message ?? error),
  stack: error?.stack,
});
/** Of one kind: in the same words whatever the numbers. */
const kindOf = ({ message }) => message.replace(/[\d.e+-]+/g, "#").slice(0, 60);

/** Fields are dropped while the same goes wrong. */
async function shrunk(config, fault) {
  const until = performance.now() + 60_000;
  let smallest = config;
  for (let again = true; again; ) {
    again = false;
    for (const smaller of release.smallerConfigs(smallest)) {
      if (performance.now() > until) return smallest;
      const other = await tried(smaller).then(
        () => undefined,
        (error) => faultOf(error),
      );
      if (other === undefined || kindOf(other) !== kindOf(fault)) continue;
      smallest = smaller;
      again = true;
      break;
    }
  }
  return smallest;
}

process.on("message", async ({ seed, number, config: given }) => {
  let config = given;
  try {
    config ??= configOf(seed, number);
    let refused = 0;
    for (; given === undefined && refused < 10; refused++) {
      process.send({ begun: config });
      const { kind, why } = await on("the release kernels", () => release.outcomeOf(config));
      const other = kind === "refused" ? release.withoutRefused(config, why) : undefined;
      if (other === undefined) break;
      config = other;
    }
    process.send({ begun: config });
    const outcome = { ...(await tried(config)), refused };
    const { rss } = process.memoryUsage();
    process.send({ outcome, rss });
  } catch (error) {
    config ??= error.config;
    const fault = faultOf(error);
    process.send({ fault });
    process.send({ shrunk: given === undefined && config !== undefined ? await shrunk(config, fault) : null });
  }
});
process.on("disconnect", () => process.exit());
process.send({ ready: true });
