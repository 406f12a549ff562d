import { add, get, mul, put } from "./lanes";
import { Window } from "./window";

/**
 * y[n,i,j,c] = (1 / (KH·KW)) Σ_{u,v} x[n, i·stride + u, j·stride + v, c]; windows lie inside x.
 * x [N][H][W][C], y [N][OH][OW][C].
 */
export function averagePool2dForward(batch: i32, g: Window, x: usize, y: usize): void {
  const height = g.height, width = g.width, channels = g.channels, outHeight = g.outHeight, outWidth = g.outWidth;
  const kernelHeight = g.kernelHeight, kernelWidth = g.kernelWidth, stride = g.stride;
  const pixel = <usize>channels << 2, row = <usize>width * pixel;
  const scale = f32x4.splat(1 / <f32>(kernelHeight * kernelWidth));
  for (let n: i32 = 0; n < batch; n++) {
    for (let i: i32 = 0; i < outHeight; i++) {
      for (let j: i32 = 0; j < outWidth; j++) {
        let window = x + <usize>(i * stride) * row + <usize>(j * stride) * pixel;
        for (let left = channels; left > 0; left -= 4) {
          let sum = f32x4.splat(0);
          for (let u: i32 = 0; u < kernelHeight; u++) {
            let p = window + <usize>u * row;
            for (let v: i32 = 0; v < kernelWidth; v++) {
              sum = add(sum, get(p, left));
              p += pixel;
            }
          }
          put(y, left, mul(sum, scale));
          window += 16;
          y += left < 4 ? <usize>left << 2 : 16;
        }
      }
    }
    x += <usize>height * row;
  }
}

/** dx (overwritten): every entry of a window gets dy / (KH·KW). */
export function averagePool2dBackward(batch: i32, g: Window, dy: usize, dx: usize): void {
  const height = g.height, width = g.width, channels = g.channels, outHeight = g.outHeight, outWidth = g.outWidth;
  const kernelHeight = g.kernelHeight, kernelWidth = g.kernelWidth, stride = g.stride;
  const pixel = <usize>channels << 2, row = <usize>width * pixel;
  const scale = f32x4.splat(1 / <f32>(kernelHeight * kernelWidth));
  memory.fill(dx, 0, <usize>batch * height * row);
  for (let n: i32 = 0; n < batch; n++) {
    for (let i: i32 = 0; i < outHeight; i++) {
      for (let j: i32 = 0; j < outWidth; j++) {
        let window = dx + <usize>(i * stride) * row + <usize>(j * stride) * pixel;
        for (let left = channels; left > 0; left -= 4) {
          const share = mul(get(dy, left), scale);
          for (let u: i32 = 0; u < kernelHeight; u++) {
            let p = window + <usize>u * row;
            for (let v: i32 = 0; v < kernelWidth; v++) {
              put(p, left, add(get(p, left), share));
              p += pixel;
            }
          }
          window += 16;
          dy += left < 4 ? <usize>left << 2 : 16;
        }
      }
    }
    dx += <usize>height * row;
  }
}
