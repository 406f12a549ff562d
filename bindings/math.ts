import { kernels } from "./instance.js";

/** Elementary functions with the same bits in every engine; use these, never Math's, where a result depends on it. */
export const exp = (x: number): number => kernels().exp(x);
export const expm1 = (x: number): number => kernels().expm1(x);
export const log = (x: number): number => kernels().log(x);
export const log1p = (x: number): number => kernels().log1p(x);
export const log2 = (x: number): number => kernels().log2(x);
export const log10 = (x: number): number => kernels().log10(x);
export const pow = (x: number, y: number): number => kernels().pow(x, y);
export const sin = (x: number): number => kernels().sin(x);
export const cos = (x: number): number => kernels().cos(x);
export const tanh = (x: number): number => kernels().tanh(x);
export const atan2 = (y: number, x: number): number => kernels().atan2(y, x);
