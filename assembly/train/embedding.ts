import { addVectors } from "./sums";

/** y[r] = w[token_r]: rows of `width` floats, tokens i32 [rows], w [vocabulary][width]. */
export function embeddingForward(rows: i32, width: i32, tokens: usize, w: usize, y: usize): void {
  const bytes = <usize>width << 2;
  for (let r: i32 = 0; r < rows; r++) {
    memory.copy(y, w + <usize>load<i32>(tokens) * bytes, bytes);
    tokens += 4;
    y += bytes;
  }
}

/** dw[token_r] += dy[r], dw cleared first. */
export function embeddingBackward(
  rows: i32, width: i32, vocabulary: i32, tokens: usize, dy: usize, dw: usize,
): void {
  const bytes = <usize>width << 2;
  memory.fill(dw, 0, <usize>vocabulary * bytes);
  for (let r: i32 = 0; r < rows; r++) {
    const row = dw + <usize>load<i32>(tokens) * bytes;
    addVectors(width, row, dy, row);
    tokens += 4;
    dy += bytes;
  }
}
