import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../src/cli/files/chromium.js";
import { shell } from "./shell.js";
import { cellfed } from "./spawn.js";

/** The examples of every command's help, run one after the other in one folder, as somebody would who tries them. */

const commands = [
  ...["run", "compare", "reproduce", "rates", "power", "quantize", "dequantize", "quantizers"],
  ...["data fetch", "data list", "data partition", "lab", "schema", "figures", "cite", "doctor", "completion"],
  ...["study", "price"],
];
const little = "--set data.trainExamples=200 --set data.testExamples=50";
/** What makes an example short, where it would take its time. */
const shortened: Record<string, string> = {
  run: `${little} --rounds 1`,
  compare: `${little} --rounds 1 --drops 2`,
  "reproduce power": `${little} --set model=softmax`,
};
/** Those that end otherwise than by themselves. */
const notRun: Record<string, string> = {
  ...(findChromium() === undefined && {
    "cellfed figures drawn": "there is no Chromium",
    "cellfed figures drawn/figures/accuracy-over-energy.svg --to pdf": "there is no Chromium",
  }),
  "cellfed data fetch mnist": "it needs the network",
  "cellfed lab --port 0": "it serves until Ctrl-C; lab.test.ts tries it",
};

const folder = mkdtempSync(join(tmpdir(), "cellfed-examples-"));
beforeAll(() => {
  copyFileSync(fileURLToPath(new URL("../../examples/problem.json", import.meta.url)), join(folder, "problem.json"));
  writeFileSync(
    join(folder, "update.f32"),
    Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i) ** 3),
  );
  copyFileSync(
    fileURLToPath(new URL("../../examples/flower-history.json", import.meta.url)),
    join(folder, "flower-history.json"),
  );
  const plan = { base: "quick", jobs: "pricing", axes: { power: ["full", "min-max"] }, seeds: "1..2", drops: 20 };
  writeFileSync(join(folder, "plan.json"), JSON.stringify(plan));
  mkdirSync(join(folder, "data"));
  for (const [name, count] of [
    ["train", 200],
    ["t10k", 50],
  ] as const) {
    const images = Uint8Array.from({ length: count * 784 }, (_, i) => (i * 7919) >> 3);
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
    writeFileSync(join(folder, "data", `${name}-images-idx3-ubyte`), idx([count, 28, 28], images));
    writeFileSync(join(folder, "data", `${name}-labels-idx1-ubyte`), idx([count], labels));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

function idx(shape: readonly number[], values: Uint8Array): Uint8Array {
  const head = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  head.setUint32(0, 0x0800 + shape.length);
  shape.forEach((size, i) => {
    head.setUint32(4 + 4 * i, size);
  });
  return Buffer.concat([new Uint8Array(head.buffer), values]);
}

async function examplesOf(command: string): Promise<string[]> {
  const { stdout } = await cellfed([...command.split(" "), "--help"]);
  return [...stdout.matchAll(/^ {2}(cellfed .*)$/gm)].map(([, line]) => line!);
}

it("knows every command", async () => {
  const { stdout } = await cellfed(["--help"]);
  const named = [...stdout.split("Commands:")[1]!.matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name!);
  expect(named.filter((name) => name !== "help")).toEqual(
    [...new Set(commands.map((one) => one.split(" ")[0]!))].sort((a, b) => named.indexOf(a) - named.indexOf(b)),
  );
});

describe.each(commands)("cellfed %s", (command) => {
  it("has examples in its help, which run", { timeout: 240_000 }, async () => {
    const examples = await examplesOf(command);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      if (example in notRun) continue;
      const more = Object.entries(shortened).find(([begin]) => example.startsWith(`cellfed ${begin}`))?.[1] ?? "";
      const { status, stderr } = await shell(`${example.replace("cellfed", "cf")} ${more}`, folder);
      expect([example, status, status === 0 ? "" : stderr]).toEqual([example, 0, ""]);
    }
  });
});
