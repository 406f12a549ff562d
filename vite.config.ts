import { readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";

/** The kernels are inside the bundle; the file is for those who want to compile them themselves. */
const rawKernels: Plugin = {
  name: "raw-kernels",
  generateBundle() {
    this.emitFile({ type: "asset", fileName: "kernels.wasm", source: readFileSync("build/kernels.wasm") });
  },
};

/** Bundles of the library, the command and the benchmarks: one file an entry, common chunks shared. */
export default defineConfig({
  plugins: [rawKernels],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    minify: false,
    sourcemap: true,
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
      external: [
        /^node:/,
        "commander",
        "cli-progress",
        "piscina",
        "tar",
        "fflate",
        "@observablehq/plot",
        "linkedom",
        "@duckdb/node-api",
        "mathjs",
        "benchmark",
        "quadprog",
      ],
      output: { chunkFileNames: "chunks/[name]-[hash].js" },
    },
  },
});
