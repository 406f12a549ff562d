import { defineConfig } from "vite";
import { docsBesideLab } from "./scripts/docsPages.js";
import { chosenAlias } from "./scripts/kernelChoice.js";
import { keptOffline } from "./scripts/offline.js";

/** The page of `cellfed lab`: static files with relative addresses; page and workers are one script's parts. */
export default defineConfig({
  root: new URL("./web", import.meta.url).pathname,
  base: "./",
  resolve: { alias: chosenAlias },
  plugins: [docsBesideLab, keptOffline],
  // The page's modules stand in src/ and bindings/ too
  server: { fs: { allow: [".."] } },
  build: {
    outDir: "../dist/web",
    emptyOutDir: true,
    target: "es2022",
    // Its helper asks for a document, which workers do not have
    modulePreload: false,
    // In the page's head, so that nothing is drawn before it
    cssCodeSplit: false,
    // The kernels are base64 inside the workers' part; the page itself is small
    chunkSizeWarningLimit: 1500,
    // On a busy machine every build is slow
    rolldownOptions: { checks: { pluginTimings: false } },
  },
});
