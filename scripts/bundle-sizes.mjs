// What a bundle costs that imports one name from the library, minified and compressed: `npm run bundle-sizes` prints the
// table that stands in docs/development.md. Needs dist/.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const root = resolve(import.meta.dirname, "..");
const library = join(root, "dist/index.js");
const names = [
  "presets",
  "InputError",
  "parseMethod",
  "stream",
  "quantizer",
  "createNetwork",
  "allocatePower",
  "minimize",
];
const whole = [...names, "createModel", "compare", "simulate"];

/** Bytes of the entry and of everything that it loads at once; what it may load later is not in it. */
async function sizeOf(name) {
  const folder = mkdtempSync(join(tmpdir(), "cellfed-bundle-"));
  try {
    const entry = join(folder, "entry.mjs");
    writeFileSync(entry, `import { ${name} } from ${JSON.stringify(library)};\nconsole.log(${name});\n`);
    const { output } = await build({
      configFile: false,
      logLevel: "error",
      root: folder,
      build: { write: false, target: "es2022", modulePreload: false, rollupOptions: { input: entry } },
    });
    const chunks = new Map(output.filter(({ type }) => type === "chunk").map((chunk) => [chunk.fileName, chunk]));
    const reached = new Set();
    const reach = (file) => {
      if (reached.has(file) || !chunks.has(file)) return;
      reached.add(file);
      chunks.get(file).imports.forEach(reach);
    };
    for (const { isEntry, fileName } of chunks.values()) if (isEntry) reach(fileName);
    const code = [...reached].map((file) => chunks.get(file).code).join("\n");
    return { name, bytes: code.length, gzip: gzipSync(code).length, kernels: /AGFzbQ/.test(code) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const kB = (bytes) => `${(bytes / 1000).toFixed(bytes < 1e4 ? 1 : 0)} kB`;
console.log('| `import { … } from "cellfed"` | minified | gzip | kernels |\n|---|---|---|---|');
for (const name of whole) {
  const { bytes, gzip, kernels } = await sizeOf(name);
  console.log(`| \`${name}\` | ${kB(bytes)} | ${kB(gzip)} | ${kernels ? "yes" : "no"} |`);
}
