import { setFlagsFromString } from "node:v8";
import { relaxedSupported } from "../bindings/products.js";

/** Node 20 has relaxed SIMD behind a flag, which may be set at any time before a module is compiled. */
if (!relaxedSupported()) setFlagsFromString("--experimental-wasm-relaxed-simd");
