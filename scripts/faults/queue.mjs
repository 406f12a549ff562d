// Faults between a coordinator, a Redis server and workers.
import { spawn } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { freePort, has, sleep } from "./stage.mjs";

export const noRedis = () => (has("redis-server") ? undefined : "redis-server is not installed");

/** A server of its own, that can be ended and begun again. */
async function openRedis(stage) {
  const port = await freePort();
  const folder = join(stage.folder, "redis");
  let child;
  const server = {
    port,
    url: `redis://127.0.0.1:${port}`,
    async start(kept = true) {
      if (!kept) rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      const settings = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
      child = spawn("redis-server", [...settings, "--appendonly", "yes", "--appendfsync", "always"]);
      await new Promise((done, failed) => {
        child.stdout.on("data", (text) => String(text).includes("Ready to accept") && done());
        child.once("close", () => failed(new Error("redis-server has ended")));
      });
    },
    async stop() {
      const ended = new Promise((done) => child.once("close", done));
      child.kill("SIGKILL");
      await ended;
    },
  };
  await server.start();
  return server;
}

/** One coordinator, two workers unless said otherwise; `disturb` gets them, and may start others in their place. */
const disturbed = (disturb, { alone = false } = {}) =>
  async function underQueue(stage) {
    const redis = await openRedis(stage);
    const serve = (url = redis.url, out = "out") =>
      stage.start(["study", "serve", "plan.json", "--queue", url, "--out", out]);
    const work = (url = redis.url, options = {}) =>
      stage.start(
        [
          ...["study", "work", "--queue", url, "--workers", "1", "--lock", "3s", "--grace", "1s"],
          ...["--plugin", "faulty.mjs"],
        ],
        options,
      );
    const all = { redis, serve, work, coordinator: serve(), workers: alone ? [] : [work(), work()] };
    try {
      if (!alone) await stage.underway();
      await disturb(all, stage);
      await stage.finish(all.coordinator);
      for (const worker of all.workers) await stage.finish(worker);
    } finally {
      await redis.stop();
    }
  };

export const coordinatorKilled = disturbed(async (all, stage) => {
  for (let kill = 0; kill < 2; kill++) {
    await all.coordinator.kill();
    all.coordinator = all.serve();
    await stage.underway(0.3 + 0.3 * kill, 0.6 + 0.3 * kill);
  }
});

export const workersKilled = disturbed(async (all, stage) => {
  for (let kill = 0; kill < 2; kill++) {
    await all.workers.shift().kill();
    all.workers.push(all.work());
    await stage.underway(0.3 + 0.3 * kill, 0.6 + 0.3 * kill);
  }
});

export const workerAsked = disturbed(async (all) => {
  await all.workers.shift().kill("SIGTERM");
});

export const redisRestarted = disturbed(async ({ redis }) => {
  await redis.stop();
  await sleep(1);
  await redis.start(true);
});

export const redisEmptied = disturbed(async (all, stage) => {
  await all.redis.stop();
  await all.redis.start(false);
  // A worker that came late may have heard of no study before the server forgot it, and waits for one
  await stage.finish(all.coordinator);
  all.coordinator = all.serve();
});

/** Two who hand the same study out, into folders of their own: both have everything. */
export const twoCoordinators = disturbed(async (all, stage) => {
  const other = all.serve(all.redis.url, "other");
  await stage.finish(other);
  stage.also = ["other"];
});

/** A way to the server that goes dumb: nothing comes through, and nobody says so. */
export const networkCut = disturbed(
  async ({ redis, workers, work }, stage) => {
    const proxy = await openProxy(redis.port);
    workers.push(work(`redis://127.0.0.1:${proxy.port}`), work());
    await stage.underway();
    proxy.cut(true);
    await sleep(5); // longer than the lock
    proxy.cut(false);
    proxy.server.unref();
  },
  { alone: true },
);

/** A worker without the plugin, while the study waits for others: refused, and nothing is disturbed. */
export const misfits = disturbed(
  async ({ redis, workers, work }, stage) => {
    const without = stage.start(["study", "work", "--queue", redis.url, "--workers", "1"]);
    await without.ended;
    if (without.status !== 2 || !/--plugin faulty\.mjs/.test(without.said))
      throw new Error(`not refused: ${without.status} ${without.said}`);
    workers.push(work());
  },
  { alone: true },
);

function openProxy(target) {
  let dumb = false;
  const pairs = new Set();
  const server = createServer((near) => {
    const far = connect(target, "127.0.0.1");
    const pair = [near, far];
    pairs.add(pair);
    for (const [from, to] of [pair, [far, near]]) {
      from.on("data", (bytes) => dumb || to.write(bytes));
      from.on("error", () => {});
      from.on("close", () => {
        pairs.delete(pair);
        to.destroy();
      });
    }
  });
  return new Promise((done) => {
    server.listen(0, "127.0.0.1", () =>
      done({
        server,
        port: server.address().port,
        cut(now) {
          dumb = now;
          // What was swallowed is missing for ever: a connection that lost bytes is no use any more
          if (!now) for (const pair of pairs) for (const socket of pair) socket.destroy();
        },
      }),
    );
  });
}
