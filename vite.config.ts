import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { fileURLToPath } from "node:url";
import { defineConfig, esmExternalRequirePlugin, type Plugin } from "vite";
import { chosenAlias, debugChosen } from "./scripts/kernelChoice.js";

/** The kernels are inside the bundle; the file is for those who want to compile them themselves. */
const rawKernels: Plugin = {
  name: "raw-kernels",
  generateBundle() {
    const source = readFileSync(debugChosen ? "build/kernels-debug.wasm" : "build/kernels.wasm");
    this.emitFile({ type: "asset", fileName: "kernels.wasm", source });
  },
};

/**
 * Piscina looks for its threads' entry beside its own file, which a bundle moves: the entry becomes a file of the
 * bundle, and its address is put where Piscina asks for it. What sets a thread's niceness is native, and not used.
 */
const bundledPiscina: Plugin = {
  name: "bundled-piscina",
  enforce: "pre",
  resolveId: (id) => (id === "@napi-rs/nice" || id === "piscina-worker-file" ? `\0${id}` : undefined),
  load(id) {
    if (id === "\0@napi-rs/nice") return "export function nice() {}";
    if (id !== "\0piscina-worker-file") return;
    const entry = fileURLToPath(new URL("node_modules/piscina/dist/worker.js", import.meta.url));
    const file = this.emitFile({ type: "chunk", id: entry, fileName: "chunks/piscina-worker.js" });
    return `export const url = new URL(import.meta.ROLLUP_FILE_URL_${file});`;
  },
  transform(code, id) {
    if (!id.endsWith("/piscina/dist/index.js")) return;
    const parts = code.split("(0, node_path_1.resolve)(__dirname, 'worker.js')");
    if (parts.length !== 2) this.error("piscina no longer names its worker's file as bundled-piscina expects");
    return { code: parts.join('require("piscina-worker-file").url'), map: null };
  },
};

/**
 * Bundles of the library, the command and the benchmarks: one file an entry, common chunks shared.
 * The packages they use are in them, in chunks of their own that load with the command that needs them, so that an
 * installation is this package alone; their licenses are in THIRD-PARTY.md.
 */
export default defineConfig({
  base: "./",
  resolve: { alias: chosenAlias },
  plugins: [rawKernels, bundledPiscina, esmExternalRequirePlugin({ external: [/^node:/, ...builtinModules] })],
  build: {
    outDir: "dist",
    // scripts/build.mjs clears it of earlier builds, but for the page
    emptyOutDir: false,
    target: "es2022",
    minify: false,
    sourcemap: true,
    license: { fileName: "THIRD-PARTY.md" },
    lib: {
      entry: {
        index: "src/index.ts",
        node: "src/node.ts",
        cli: "src/cli/main.ts",
        worker: "src/study/run/worker.ts",
        bench: "bench/index.ts",
      },
      formats: ["es"],
    },
    rollupOptions: {
      // DuckDB is native and 70 MB: whoever wants SQL installs it, and whoever wants a queue its packages. The others are
      // the benchmarks' peers
      external: ["@duckdb/node-api", "bullmq", "ioredis", "mathjs", "benchmark", "quadprog"],
      output: {
        // What only the benchmarks load is not published
        chunkFileNames: ({ moduleIds }) =>
          `${moduleIds.some((id) => id.includes("/bench/")) ? "bench" : "chunks"}/[name]-[hash].js`,
      },
    },
  },
});
