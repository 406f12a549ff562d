import { Window } from "./window";

/**
 * Patches as rows: columns[r][u][v][c] = x[n, i·stride + u − padTop, j·stride + v − padLeft, c] for the output
 * pixels r = first … first + count − 1 of a whole batch (r = (n·OH + i)·OW + j), 0 outside the image.
 * Up to 44 bytes behind x are read, and behind the columns written.
 */
export function fillColumns(first: i32, count: i32, g: Window, x: usize, columns: usize): void {
  const height = g.height, width = g.width, channels = g.channels;
  const outHeight = g.outHeight, outWidth = g.outWidth;
  const kernelHeight = g.kernelHeight, kernelWidth = g.kernelWidth;
  const stride = g.stride, padTop = g.padTop, padLeft = g.padLeft;
  const run = kernelWidth * channels;
  const rowBytes = <usize>(width * channels) << 2;
  let j = first % outWidth;
  let i = (first / outWidth) % outHeight;
  let image = x + <usize>(first / (outWidth * outHeight)) * height * rowBytes;
  for (let r: i32 = 0; r < count; r++) {
    const left = j * stride - padLeft, top = i * stride - padTop;
    if (left >= 0 && top >= 0 && left + kernelWidth <= width && top + kernelHeight <= height) {
      let from = image + <usize>top * rowBytes + (<usize>(left * channels) << 2);
      for (let u: i32 = 0; u < kernelHeight; u++) {
        // Whole vectors: what they write too much, the next run overwrites.
        if (run <= 4) v128.store(columns, v128.load(from));
        else if (run <= 12) {
          v128.store(columns, v128.load(from));
          v128.store(columns, v128.load(from, 16), 16);
          v128.store(columns, v128.load(from, 32), 32);
        } else {
          for (let e: usize = 0; e < <usize>(run << 2); e += 16) v128.store(columns + e, v128.load(from + e));
        }
        from += rowBytes;
        columns += run << 2;
      }
    } else {
      for (let u: i32 = 0; u < kernelHeight; u++) {
        const row = top + u;
        for (let v: i32 = 0; v < kernelWidth; v++) {
          const column = left + v;
          if (row >= 0 && row < height && column >= 0 && column < width) {
            copyRun(image + <usize>row * rowBytes + (<usize>(column * channels) << 2), columns, channels);
          } else {
            for (let c: i32 = 0; c < channels; c++) store<f32>(columns + (<usize>c << 2), 0);
          }
          columns += channels << 2;
        }
      }
    }
    if (++j == outWidth) {
      j = 0;
      if (++i == outHeight) {
        i = 0;
        image += <usize>height * rowBytes;
      }
    }
  }
}

/** The transpose of fillColumns: x += the rows of `columns`, each added to the patch it stands for. */
export function addColumns(first: i32, count: i32, g: Window, columns: usize, x: usize): void {
  const height = g.height, width = g.width, channels = g.channels;
  const outHeight = g.outHeight, outWidth = g.outWidth;
  const kernelHeight = g.kernelHeight, kernelWidth = g.kernelWidth;
  const stride = g.stride, padTop = g.padTop, padLeft = g.padLeft;
  const rowBytes = <usize>(width * channels) << 2;
  let j = first % outWidth;
  let i = (first / outWidth) % outHeight;
  let image = x + <usize>(first / (outWidth * outHeight)) * height * rowBytes;
  for (let r: i32 = 0; r < count; r++) {
    const left = j * stride - padLeft, top = i * stride - padTop;
    const v0 = max(0, -left), v1 = min(kernelWidth, width - left);
    for (let u: i32 = 0; u < kernelHeight; u++) {
      const row = top + u;
      if (row >= 0 && row < height && v1 > v0) {
        addRun(
          columns + (<usize>(v0 * channels) << 2),
          image + <usize>row * rowBytes + (<usize>((left + v0) * channels) << 2),
          (v1 - v0) * channels,
        );
      }
      columns += (kernelWidth * channels) << 2;
    }
    if (++j == outWidth) {
      j = 0;
      if (++i == outHeight) {
        i = 0;
        image += <usize>height * rowBytes;
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function copyRun(from: usize, to: usize, count: i32): void {
  const end = to + (<usize>count << 2);
  for (; to + 16 <= end; to += 16) {
    v128.store(to, v128.load(from));
    from += 16;
  }
  for (; to < end; to += 4) {
    store<f32>(to, load<f32>(from));
    from += 4;
  }
}

// @ts-ignore: decorator
@inline
function addRun(from: usize, to: usize, count: i32): void {
  const end = to + (<usize>count << 2);
  for (; to + 16 <= end; to += 16) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
    from += 16;
  }
  for (; to < end; to += 4) {
    store<f32>(to, load<f32>(to) + load<f32>(from));
    from += 4;
  }
}
