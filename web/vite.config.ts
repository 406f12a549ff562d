import { defineConfig } from "vite";

/** The page of `cellfed lab`: static files with relative addresses, the simulation in a worker of its own. */
export default defineConfig({
  root: new URL(".", import.meta.url).pathname,
  base: "./",
  worker: { format: "es" },
  build: {
    outDir: "../dist/web",
    emptyOutDir: true,
    target: "es2022",
    // The kernels are base64 inside the worker; the page itself is small
    chunkSizeWarningLimit: 1500,
  },
});
