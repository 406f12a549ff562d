import { instantiateSync } from "@assemblyscript/loader";
import { decodeBase64 } from "./base64.js";
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
