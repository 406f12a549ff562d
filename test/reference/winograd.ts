import { type Image, product, type Sliding } from "./training.js";

/**
 * What rounding in Winograd's F(2×2, 3×3) is measured by: the magnitudes of everything that is summed for one value, the
 * forms' equations with every matrix and number replaced by its magnitude. Strides are 1, kernels 3×3.
 */
const a = [1, 0, 1, 1, 1, 1, 0, 1]; // |A| [4][2]
const g = [1, 0, 0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0, 0, 1]; // |G| [4][3]
const b = [1, 0, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 0, 1]; // |Bᵀ| [4][4]

const transposed = (m: readonly number[], rows: number): number[] => {
  const columns = m.length / rows;
  return m.map((_, i) => m[(i % rows) * columns + Math.floor(i / rows)]!);
};

/** |L| |m| |Lᵀ| */
function sandwich(left: readonly number[], rows: number, m: readonly number[]): number[] {
  const n = left.length / rows;
  const half = product(
    rows,
    n,
    n,
    (i, q) => left[i * n + q]!,
    (q, j) => m[q * n + j]!,
  ).magnitude;
  return product(
    rows,
    rows,
    n,
    (i, q) => half[i * n + q]!,
    (q, j) => left[j * n + q]!,
  ).magnitude;
}

/** size × size pixels of every channel from (top, left) of image n, 0 outside, transformed. @returns [channels][16] */
function tilesAt(
  { height, width, channels }: Image,
  x: readonly number[],
  [n, top, left]: readonly [number, number, number],
  size: number,
  transform: (pixels: number[]) => number[],
): number[][] {
  return Array.from({ length: channels }, (_, c) =>
    transform(
      Array.from({ length: size * size }, (_, p) => {
        const [row, column] = [top + Math.floor(p / size), left + (p % size)];
        const inside = row >= 0 && row < height && column >= 0 && column < width;
        return inside ? x[((n * height + row) * width + column) * channels + c]! : 0;
      }),
    ),
  );
}

/** Of every output of the convolution: |Aᵀ| [Σ_c (|G| |g| |Gᵀ|) ⊙ (|Bᵀ| |d| |B|)] |A| + |bias|. @returns [N][OH][OW][F] */
export function winogradMagnitudes(
  image: Image,
  { pad, out }: Sliding,
  x: readonly number[],
  w: readonly number[],
  bias: readonly number[],
): number[] {
  const { batch, channels } = image;
  const filters = bias.length;
  const kernels = Array.from({ length: channels * filters }, (_, i) =>
    sandwich(
      g,
      4,
      Array.from({ length: 9 }, (_, p) => w[p * channels * filters + i]!),
    ),
  );
  const magnitudes = new Array<number>(batch * out[0] * out[1] * filters).fill(0);
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < out[0]; i += 2) {
      for (let j = 0; j < out[1]; j += 2) {
        const tiles = tilesAt(image, x, [n, i - pad[0], j - pad[1]], 4, (d) => sandwich(b, 4, d));
        for (let f = 0; f < filters; f++) {
          const products = Array.from({ length: 16 }, (_, p) =>
            tiles.reduce((sum, tile, c) => sum + tile[p]! * kernels[c * filters + f]![p]!, 0),
          );
          sandwich(transposed(a, 4), 2, products).forEach((size, p) => {
            const [row, column] = [i + (p >> 1), j + (p & 1)];
            if (row >= out[0] || column >= out[1]) return;
            magnitudes[((n * out[0] + row) * out[1] + column) * filters + f] = size + Math.abs(bias[f]!);
          });
        }
      }
    }
  }
  return magnitudes;
}

/** Of dw: |Gᵀ| [Σ over tiles (|Bᵀ| |d| |B|) ⊙ (|A| |dy| |Aᵀ|)] |G|. @returns [3][3][C][F] */
export function winogradKernelMagnitudes(
  image: Image,
  { pad, out }: Sliding,
  x: readonly number[],
  dy: readonly number[],
  filters: number,
): number[] {
  const { batch, channels } = image;
  const map: Image = { batch, height: out[0], width: out[1], channels: filters };
  const sums = Array.from({ length: channels * filters }, () => new Array<number>(16).fill(0));
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < out[0]; i += 2) {
      for (let j = 0; j < out[1]; j += 2) {
        const tiles = tilesAt(image, x, [n, i - pad[0], j - pad[1]], 4, (d) => sandwich(b, 4, d));
        const changes = tilesAt(map, dy, [n, i, j], 2, (d) => sandwich(a, 4, d));
        sums.forEach((sum, at) => {
          const [tile, change] = [tiles[Math.floor(at / filters)]!, changes[at % filters]!];
          for (let p = 0; p < 16; p++) sum[p]! += tile[p]! * change[p]!;
        });
      }
    }
  }
  const back = sums.map((sum) => sandwich(transposed(g, 4), 3, sum));
  return Array.from({ length: 9 * back.length }, (_, i) => back[i % back.length]![Math.floor(i / back.length)]!);
}
