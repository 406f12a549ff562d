import { datasets } from "../src/data/sets.js";
import { shared } from "../src/data/storage.js";
import { type Config, type Dataset, InputError, openDataset, resolveConfig, simulate } from "../src/index.js";
import { factsOf } from "./clientFacts.js";
import { trainingStore } from "./database.js";
import { problemOf } from "./desk.js";
import { LostWorkerError, workersExecutor } from "./executor.js";
import type { OwnFiles } from "./ownFiles.js";
import type { RunReply, RunRequest, RunStart } from "./protocol.js";
import { readOwnFiles } from "./readFiles.js";
import { preset } from "./settings.js";
import { keepUpdates } from "./update/compute.js";
import { type PackedUpdate, packUpdate } from "./update/packed.js";
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
        scope.postMessage(
          error instanceof LostWorkerError
            ? { type: "lost", reason: error.message }
            : { type: "failed", ...problemOf(error) },
        ),
      );
    }
  });
}

interface Around {
  gate: ReturnType<typeof createGate>;
  shown: { client: number };
  script: string;
}

async function run(start: RunStart, post: (reply: RunReply) => void, around: Around): Promise<void> {
  const config = resolveConfig({ preset, sets: start.settings });
  post({ type: "resolved", config });
  try {
    await train(config, start, post, around);
  } catch (error) {
    if (start.known === 0 || !(error instanceof InputError && error.path === "state")) throw error;
    post({ type: "anew" });
    await train(config, { ...start, known: 0 }, post, around);
  }
}

async function train(
  config: Config,
  { workers, key, known, files }: RunStart,
  post: (reply: RunReply) => void,
  { gate, shown, script }: Around,
): Promise<void> {
  let packed: PackedUpdate | undefined;
  const updates = keepUpdates((client) => client === shown.client);
  const { ended, final, fingerprint } = await simulate(config, {
    executor: workersExecutor(Math.min(config.network.clients, workers), script),
    observers: [updates.observer],
    ...(key !== undefined && { state: trainingStore(key, { anew: known === 0 }) }),
    async dataset() {
      const dataset = await datasetOf(config, files);
      post({ type: "clients", facts: factsOf(config, dataset) });
      return dataset;
    },
    async onRound(record, { parameters }) {
      // Those that the page has are told once
      if (record.round < known) return;
      if (record.round > known) {
        const view = updates.view(shown.client, record);
        packed = view && packUpdate(view, packed);
        post({ type: "round", record, parameters, update: packed });
      }
      await gate.passed();
    },
  });
  post({ type: "finished", result: { ended, final, fingerprint } });
}

function datasetOf({ data, seed }: Config, files: OwnFiles | undefined): Promise<Dataset> {
  if (!("files" in datasets.named(data.name, "data.name"))) return openDataset(data, seed, shared);
  if (files?.name !== data.name) {
    throw new InputError(
      "data.name",
      `"${data.name}" is read from files: drop them on this page, or choose them under Own data`,
    );
  }
  return readOwnFiles(files, { config: data, seed, allocate: shared });
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
