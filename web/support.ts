import { hasSimd } from "../bindings/simd.js";

/** One sentence for a browser that cannot run the kernels; undefined for all others. */
export function whatIsMissing(): string | undefined {
  if (hasSimd()) return undefined;
  return "The lab computes with WebAssembly SIMD, which this browser lacks or has switched off: Chrome and Edge have it since version 91, Firefox since 89, Safari since 16.4.";
}
