import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as library from "../../src/index.js";
import type * as schema from "../../src/parts/jsonSchema.js";
import type * as benchmark from "../../src/quantizers/proof/benchmark.js";
import type * as page from "../../web/fields.js";
import { root } from "../sources.js";

/**
 * A new part is one file and one line in its registry. Here one of each kind is added to the sources in just this way,
 * the library is built from them, and the parts are used through its public face.
 */
interface Addition {
  file: string;
  source: string;
  registry: string;
  /** What the registry imports the part as; the list gets it behind `after` */
  name: string;
  after: string;
}

const additions: Record<string, Addition> = {
  quantizer: {
    file: "src/quantizers/methods/extra.ts",
    registry: "src/quantizers/index.ts",
    name: "extra",
    after: "  identity,\n",
    source: `
      import { f32, u8 } from "../../../bindings/memory.js";
      import { requireFinite } from "../finite.js";
      import type { Method } from "../method.js";
      export const extra: Method = {
        name: "extra-quantizer",
        title: "Extra quantizer",
        format: 99,
        summary: "entries above a limit as they are, the others as 0",
        settings: { limit: { default: 0, minimum: 0, summary: "the limit" } },
        proof: { benchmark: [{}, { limit: 0.5 }] },
        encoder: ({ limit }) => (input, _context, writer) => {
          const kept = f32(input.pointer, input.length).map((x) => (Math.abs(x) > (limit as number) ? x : 0));
          writer.bytes(new Uint8Array(kept.buffer));
          return { nominalBits: 32 * input.length };
        },
        decode(reader, out) {
          const at = reader.offset();
          const bytes = 4 * out.length;
          u8(out.pointer, bytes).set(u8(reader.block(bytes, "the values"), bytes));
          requireFinite(out, at, 4);
        },
      };`,
  },
  "power method": {
    file: "src/power/extra.ts",
    registry: "src/power/index.ts",
    name: "extra",
    after: "  coordinateMethod,\n",
    source: `
      import { allocation } from "./cost.js";
      import type { Method } from "./method.js";
      export const extra: Method = {
        name: "extra-power",
        title: "Extra power",
        settings: { share: { default: 0.5, above: 0, maximum: 1, summary: "of full power" } },
        create: ({ share }) => ({
          name: "extra-power",
          allocate: (problem) =>
            allocation(problem, Float64Array.from(problem.bits, (b) => (b > 0 ? (share as number) : 0)), {
              status: "converged",
              iterations: 0,
            }),
        }),
      };`,
  },
  optimizer: {
    file: "src/training/optimizers/extra.ts",
    registry: "src/training/optimizers/registry.ts",
    name: "extra",
    after: "adamw",
    source: `
      import { f32 } from "../../../bindings/memory.js";
      import { learningRate, type OptimizerMethod } from "./method.js";
      export const extra: OptimizerMethod = {
        name: "extra-optimizer",
        title: "Extra optimizer",
        settings: { learningRate: learningRate(0.01) },
        vectors: 0,
        stepper: (_settings, size) => ({
          step(w, g, rate) {
            const [weights, gradient] = [f32(w, size), f32(g, size)];
            for (let i = 0; i < size; i++) weights[i] = weights[i]! - rate * Math.sign(gradient[i]!);
          },
        }),
      };`,
  },
  "server rule": {
    file: "src/training/servers/extra.ts",
    registry: "src/training/servers/registry.ts",
    name: "extra",
    after: "  fedyogi,\n",
    source: `
      import { type ServerRule, serverRate } from "./rule.js";
      export const extra: ServerRule = {
        name: "extra-rule",
        title: "Extra rule",
        settings: { learningRate: serverRate(0.5) },
        step: ({ learningRate }) => (w, delta) => {
          for (let i = 0; i < w.length; i++) w[i] = w[i]! + learningRate! * delta[i]!;
        },
      };`,
  },
  "selection rule": {
    file: "src/system/selection/rules/extra.ts",
    registry: "src/system/selection/registry.ts",
    name: "extra",
    after: "  deadline,\n",
    source: `
      import type { SelectionRule } from "../rule.js";
      export const extra: SelectionRule = {
        name: "extra-selection",
        title: "Extra selection",
        settings: { first: { default: 1, minimum: 0, integer: true, summary: "the one who takes part" } },
        select: ({ available }, { first }) => ({ clients: available.filter((client) => client === first) }),
      };`,
  },
  layer: {
    file: "src/training/layers/extra.ts",
    registry: "src/training/layers/registry.ts",
    name: "extraLayer",
    after: "  reshape,\n",
    source: `
      import { f32 } from "../../../bindings/memory.js";
      import { allowSettings, type LayerBuilder, product } from "./layer.js";
      export const extraLayer: LayerBuilder = (config, context) => {
        allowSettings(config, context, []);
        const size = product(context.input);
        return {
          output: context.input,
          forward: (x, y, batch) => f32(y, batch * size).set(f32(x, batch * size).map((value) => 2 * value)),
          backward(_x, _y, dy, dx, batch) {
            if (dx !== 0) f32(dx, batch * size).set(f32(dy, batch * size).map((value) => 2 * value));
          },
        };
      };`,
  },
  receiver: {
    file: "src/network/extra.ts",
    registry: "src/network/receivers.ts",
    name: "extra",
    after: '  receiver("mr+lsfd", "MR, optimally weighted"),\n',
    source: `
      import type { OwnReceiver } from "./receivers.js";
      export const extra: OwnReceiver = {
        name: "extra-receiver",
        title: "Extra receiver",
        rateModel: ({ clients: K, accessPoints: L, gain, noisePower, transmitPower }) => ({
          signal: Float64Array.from({ length: K }, (_, k) => (transmitPower * gain[k * L]!) / noisePower),
          selfInterference: new Float64Array(K),
          interference: new Float64Array(K * K),
          noise: new Float64Array(K).fill(1),
        }),
      };`,
  },
};

/** The registry with the part: an import and a line in the list. */
function extended({ file, registry, name, after }: Addition): string {
  const text = readFileSync(join(root, registry), "utf8");
  const parts = text.split(after);
  const last = parts.pop()!;
  expect(parts.length, `${registry} has ${after}`).toBeGreaterThan(0);
  const from = dirname(registry);
  const specifier = `./${file.slice(from.length + 1).replace(/\.ts$/, ".js")}`;
  const entry = after.endsWith("\n") ? `  ${name},\n` : `, ${name}`;
  return `import { ${name} } from "${specifier}";\n${parts.join(after)}${after}${entry}${last}`;
}

type Face = typeof library & typeof schema & typeof benchmark & typeof page;
const folder = mkdtempSync(join(tmpdir(), "cellfed-parts-"));
let face: Face;

beforeAll(async () => {
  const overlay = new Map<string, string>();
  for (const addition of Object.values(additions)) {
    expect(existsSync(join(root, addition.file))).toBe(false);
    overlay.set(join(root, addition.file), addition.source);
    overlay.set(join(root, addition.registry), extended(addition));
  }
  const entry = join(root, "src/everything.ts");
  const modules = ["./index.js", "./parts/jsonSchema.js", "./quantizers/proof/benchmark.js", "../web/fields.js"];
  overlay.set(entry, modules.map((path) => `export * from "${path}";`).join("\n"));
  const additional: Plugin = {
    name: "additional-files",
    enforce: "pre",
    resolveId(specifier, importer) {
      if (specifier === entry) return entry;
      if (importer === undefined || !specifier.startsWith(".")) return;
      const path = resolve(dirname(importer), specifier).replace(/\.js$/, ".ts");
      return overlay.has(path) ? path : undefined;
    },
    load: (id) => overlay.get(id),
  };
  const file = "everything.mjs";
  await build({
    root,
    configFile: false,
    logLevel: "error",
    plugins: [additional],
    build: {
      write: true,
      outDir: folder,
      emptyOutDir: false,
      minify: false,
      target: "es2022",
      lib: { entry, formats: ["es"], fileName: () => file },
    },
  });
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  face = (await import(/* @vite-ignore */ pathToFileURL(join(folder, file)).href)) as Face;
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a part that was added by one file and one line", () => {
  it.each(Object.entries(additions))("%s: two files differ, the registry by its name alone", (_kind, addition) => {
    const before = readFileSync(join(root, addition.registry), "utf8").split("\n");
    const after = extended(addition).split("\n");
    const lines = new Set(before);
    const different = after.filter((line) => !lines.has(line));
    expect(different).toHaveLength(2);
    for (const line of different) expect(line).toContain(addition.name);
  });

  const tiny = {
    rounds: 2,
    data: { trainExamples: 60, testExamples: 20 },
    model: { preset: "softmax" },
    training: { localEpochs: 1 },
    network: { clients: 3, accessPoints: 4 },
  } as const;
  const layers = [{ type: "flatten" }, { type: "extraLayer" }, { type: "dense", units: 10 }];

  it.each<[string, object]>([
    ["quantizer", { quantizer: { name: "extra-quantizer", limit: 0.001 } }],
    ["power method", { power: { method: "extra-power", share: 0.25 } }],
    ["optimizer", { training: { optimizer: "extra-optimizer", localEpochs: 1 } }],
    ["server rule", { server: "extra-rule" }],
    ["selection rule", { selection: "extra-selection" }],
    ["layer", { model: { preset: "custom", layers } }],
    ["receiver", { network: { ...tiny.network, combining: "extra-receiver" } }],
  ])("%s: trains and is paid for", async (_kind, change) => {
    const usual = await face.simulate(tiny);
    const result = await face.simulate({ ...tiny, ...change } as Parameters<typeof face.simulate>[0]);
    expect(result.ended.by).toBe("rounds");
    expect(result.fingerprint.results).not.toBe(usual.fingerprint.results);
    expect(result.fingerprint.config).not.toBe(usual.fingerprint.config);
  });

  it("is in the schema, in what is allowed, on the page and in the benchmark", () => {
    const text = JSON.stringify(face.fieldsJsonSchema());
    for (const name of [
      "extra-quantizer",
      "extra-power",
      "extra-optimizer",
      "extra-rule",
      "extra-selection",
      "extra-receiver",
    ]) {
      expect(text).toContain(`"${name}"`);
    }
    expect(text).toContain("of full power (of extra-power)");
    expect(() => face.resolveConfig({ sets: ["power=extra-pwer"] })).toThrow('did you mean "extra-power"?');
    expect(() => face.resolveConfig({ sets: ["power=extra-power", "power.share=2"] })).toThrow(
      "power.share: 2 is not allowed (allowed: a number above 0 and at most 1)",
    );
    const labels = face.allFields().fields.flatMap(({ options }) => (options ?? []).map(([, label]) => label));
    for (const title of ["Extra quantizer", "Extra power", "Extra optimizer", "Extra receiver"]) {
      expect(labels).toContain(title);
    }
    expect(face.usualSubjects().filter(({ name }) => name === "extra-quantizer")).toHaveLength(2);
    expect(face.checkQuantizer(face.quantizer("extra-quantizer")).checks.filter(({ passed }) => !passed)).toEqual([]);
  });

  it("is compared by name", async () => {
    const { cells } = await face.compare({
      file: tiny,
      power: ["full", "extra-power:share=0.25"],
      quantizers: ["extra-quantizer:limit=0.001"],
    });
    expect(JSON.stringify(cells)).toContain("extra-power:share=0.25");
  });
});
