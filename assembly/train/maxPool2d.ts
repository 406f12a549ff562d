import { Window } from "./window";

/**
 * y[n,i,j,c] = max over u, v < kernelWidth of x[n, i·stride + u, j·stride + v, c]; windows lie inside x.
 * x [N][H][W][C], y [N][OH][OW][C].
 */
export function maxPool2dForward(batch: i32, g: Window, x: usize, y: usize): void {
  const height = g.height, width = g.width, outHeight = g.outHeight, outWidth = g.outWidth;
  const kernelHeight = g.kernelHeight, kernelWidth = g.kernelWidth, stride = g.stride;
  const pixel = <usize>g.channels << 2, row = <usize>width * pixel;
  for (let n: i32 = 0; n < batch; n++) {
    for (let i: i32 = 0; i < outHeight; i++) {
      let window = x + <usize>(i * stride) * row;
      for (let j: i32 = 0; j < outWidth; j++) {
        let c: usize = 0;
        for (; c + 16 <= pixel; c += 16) {
          let best = v128.load(window + c);
          for (let u: i32 = 0; u < kernelHeight; u++) {
            let p = window + c + <usize>u * row;
            for (let v: i32 = 0; v < kernelWidth; v++) {
              best = f32x4.pmax(best, v128.load(p));
              p += pixel;
            }
          }
          v128.store(y + c, best);
        }
        for (; c < pixel; c += 4) {
          let best = load<f32>(window + c);
          for (let u: i32 = 0; u < kernelHeight; u++) {
            let p = window + c + <usize>u * row;
            for (let v: i32 = 0; v < kernelWidth; v++) {
              const value = load<f32>(p);
              if (best < value) best = value;
              p += pixel;
            }
          }
          store<f32>(y + c, best);
        }
        y += pixel;
        window += <usize>stride * pixel;
      }
    }
    x += <usize>height * row;
  }
}

/**
 * dx (overwritten): dy goes to the first entry of its window, row by row, that equals the maximum.
 * With relu = 1, x is the output of a ReLU and dx the gradient before it: nothing passes where the maximum is 0.
 */
export function maxPool2dBackward(
  batch: i32, relu: i32, g: Window, x: usize, y: usize, dy: usize, dx: usize,
): void {
  const height = g.height, width = g.width, outHeight = g.outHeight, outWidth = g.outWidth;
  const kernelHeight = g.kernelHeight, kernelWidth = g.kernelWidth, stride = g.stride;
  const pixel = <usize>g.channels << 2, row = <usize>width * pixel;
  const keep = i32x4.splat(relu ? 0 : -1);
  memory.fill(dx, 0, <usize>batch * height * row);
  for (let n: i32 = 0; n < batch; n++) {
    for (let i: i32 = 0; i < outHeight; i++) {
      let window = <usize>(i * stride) * row;
      for (let j: i32 = 0; j < outWidth; j++) {
        let c: usize = 0;
        for (; c + 16 <= pixel; c += 16) {
          const best = v128.load(y + c);
          let rest = v128.and(v128.load(dy + c), v128.or(keep, f32x4.gt(best, f32x4.splat(0))));
          for (let u: i32 = 0; u < kernelHeight; u++) {
            let p = window + c + <usize>u * row;
            for (let v: i32 = 0; v < kernelWidth; v++) {
              const hit = f32x4.eq(v128.load(x + p), best);
              v128.store(dx + p, f32x4.add(v128.load(dx + p), v128.and(rest, hit)));
              rest = v128.andnot(rest, hit);
              p += pixel;
            }
          }
        }
        for (; c < pixel; c += 4) {
          const best = load<f32>(y + c);
          let open = !relu || best > 0;
          for (let u: i32 = 0; u < kernelHeight && open; u++) {
            let p = window + c + <usize>u * row;
            for (let v: i32 = 0; v < kernelWidth; v++) {
              if (load<f32>(x + p) == best) {
                store<f32>(dx + p, load<f32>(dx + p) + load<f32>(dy + c));
                open = false;
                break;
              }
              p += pixel;
            }
          }
        }
        y += pixel;
        dy += pixel;
        window += <usize>stride * pixel;
      }
    }
    x += <usize>height * row;
    dx += <usize>height * row;
  }
}
