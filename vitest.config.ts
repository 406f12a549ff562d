import { defineConfig } from "vitest/config";

/** The whole suite on the release kernels; the kernels' own tests once more on the debug build, which keeps its checks. */
export default defineConfig({
  test: {
    testTimeout: 30_000,
    projects: [
      { extends: true, test: { name: "release", include: ["test/**/*.test.ts"] } },
      {
        extends: true,
        resolve: {
          alias: [
            {
              find: /^\.\/generated\/kernels\.js$/,
              replacement: new URL("./bindings/generated/kernels-debug.ts", import.meta.url).pathname,
            },
          ],
        },
        test: { name: "debug", include: ["test/kernels/**/*.test.ts"] },
      },
    ],
  },
});
