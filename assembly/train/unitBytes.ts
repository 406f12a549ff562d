/** out[i] = in[i]/255 for n bytes, each written `repeat` times side by side (gray pixels to `repeat` channels). */
export function unitBytes(n: i32, repeat: i32, from: usize, out: usize): void {
  let i: i32 = 0;
  const scale = f32x4.splat(255);
  if (repeat == 1) {
    for (; i + 4 <= n; i += 4) {
      const words = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(from)));
      v128.store(out, f32x4.div(f32x4.convert_i32x4_s(words), scale));
      from += 4;
      out += 16;
    }
  }
  for (; i < n; i++) {
    const value: f32 = <f32>load<u8>(from) / 255;
    for (let r: i32 = 0; r < repeat; r++) {
      store<f32>(out, value);
      out += 4;
    }
    from++;
  }
}
