/**
 * Elementary functions whose last bit does not depend on the engine.
 *
 * AssemblyScript's NativeMath is compiled into the module (a port of musl's libm), so these give
 * the same bits in every JavaScript engine, which `Math.exp` and its like do not.
 */
export function exp(x: f64): f64 {
  return NativeMath.exp(x);
}

export function expm1(x: f64): f64 {
  return NativeMath.expm1(x);
}

export function log(x: f64): f64 {
  return NativeMath.log(x);
}

export function log1p(x: f64): f64 {
  return NativeMath.log1p(x);
}

export function log2(x: f64): f64 {
  return NativeMath.log2(x);
}

export function log10(x: f64): f64 {
  return NativeMath.log10(x);
}

export function pow(x: f64, y: f64): f64 {
  return NativeMath.pow(x, y);
}

export function sin(x: f64): f64 {
  return NativeMath.sin(x);
}

export function cos(x: f64): f64 {
  return NativeMath.cos(x);
}

export function tanh(x: f64): f64 {
  return NativeMath.tanh(x);
}

export function atan2(y: f64, x: f64): f64 {
  return NativeMath.atan2(y, x);
}
