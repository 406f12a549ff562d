/** y = max(x, 0), n values; x and y may be the same. */
export function reluForward(n: i32, x: usize, y: usize): void {
  const end = y + (<usize>n << 2);
  const zero = f32x4.splat(0);
  for (; y + 16 <= end; y += 16) {
    v128.store(y, f32x4.pmax(v128.load(x), zero));
    x += 16;
  }
  for (; y < end; y += 4) {
    const value = load<f32>(x);
    store<f32>(y, value < 0 ? 0 : value);
    x += 4;
  }
}

/** dx = dy where y > 0, else 0; y is the output. dx and dy may be the same. */
export function reluBackward(n: i32, y: usize, dy: usize, dx: usize): void {
  const end = y + (<usize>n << 2);
  const zero = f32x4.splat(0);
  for (; y + 16 <= end; y += 16) {
    v128.store(dx, v128.and(v128.load(dy), f32x4.gt(v128.load(y), zero)));
    dy += 16;
    dx += 16;
  }
  for (; y < end; y += 4) {
    store<f32>(dx, load<f32>(y) > 0 ? load<f32>(dy) : 0);
    dy += 4;
    dx += 4;
  }
}
