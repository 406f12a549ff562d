import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { Config } from "../../config/config.js";
import { describe } from "../../config/failure.js";
import type { Dataset } from "../../config/records.js";
import { loadDataset } from "../../data/files.js";
import { type ClientRunner, createClientRunner } from "../../federated/client.js";
import { sharesOf } from "../../federated/shares.js";
import { addUpdates } from "../../federated/sums.js";
import type { ExecutorSetup, RunnerSetup } from "../../federated/task.js";
import { datasetKey } from "../jobs/datasets.js";
import { performJob } from "../jobs/index.js";
import type { JobTask, Question, Reply, RunTask, ToWorker, Word, WorkerTask } from "./messages.js";
import { loadPluginFiles } from "./plugins.js";
import { sharedShards, shareMemory } from "./sharing.js";
import type { PoolOptions } from "./threads.js";

/** The thread's entry: errors go back as data, since their class would be lost. */
export default async function work(task: WorkerTask): Promise<Reply> {
  try {
    return { ok: await perform(task) };
  } catch (error) {
    return { failed: describe(error) };
  }
}

const { plugins = [] } = workerData as PoolOptions;
let ready: Promise<void> | undefined;

async function perform(task: WorkerTask): Promise<unknown> {
  ready ??= loadPluginFiles(plugins);
  await ready;
  switch (task.kind) {
    case "job":
      return performHere(task);
    case "load":
      return loadDataset(task.data, task.seed);
    case "sum":
      return addUpdates(task.sums, task.updates, task.first, task.end);
    default:
      return performPart(task, await runnerOf(task.run));
  }
}

let current: { run: number; runner: ClientRunner } | undefined;

async function runnerOf(run: number): Promise<ClientRunner> {
  if (current?.run !== run) {
    current?.runner.dispose();
    current = undefined;
    const setup = (await openChannel().ask({ ask: "setup" })) as ExecutorSetup & Partial<RunnerSetup>;
    const shards = setup.shards ?? sharedShards(sharesOf(setup.dataset, setup.config));
    current = { run, runner: await createClientRunner({ ...setup, shards }) };
  }
  return current.runner;
}

function performPart(part: RunTask, runner: ClientRunner): unknown {
  switch (part.kind) {
    case "begin":
      return { ...runner.begin(), chunks: runner.chunks };
    case "evaluate":
      return runner.evaluate(part.parameters, part.chunk, part.answers);
    case "client": {
      const { memory, decoder } = part.task;
      const before = [new Map(memory), new Map(decoder)] as const;
      const reply = runner.run(part.parameters, part.task, part.decoded);
      shareMemory(reply.memory, before[0]);
      shareMemory(reply.decoder, before[1]);
      return reply;
    }
  }
}

async function performHere({ id, job, wanted, kept, stateful }: JobTask): Promise<unknown> {
  const { say, ask } = openChannel();
  return performJob(job, {
    wanted,
    ...(kept && { kept }),
    dataset: sharedDataset,
    ...(stateful && {
      state: {
        read: () => ask({ ask: "read-state", id }) as Promise<Uint8Array | undefined>,
        write: async (bytes) => {
          await ask({ ask: "write-state", id, bytes });
        },
      },
    }),
    onProgress: (progress) => say({ say: "progress", id, progress }),
  });
}

/** The examples of a config: those that another thread has made, or else made here for all. */
async function sharedDataset(config: Config): Promise<Dataset> {
  const { say, ask } = openChannel();
  const key = datasetKey(config);
  const there = (await ask({ ask: "dataset", key })) as Dataset | null;
  if (there !== null) return there;
  let dataset: Dataset | null = null;
  try {
    dataset = await loadDataset(config.data, config.seed);
    return dataset;
  } finally {
    say({ say: "made", key, dataset });
  }
}

type Unnumbered<T> = T extends Question ? Omit<T, "request"> : never;

interface Channel {
  say(word: Word): void;
  ask(question: Unnumbered<Question>): Promise<unknown>;
}

let channel: Channel | undefined;

/** The thread's port to the main thread, handed over with its first words. */
function openChannel(): Channel {
  if (channel !== undefined) return channel;
  const { port1: port, port2: theirs } = new MessageChannel() as unknown as { port1: MessagePort; port2: MessagePort };
  parentPort!.postMessage({ port: theirs }, [theirs]);
  const asked = new Map<number, (answer: unknown) => void>();
  let requests = 0;
  port.on("message", ({ request, answer }: ToWorker) => {
    asked.get(request)?.(answer);
    asked.delete(request);
  });
  channel = {
    say: (word) => port.postMessage(word),
    ask: (question) =>
      new Promise((resolve) => {
        asked.set(requests, resolve);
        const whole = "bytes" in question && question.bytes.byteLength === question.bytes.buffer.byteLength;
        // Bytes that are a buffer's whole content go over as they are, without a copy.
        port.postMessage({ ...question, request: requests++ }, whole ? [question.bytes.buffer as ArrayBuffer] : []);
      }),
  };
  return channel;
}
