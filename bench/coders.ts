import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";
import type { Quantizer } from "../src/config/records.js";
import { loadDataset } from "../src/data/files.js";
import { createDataset } from "../src/data/index.js";
import { defaults } from "../src/parts/defaults.js";
import { freshContext, quantizer } from "../src/quantizers/index.js";
import { createLocalTrainer } from "../src/training/local.js";
import type { Comparison, Missing, Sides } from "./comparison.js";
import { besides } from "./peers/index.js";
import { here, type Side, unseen } from "./sides.js";

/**
 * Our coder against general compressors on the symbols of a real update: the paper's network after an epoch on 2000
 * images, of CIFAR-10 where CELLFED_DATA (or ../shared/data) has it, else of the built-in glyphs. Compressors get a byte a
 * symbol; the times are those of whole packets (ours quantizes, too), the bits those of an entry.
 */
export const comparisons: Comparison[] = [
  ...Object.entries<Record<string, number>>({
    emq: { digits: 0 },
    laq: { bits: 4 },
    terngrad: {},
  }).map(
    ([name, options]): Comparison => ({
      name: `coder-${name}`,
      what: `${name}, a real update to its packet`,
      ...(name === "emq" ? {} : { full: true as const }),
      sides: () => sidesOf(name, options),
    }),
  ),
  ...(["encode", "decode"] as const).map(
    (task): Comparison => ({
      name: `update-${task}`,
      what: `a real update of the paper's network, ${task}, at about a tenth of a bit`,
      full: true,
      sides: () => fewBits(task),
    }),
  ),
];

/** What is told of a tenth of a bit beside the paper's quantizer: first packets, and one foretold from the round before. */
async function fewBits(task: "encode" | "decode"): Promise<Sides> {
  const { update, next, tensors } = await realUpdate();
  const method = quantizer("rate-distortion", { bits: 0.1 });
  const fresh = () => ({ ...freshContext(), tensors });
  const sideOf = (name: string, one: Quantizer): Side => {
    const { bytes } = one.encode(update, fresh())!;
    const out = new Float32Array(update.length);
    const run = task === "encode" ? () => one.encode(update, fresh()) : () => one.decode(bytes, out, fresh());
    return { ...here(name, run), note: `${((8 * bytes.length) / update.length).toFixed(3)} bits an entry` };
  };
  const [client, server] = [fresh(), fresh()];
  method.decode(method.encode(update, client)!.bytes, new Float32Array(update.length), server);
  // Memories are replaced, never written into: a copy of the map is the state before.
  const second = (of: ReturnType<typeof fresh>) => ({ ...of, round: 2, memory: new Map(of.memory) });
  const packet = method.encode(next, second(client))!;
  const out = new Float32Array(update.length);
  const foretold =
    task === "encode"
      ? () => method.encode(next, second(client))
      : () => method.decode(packet.bytes, out, second(server));
  return {
    ours: sideOf("rate-distortion, 0.1 bit", method),
    peers: [
      here("… foretold from the last round", foretold),
      sideOf("EDEN, 0.1 bit", quantizer("eden", { bits: 0.1 })),
      sideOf("top-k, 1 %", quantizer("top-k", { fraction: 0.01 })),
      sideOf("EMQ, digits 0", quantizer("emq")),
    ],
  };
}

async function sidesOf(name: string, options: Record<string, number>): Promise<Sides> {
  const { update, tensors } = await realUpdate();
  const method = quantizer(name, options);
  const context = () => ({ ...freshContext(), tensors });
  const packet = method.encode(update, context())!;
  const decoded = new Float32Array(update.length);
  method.decode(packet.bytes, decoded, context());
  const bits = (bytes: number) => `${((8 * bytes) / update.length).toFixed(3)} bits an entry`;
  const symbols = symbolsOf(decoded);
  const data = Buffer.from(symbols).toString("base64");
  const peers = await besides([
    { name: "xz -9e", task: "xz", options: { data, entries: update.length } },
    { name: "zstd -19 (package zstandard)", task: "zstandard", options: { data, entries: update.length } },
  ]);
  const brotli = () => brotliCompressSync(symbols, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  return {
    ours: { ...here("here", () => method.encode(update, context())), note: bits(packet.bytes.length) },
    peers: [
      ...peers.sides,
      { ...here("brotli -11 (Node's zlib)", brotli), note: bits(brotli().length) },
      commandLine("zstd", ["-19", "-c", "-q"], symbols, bits),
    ],
    free: [peers.free],
  };
}

/** A command that reads bytes and writes fewer; the start of its process is in its time. */
function commandLine(
  command: string,
  flags: string[],
  input: Uint8Array,
  bits: (bytes: number) => string,
): Side | Missing {
  const run = () => spawnSync(command, flags, { input, maxBuffer: 1 << 28 });
  const first = run();
  const name = `${command} ${flags[0]} (command)`;
  if (first.error !== undefined || first.status !== 0)
    return { name, missing: first.error?.message ?? first.stderr.toString().trim() };
  return { ...unseen(here(name, run)), note: bits(first.stdout.length) };
}

/** Places of the values among all that occur; a byte each, so at most 256 of them. */
function symbolsOf(values: Float32Array): Uint8Array {
  const levels = [...new Set(values)].sort((a, b) => a - b);
  if (levels.length > 256) throw new Error(`${levels.length} levels do not fit into a byte`);
  const place = new Map(levels.map((value, i) => [value, i]));
  return Uint8Array.from(values, (value) => place.get(value)!);
}

async function realUpdate() {
  const directory = process.env.CELLFED_DATA ?? "../shared/data";
  const dataset = existsSync(directory)
    ? await loadDataset({ ...defaults.data, name: "cifar10", directory }, 1)
    : createDataset(defaults.data, 1);
  const trainer = createLocalTrainer(dataset, { model: { preset: "paper-cnn" }, training: defaults.training }, 1);
  const indices = Int32Array.from({ length: Math.min(2000, dataset.train.count) }, (_, i) => i);
  const job = { client: 0, round: 1, localEpochs: 1, start: trainer.initial(), indices };
  const update = trainer.train(job).update.slice();
  const start = job.start.map((w, i) => w + update[i]!);
  const next = trainer.train({ ...job, round: 2, start }).update.slice();
  const { tensors } = trainer;
  trainer.dispose();
  return { update, next, tensors };
}
