import { defineConfig } from "vite";
import { chosenAlias } from "./scripts/kernelChoice.js";

/** The page of `cellfed lab`: static files with relative addresses, the simulation in a worker of its own. */
export default defineConfig({
  root: new URL("./web", import.meta.url).pathname,
  base: "./",
  resolve: { alias: chosenAlias },
  // The page's modules stand in src/ and bindings/ too
  server: { fs: { allow: [".."] } },
  worker: { format: "es" },
  build: {
    outDir: "../dist/web",
    emptyOutDir: true,
    target: "es2022",
    // The kernels are base64 inside the worker; the page itself is small
    chunkSizeWarningLimit: 1500,
    // On a busy machine every build is slow
    rolldownOptions: { checks: { pluginTimings: false } },
  },
});
