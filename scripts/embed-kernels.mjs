// Puts the compiled kernels inside JavaScript: base64 plus the export types that asc wrote.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const target = process.argv[2] ?? "kernels"; // kernels | kernels-debug
const wasm = readFileSync(`build/${target}.wasm`);
const declarations = readFileSync(`build/${target}.d.ts`, "utf8");
mkdirSync("bindings/generated", { recursive: true });
writeFileSync(
  `bindings/generated/${target}.ts`,
  `// Written by scripts/embed-kernels.mjs from build/${target}.wasm; do not edit.
export const bytes: number = ${wasm.length};
export const base64: string = ${JSON.stringify(wasm.toString("base64"))};
export type Exports = typeof __AdaptedExports;
${declarations.replace(/^\/\*\* Instantiated module \*\/[\s\S]*$/m, "")}`,
);
console.error(`${target}: ${wasm.length} bytes of WebAssembly`);
