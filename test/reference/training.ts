/** Plain float64 references of the training kernels: the equations as loops. Layouts as in the kernels. */

export interface Image {
  batch: number;
  height: number;
  width: number;
  channels: number;
}

export interface Sliding {
  kernel: readonly [number, number];
  stride: number;
  pad: readonly [number, number];
  out: readonly [number, number];
}

/** Calls `visit` for every product of a convolution: indices of output pixel, input pixel and kernel position. */
function slide(
  { batch, height, width }: Image,
  { kernel, stride, pad, out }: Sliding,
  visit: (output: number, input: number, position: number) => void,
): void {
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < out[0]; i++) {
      for (let j = 0; j < out[1]; j++) {
        for (let u = 0; u < kernel[0]; u++) {
          for (let v = 0; v < kernel[1]; v++) {
            const [row, column] = [i * stride + u - pad[0], j * stride + v - pad[1]];
            if (row < 0 || row >= height || column < 0 || column >= width) continue;
            visit((n * out[0] + i) * out[1] + j, (n * height + row) * width + column, u * kernel[1] + v);
          }
        }
      }
    }
  }
}

export function convolve(image: Image, sliding: Sliding, x: number[], w: number[], bias: number[]): number[] {
  const [c, f] = [image.channels, bias.length];
  const y = Array.from({ length: image.batch * sliding.out[0] * sliding.out[1] * f }, (_, i) => bias[i % f]!);
  slide(image, sliding, (output, input, position) => {
    for (let a = 0; a < c; a++) {
      for (let b = 0; b < f; b++) y[output * f + b]! += x[input * c + a]! * w[(position * c + a) * f + b]!;
    }
  });
  return y;
}

export function convolveBackward(image: Image, sliding: Sliding, x: number[], w: number[], dy: number[], f: number) {
  const c = image.channels;
  const [dx, dw] = [x.map(() => 0), w.map(() => 0)];
  slide(image, sliding, (output, input, position) => {
    for (let a = 0; a < c; a++) {
      for (let b = 0; b < f; b++) {
        dx[input * c + a]! += dy[output * f + b]! * w[(position * c + a) * f + b]!;
        dw[(position * c + a) * f + b]! += dy[output * f + b]! * x[input * c + a]!;
      }
    }
  });
  return { dx, dw };
}

/** Depthwise: w [position][channel]. */
export function convolveDepthwise(image: Image, sliding: Sliding, x: number[], w: number[], bias: number[]): number[] {
  const c = image.channels;
  const y = Array.from({ length: image.batch * sliding.out[0] * sliding.out[1] * c }, (_, i) => bias[i % c]!);
  slide(image, sliding, (output, input, position) => {
    for (let a = 0; a < c; a++) y[output * c + a]! += x[input * c + a]! * w[position * c + a]!;
  });
  return y;
}

export function convolveDepthwiseBackward(image: Image, sliding: Sliding, x: number[], w: number[], dy: number[]) {
  const c = image.channels;
  const [dx, dw] = [x.map(() => 0), w.map(() => 0)];
  slide(image, sliding, (output, input, position) => {
    for (let a = 0; a < c; a++) {
      dx[input * c + a]! += dy[output * c + a]! * w[position * c + a]!;
      dw[position * c + a]! += dy[output * c + a]! * x[input * c + a]!;
    }
  });
  return { dx, dw };
}

export function maxPool(image: Image, sliding: Sliding, x: number[], dy: number[]) {
  const c = image.channels;
  const y = dy.map(() => Number.NEGATIVE_INFINITY);
  const from = dy.map(() => 0);
  slide(image, sliding, (output, input) => {
    for (let a = 0; a < c; a++) {
      const value = x[input * c + a]!;
      if (value > y[output * c + a]!) {
        y[output * c + a] = value;
        from[output * c + a] = input * c + a;
      }
    }
  });
  const dx = x.map(() => 0);
  dy.forEach((g, i) => {
    dx[from[i]!]! += g;
  });
  return { y, dx };
}

export function averagePool(image: Image, sliding: Sliding, x: number[], dy: number[]) {
  const c = image.channels;
  const share = 1 / (sliding.kernel[0] * sliding.kernel[1]);
  const [y, dx] = [dy.map(() => 0), x.map(() => 0)];
  slide(image, sliding, (output, input) => {
    for (let a = 0; a < c; a++) {
      y[output * c + a]! += x[input * c + a]! * share;
      dx[input * c + a]! += dy[output * c + a]! * share;
    }
  });
  return { y, dx };
}

/** C[i][j] = Σ_q A(i, q) B(q, j), and the same of magnitudes, which bounds the rounding. */
export function product(
  m: number,
  n: number,
  k: number,
  a: (i: number, q: number) => number,
  b: (q: number, j: number) => number,
): { c: number[]; magnitude: number[] } {
  const [c, magnitude]: [number[], number[]] = [[], []];
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let [sum, size] = [0, 0];
      for (let q = 0; q < k; q++) {
        sum += a(i, q) * b(q, j);
        size += Math.abs(a(i, q) * b(q, j));
      }
      c.push(sum);
      magnitude.push(size);
    }
  }
  return { c, magnitude };
}

/** Summed loss, and the gradient of the mean loss. */
export function crossEntropy(rows: number, classes: number, z: number[], labels: number[]) {
  let loss = 0;
  const gradient: number[] = [];
  for (let i = 0; i < rows; i++) {
    const row = z.slice(i * classes, (i + 1) * classes);
    const top = Math.max(...row);
    const e = row.map((value) => Math.exp(value - top));
    const sum = e.reduce((a, b) => a + b, 0);
    loss += Math.log(sum) + top - row[labels[i]!]!;
    e.forEach((value, j) => {
      gradient.push((value / sum - (j === labels[i] ? 1 : 0)) / rows);
    });
  }
  return { loss, gradient };
}
