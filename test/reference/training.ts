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

/** Attention's geometry, as in the kernels: T positions of D features, shared out over heads. */
export interface Heads {
  length: number;
  width: number;
  heads: number;
  causal: number;
}

/**
 * Scaled dot-product attention and its gradient for one example; qkv [T][3D], dout [T][D].
 * @returns also the weights p [heads][T][T]
 */
export function attend({ length, width, heads, causal }: Heads, qkv: number[], dout: number[]) {
  const w = width / heads;
  const at = (i: number, part: number, h: number, c: number) => i * 3 * width + part * width + h * w + c;
  const out = dout.map(() => 0);
  const dqkv = qkv.map(() => 0);
  const p: number[] = [];
  const sum = (count: number, term: (c: number) => number) =>
    Array.from({ length: count }, (_, c) => term(c)).reduce((a, b) => a + b, 0);
  for (let h = 0; h < heads; h++) {
    for (let i = 0; i < length; i++) {
      const seen = causal ? i + 1 : length;
      const scores = Array.from(
        { length: seen },
        (_, j) => sum(w, (c) => qkv[at(i, 0, h, c)]! * qkv[at(j, 1, h, c)]!) / Math.sqrt(w),
      );
      const top = Math.max(...scores);
      const e = scores.map((score) => Math.exp(score - top));
      const total = sum(seen, (j) => e[j]!);
      const weights = Array.from({ length }, (_, j) => (j < seen ? e[j]! / total : 0));
      p.push(...weights);
      const gradient = (c: number) => dout[i * width + h * w + c]!;
      for (let c = 0; c < w; c++) out[i * width + h * w + c] = sum(length, (j) => weights[j]! * qkv[at(j, 2, h, c)]!);
      const dp = weights.map((_, j) => sum(w, (c) => gradient(c) * qkv[at(j, 2, h, c)]!));
      const mean = sum(length, (j) => weights[j]! * dp[j]!);
      for (let j = 0; j < length; j++) {
        const slope = (weights[j]! * (dp[j]! - mean)) / Math.sqrt(w);
        for (let c = 0; c < w; c++) {
          dqkv[at(i, 0, h, c)]! += slope * qkv[at(j, 1, h, c)]!;
          dqkv[at(j, 1, h, c)]! += slope * qkv[at(i, 0, h, c)]!;
          dqkv[at(j, 2, h, c)]! += weights[j]! * gradient(c);
        }
      }
    }
  }
  return { out, dqkv, p };
}

/** Layer normalization of rows of n values, and its gradient. */
export function normalizeRows(n: number, x: number[], gamma: number[], beta: number[], dy: number[], epsilon: number) {
  const [y, dx]: [number[], number[]] = [[], []];
  const [dgamma, dbeta] = [gamma.map(() => 0), gamma.map(() => 0)];
  for (let start = 0; start < x.length; start += n) {
    const row = x.slice(start, start + n);
    const mean = row.reduce((a, b) => a + b, 0) / n;
    const deviation = Math.sqrt(row.reduce((a, b) => a + (b - mean) ** 2, 0) / n + epsilon);
    const z = row.map((value) => (value - mean) / deviation);
    const slope = z.map((_, j) => dy[start + j]! * gamma[j]!);
    const meanSlope = slope.reduce((a, b) => a + b, 0) / n;
    const meanWeighted = slope.reduce((a, b, j) => a + b * z[j]!, 0) / n;
    z.forEach((value, j) => {
      y.push(value * gamma[j]! + beta[j]!);
      dx.push((slope[j]! - meanSlope - value * meanWeighted) / deviation);
      dgamma[j]! += dy[start + j]! * value;
      dbeta[j]! += dy[start + j]!;
    });
  }
  return { y, dx, dgamma, dbeta };
}

/** Φ(−x), x ≥ 0: ½ erfc(x/√2), by its series to 2.5 and its continued fraction beyond. */
export function normalTail(x: number): number {
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (x < 2.5) {
    let [term, sum] = [x, x];
    for (let k = 1; Math.abs(term) > 1e-17 * sum; k++) {
      term *= (x * x) / (2 * k + 1);
      sum += term;
    }
    return 0.5 - density * sum;
  }
  let fraction = x;
  for (let k = 200; k > 0; k--) fraction = x + k / fraction;
  return density / fraction;
}
