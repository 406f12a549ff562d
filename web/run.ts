import { resolveConfig, simulate } from "../src/index.js";
import { problemOf } from "./desk.js";
import { workersExecutor } from "./executor.js";
import type { RunReply, RunRequest } from "./protocol.js";
import { preset } from "./settings.js";
import { keepUpdates } from "./update/compute.js";
import { scopeOf } from "./workerScope.js";

/** The worker of one run: it trains in workers of its own and tells the page of every round. */
export function begin(script: string): void {
  const scope = scopeOf<RunReply>();
  const gate = createGate();
  const shown = { client: 0 };
  scope.addEventListener("message", ({ data: request }: MessageEvent<RunRequest>) => {
    if (request.type === "select") shown.client = request.client;
    else if (request.type !== "start") gate.take(request);
    else {
      shown.client = request.client;
      gate.take({ type: "pace", pace: request.pace });
      run(request, scope.postMessage.bind(scope), { gate, shown, script }).catch((error: unknown) =>
        scope.postMessage({ type: "failed", ...problemOf(error) }),
      );
    }
  });
}

async function run(
  { settings, workers }: { settings: readonly string[]; workers: number },
  post: (reply: RunReply) => void,
  { gate, shown, script }: { gate: ReturnType<typeof createGate>; shown: { client: number }; script: string },
): Promise<void> {
  const config = resolveConfig({ preset, sets: settings });
  post({ type: "resolved", config });
  const updates = keepUpdates((client) => client === shown.client);
  const { ended, final, fingerprint } = await simulate(config, {
    executor: workersExecutor(Math.min(config.network.clients, workers), script),
    observers: [updates.observer],
    async onRound(record, { parameters }) {
      post({ type: "round", record, parameters, update: updates.view(shown.client, record) });
      await gate.passed();
    },
  });
  post({ type: "finished", result: { ended, final, fingerprint } });
}

/** Between two rounds: waits while the run is paused, and as long as its pace asks. */
function createGate() {
  let held = false;
  let open: () => void = () => {};
  let pace = 0;
  let last = 0;
  const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
  return {
    take(request: Exclude<RunRequest, { type: "start" | "select" }>): void {
      if (request.type === "pace") pace = request.pace;
      else held = request.type === "pause";
      if (request.type === "step") held = true;
      if (request.type === "resume" || request.type === "step") open();
    },
    async passed(): Promise<void> {
      // Messages are taken in between tasks only: a pause pressed during the round arrives here
      await wait(Math.max(0, pace - (performance.now() - last)));
      if (held) {
        await new Promise<void>((resolve) => {
          open = resolve;
        });
      }
      last = performance.now();
    },
  };
}
