import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Why there is no Redis here; undefined where there is one. */
export const noRedis =
  spawnSync("redis-server", ["--version"]).status === 0 ? undefined : "redis-server is not installed";

/** A Redis of one's own, that can be ended and begun again. */
export interface RedisServer {
  url: string;
  port: number;
  stop(): Promise<void>;
  /** @param kept whether it has what it had before */
  start(options?: { kept?: boolean }): Promise<void>;
  remove(): Promise<void>;
}

/** @param more its settings @param secure it takes connections with TLS and no others, at the same port */
export async function startRedis(more: readonly string[] = [], { secure = false } = {}): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), "cellfed-redis-"));
  const port = await freePort();
  let child: ChildProcess | undefined;
  const server: RedisServer = {
    ...{ url: `${secure ? "rediss" : "redis"}://127.0.0.1:${port}`, port },
    async stop() {
      const ended = child;
      child = undefined;
      if (ended === undefined || ended.exitCode !== null || ended.signalCode !== null) return;
      const closed = new Promise((resolve) => ended.once("close", resolve));
      ended.kill("SIGKILL");
      await closed;
    },
    async start({ kept = true } = {}) {
      if (!kept) rmSync(join(folder, "appendonlydir"), { recursive: true, force: true });
      const at = secure ? ["--port", "0", "--tls-port", String(port)] : ["--port", String(port)];
      const settings = [...at, "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
      const log = ["--appendonly", "yes", "--appendfsync", "always"];
      const started = spawn("redis-server", [...settings, ...log, ...more], { stdio: ["ignore", "pipe", "inherit"] });
      child = started;
      await new Promise<void>((resolve, reject) => {
        let said = "";
        started.stdout.on("data", (text) => {
          said += text;
          if (said.includes("Ready to accept connections")) resolve();
        });
        started.once("close", () => reject(new Error(`redis-server has ended: ${said}`)));
      });
    },
    async remove() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
