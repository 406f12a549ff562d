import { createNetwork, InputError, resolveConfig, simulate } from "../src/index.js";
import { drawn } from "./drop.js";
import { workersExecutor } from "./executor.js";
import type { Reply, Request } from "./protocol.js";
import { preset } from "./settings.js";

/** The part of a dedicated worker's global that is used here; TypeScript's own declaration excludes the page's. */
interface WorkerScope {
  postMessage(message: Reply): void;
  addEventListener(type: "message", listener: (event: MessageEvent<Request>) => void): void;
}

const scope = globalThis as unknown as WorkerScope;
let resume: (() => void) | undefined;
let gate: Promise<void> | undefined;

scope.addEventListener("message", ({ data: request }) => {
  switch (request.type) {
    case "preview":
      attempt(async () => draw(request.settings));
      return;
    case "start":
      attempt(() => run(request.settings));
      return;
    case "pause":
      gate ??= new Promise((resolve) => {
        resume = resolve;
      });
      return;
    case "resume":
      resume?.();
      gate = undefined;
      return;
  }
});

function draw(settings: readonly string[]) {
  const config = resolveConfig({ preset, sets: settings });
  scope.postMessage({ type: "drawn", config, drop: drawn(createNetwork(config.network, { seed: config.seed })) });
  return config;
}

async function run(settings: readonly string[]): Promise<void> {
  const config = draw(settings);
  let parameters = 0;
  const { ended, final, fingerprint } = await simulate(config, {
    executor: workersExecutor(Math.min(config.network.clients, navigator.hardwareConcurrency || 1)),
    onUpdate(_client, _round, update) {
      parameters = update.length;
    },
    async onRound(record) {
      scope.postMessage({ type: "round", record, parameters });
      // Messages are taken in between tasks only: a pause pressed during the round arrives here.
      await new Promise((resolve) => setTimeout(resolve));
      await gate;
    },
  });
  scope.postMessage({ type: "finished", result: { ended, final, fingerprint } });
}

function attempt(action: () => Promise<unknown>): void {
  action().catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    scope.postMessage({ type: "failed", message, ...(error instanceof InputError ? { path: error.path } : {}) });
  });
}
