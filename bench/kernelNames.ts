import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const released = "build/kernels.wasm";

/**
 * Names of the kernels' functions by index. A release build leaves them out; the same build with them is made once more,
 * and taken only where its code is the same.
 */
export function kernelNames(): string[] {
  const folder = mkdtempSync(join(tmpdir(), "cellfed-names-"));
  try {
    const file = join(folder, "kernels.wasm");
    const compiler = ["node_modules/assemblyscript/bin/asc.js", "assembly/index.ts", "--target", "release"];
    const text = join(folder, "kernels.wat");
    spawnSync(process.execPath, [...compiler, "--debug", "--outFile", file, "--textFile", text]);
    const [own, named] = [readFileSync(released), readFileSync(file)];
    if (!section(own, 10)!.equals(section(named, 10)!)) return [];
    const [names] = WebAssembly.Module.customSections(new WebAssembly.Module(named), "name");
    return names === undefined ? [] : functionNames(Buffer.from(names));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The content of a module's section. */
function section(module: Buffer, wanted: number): Buffer | undefined {
  for (let at = 8; at < module.length; ) {
    const id = module[at]!;
    const [length, from] = leb(module, at + 1);
    if (id === wanted) return module.subarray(from, from + length);
    at = from + length;
  }
  return undefined;
}

/** Subsection 1 of the name section: (index, name) pairs; a name's last part, without its module. */
function functionNames(names: Buffer): string[] {
  const out: string[] = [];
  for (let at = 0; at < names.length; ) {
    const id = names[at]!;
    let [length, from] = leb(names, at + 1);
    at = from + length;
    if (id !== 1) continue;
    let count: number;
    [count, from] = leb(names, from);
    for (let i = 0; i < count; i++) {
      let index: number;
      [index, from] = leb(names, from);
      [length, from] = leb(names, from);
      out[index] = names.toString("utf8", from, from + length).replace(/^.*\//, "");
      from += length;
    }
  }
  return out;
}

/** An unsigned number of variable length and where it ends. */
function leb(bytes: Buffer, at: number): [value: number, next: number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]!;
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return [value, at];
  }
}
