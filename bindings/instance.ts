import { instantiateSync } from "@assemblyscript/loader";
import { base64, bytes, type Exports } from "./generated/kernels.js";

let instance: Exports | undefined;

/** The kernels of this thread: compiled and started at the first call, in a few milliseconds. */
export function kernels(): Exports {
  if (instance === undefined) {
    instance = instantiateSync(decodeBase64(base64, bytes), {
      env: {
        abort: (_message: number, _file: number, line: number, column: number) => {
          throw new Error(`kernel check failed at line ${line}, column ${column} of the debug build`);
        },
      },
    }).instance.exports as unknown as Exports; // the bare exports: the loader's own wrap every call
  }
  return instance;
}

function decodeBase64(text: string, length: number): Uint8Array {
  const binary = atob(text);
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i++) out[i] = binary.charCodeAt(i);
  return out;
}
