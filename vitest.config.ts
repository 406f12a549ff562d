import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { debugAlias, debugChosen } from "./scripts/kernelChoice.js";

/**
 * The whole suite on the release kernels; the kernels' own tests once more on the debug build, which keeps its checks,
 * and those of training's products on the relaxed ones. With CELLFED_KERNELS=debug the whole suite on the debug build, once.
 */
const release = { extends: true as const, test: { name: "release", include: ["test/**/*.test.ts"] } };
const debug = {
  extends: true as const,
  resolve: { alias: debugAlias },
  test: {
    name: "debug",
    include: [debugChosen ? "test/**/*.test.ts" : "test/kernels/**/*.test.ts"],
    // Growing memory is about views in JavaScript, which the kernels' checks have no part in.
    exclude: debugChosen ? [] : ["test/kernels/growth.test.ts"],
  },
};
/** The same bounds hold: a product and a sum that are rounded once have one error less. */
const relaxed = {
  extends: true as const,
  test: {
    name: "relaxed",
    include: ["kernels/train", "kernels/windows", "training/gradients", "training/reference"].map(
      (name) => `test/${name}.test.ts`,
    ),
    setupFiles: ["test/useRelaxed.ts"],
  },
};

export default defineConfig({
  // Two at a time also where there are two cores: half of the time goes into waiting for commands and browsers.
  test: {
    testTimeout: 30_000,
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: debugChosen ? [debug] : [release, debug, relaxed],
  },
});
