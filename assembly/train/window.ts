/**
 * The geometry of the layers that slide a window over images, written once when the layer is built. The records are the
 * kernels' one argument for all of it; bindings/ gets its types and places from here (scripts/embed-kernels.mjs).
 *
 * x [N][height][width][channels] → y [N][outHeight][outWidth][…], the window's corner at (i·stride − padTop, j·stride − padLeft).
 */
@unmanaged
export class Window {
  height: i32;
  width: i32;
  channels: i32;
  outHeight: i32;
  outWidth: i32;
  kernelHeight: i32;
  kernelWidth: i32;
  stride: i32;
  padTop: i32;
  padLeft: i32;
}

/** A convolution: w [kernelHeight][kernelWidth][channels][filters], y [N][outHeight][outWidth][filters]. */
@unmanaged
export class Convolution extends Window {
  filters: i32;
}

/** A convolution and max-pooling in adjoining windows of poolSize² behind it: y [N][poolHeight][poolWidth][filters]. */
@unmanaged
export class PooledConvolution extends Convolution {
  poolSize: i32;
  poolHeight: i32;
  poolWidth: i32;
}

/** Values of a patch: kernelHeight · kernelWidth · channels. */
// @ts-ignore: decorator
@inline
export function patchLength(g: Window): i32 {
  return g.kernelHeight * g.kernelWidth * g.channels;
}

/** Bytes of one image. */
// @ts-ignore: decorator
@inline
export function imageBytes(g: Window): usize {
  return <usize>(g.height * g.width * g.channels) << 2;
}
