/**
 * CELLFED_KERNELS=debug puts the debug build of the kernels, which keeps names and assertions, in the place of the release:
 * in the bundles, in the page and in every test.
 */
const choice = process.env.CELLFED_KERNELS || "release";
if (choice !== "release" && choice !== "debug") {
  throw new Error(`CELLFED_KERNELS: "${choice}" is not allowed (allowed: release, debug)`);
}

export const debugChosen: boolean = choice === "debug";

/** The module of the debug kernels instead of that of the release. */
export const debugAlias = [
  {
    find: /^\.\/generated\/kernels\.js$/,
    replacement: new URL("../bindings/generated/kernels-debug.ts", import.meta.url).pathname,
  },
];

export const chosenAlias: typeof debugAlias = debugChosen ? debugAlias : [];
