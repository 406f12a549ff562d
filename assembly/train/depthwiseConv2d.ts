import { get, put } from "./lanes";
import { multiplyAdd } from "./multiplyAdd";
import { Window } from "./window";

/**
 * y[n,i,j,c] = bias[c] + Σ_{u,v} x[n, i·stride + u − padTop, j·stride + v − padLeft, c] · w[u,v,c], zero outside x.
 * x [N][H][W][C], w [KH][KW][C], y [N][OH][OW][C]; ReLU after it with relu = 1.
 */
export function depthwiseConv2dForward(
  batch: i32, relu: i32, g: Window, x: usize, w: usize, bias: usize, y: usize,
): void {
  const height = g.height, width = g.width, channels = g.channels;
  const outHeight = g.outHeight, outWidth = g.outWidth;
  const kernelHeight = g.kernelHeight, kernelWidth = g.kernelWidth;
  const stride = g.stride, padTop = g.padTop, padLeft = g.padLeft;
  const pixel = <usize>channels << 2;
  const floor = f32x4.splat(relu ? 0 : -Infinity);
  for (let n: i32 = 0; n < batch; n++) {
    for (let i: i32 = 0; i < outHeight; i++) {
      const u0 = max(0, padTop - i * stride), u1 = min(kernelHeight, height + padTop - i * stride);
      for (let j: i32 = 0; j < outWidth; j++) {
        const v0 = max(0, padLeft - j * stride), v1 = min(kernelWidth, width + padLeft - j * stride);
        const origin = (i * stride - padTop) * width + j * stride - padLeft;
        for (let c: i32 = 0; c < channels; c += 4) {
          const left = channels - c;
          const at = <usize>c << 2;
          let sum = get(bias + at, left);
          for (let u = u0; u < u1; u++) {
            let p = x + <usize>(origin + u * width + v0) * pixel + at;
            let q = w + <usize>(u * kernelWidth + v0) * pixel + at;
            for (let v = v0; v < v1; v++) {
              sum = multiplyAdd(get(p, left), get(q, left), sum);
              p += pixel;
              q += pixel;
            }
          }
          put(y + at, left, f32x4.pmax(sum, floor));
        }
        y += pixel;
      }
    }
    x += <usize>(height * width) * pixel;
  }
}

/** dw and, unless dx is 0, dx; both overwritten. */
export function depthwiseConv2dBackward(
  batch: i32, g: Window, x: usize, w: usize, dy: usize, dw: usize, dx: usize,
): void {
  const height = g.height, width = g.width, channels = g.channels;
  const outHeight = g.outHeight, outWidth = g.outWidth;
  const kernelHeight = g.kernelHeight, kernelWidth = g.kernelWidth;
  const stride = g.stride, padTop = g.padTop, padLeft = g.padLeft;
  const pixel = <usize>channels << 2;
  memory.fill(dw, 0, <usize>(kernelHeight * kernelWidth) * pixel);
  if (dx) memory.fill(dx, 0, <usize>(batch * height * width) * pixel);
  for (let n: i32 = 0; n < batch; n++) {
    for (let i: i32 = 0; i < outHeight; i++) {
      const u0 = max(0, padTop - i * stride), u1 = min(kernelHeight, height + padTop - i * stride);
      for (let j: i32 = 0; j < outWidth; j++) {
        const v0 = max(0, padLeft - j * stride), v1 = min(kernelWidth, width + padLeft - j * stride);
        const origin = (i * stride - padTop) * width + j * stride - padLeft;
        for (let c: i32 = 0; c < channels; c += 4) {
          const left = channels - c;
          const at = <usize>c << 2;
          const slope = get(dy + at, left);
          for (let u = u0; u < u1; u++) {
            let p = <usize>(origin + u * width + v0) * pixel + at;
            let q = <usize>(u * kernelWidth + v0) * pixel + at;
            for (let v = v0; v < v1; v++) {
              put(dw + q, left, multiplyAdd(slope, get(x + p, left), get(dw + q, left)));
              if (dx) put(dx + p, left, multiplyAdd(slope, get(w + q, left), get(dx + p, left)));
              p += pixel;
              q += pixel;
            }
          }
        }
        dy += pixel;
      }
    }
    x += <usize>(height * width) * pixel;
    if (dx) dx += <usize>(height * width) * pixel;
  }
}
