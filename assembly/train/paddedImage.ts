import { Window } from "./window";

/**
 * One image of a batch with its border of zeros, so that every patch is kernelHeight runs of kernelWidth · channels
 * values in place, and none has to be copied. Only what patches reach is there: [rows][width][channels] with
 * rows = (outHeight − 1) · stride + kernelHeight, width likewise.
 */

// @ts-ignore: decorator
@inline
function paddedRows(g: Window): i32 {
  return (g.outHeight - 1) * g.stride + g.kernelHeight;
}

/** Bytes from one row to the next. */
// @ts-ignore: decorator
@inline
export function paddedRowBytes(g: Window): usize {
  return <usize>(((g.outWidth - 1) * g.stride + g.kernelWidth) * g.channels) << 2;
}

/**
 * Floats of an image. Behind it lies what whole tiles read or write too much: two rows where three are taken at once,
 * three pixels where four are, the rest of 32 values.
 */
export function paddedFloats(g: Window): i32 {
  return (<i32>(paddedRowBytes(g) >> 2) * (paddedRows(g) + 2) + 4 * g.stride * g.channels + 35) & ~3;
}

/** Fills the whole image, border and all that lies behind it, with 0. */
export function clearPadded(g: Window, image: usize): void {
  memory.fill(image, 0, <usize>paddedFloats(g) << 2);
}

/** Copies x [height][width][channels] into an image whose border is 0 already. */
export function fillPadded(g: Window, x: usize, image: usize): void {
  const row = paddedRowBytes(g), from = <usize>(g.width * g.channels) << 2, left = <usize>(g.padLeft * g.channels) << 2;
  const rows = min(g.height, paddedRows(g) - g.padTop);
  const bytes = min(from, row - left);
  let to = image + <usize>g.padTop * row + left;
  for (let i: i32 = 0; i < rows; i++) {
    copyRow(x, to, bytes);
    x += from;
    to += row;
  }
}

/** The inverse: dx [height][width][channels] from a padded image; what no patch reaches is 0. */
export function takePadded(g: Window, image: usize, dx: usize): void {
  const row = paddedRowBytes(g), to = <usize>(g.width * g.channels) << 2, left = <usize>(g.padLeft * g.channels) << 2;
  const rows = min(g.height, paddedRows(g) - g.padTop);
  const bytes = min(to, row - left);
  if (rows < g.height || bytes < to) memory.fill(dx, 0, <usize>g.height * to);
  let from = image + <usize>g.padTop * row + left;
  for (let i: i32 = 0; i < rows; i++) {
    copyRow(from, dx, bytes);
    from += row;
    dx += to;
  }
}

/** A row of an image; starting memory.copy costs more than a short one takes. */
// @ts-ignore: decorator
@inline
function copyRow(from: usize, to: usize, bytes: usize): void {
  if (bytes >= 256) {
    memory.copy(to, from, bytes);
    return;
  }
  const end = from + bytes;
  for (; from + 16 <= end; from += 16) {
    v128.store(to, v128.load(from));
    to += 16;
  }
  for (; from < end; from += 4) {
    store<f32>(to, load<f32>(from));
    to += 4;
  }
}
