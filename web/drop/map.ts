/** The radio map as a picture of side × side fields that the style sheet stretches to the area. */
export interface RadioMap {
  canvas: HTMLCanvasElement;
  /** @param values row by row from y = 0; @param most what the strongest color stands for */
  paint(values: Float64Array, most: number): void;
  /** The colors of 0 and `most` have changed */
  recolor(): void;
}

/** Its colors are the style sheet's `background-color` (0) and `color` (most) of the canvas. */
export function createRadioMap(canvas: HTMLCanvasElement): RadioMap {
  const context = canvas.getContext("2d")!;
  let image: ImageData | undefined;
  let colors: Uint8ClampedArray | undefined;
  let last: { values: Float64Array; most: number } | undefined;

  function paint(values: Float64Array, most: number): void {
    last = { values, most };
    const side = Math.round(Math.sqrt(values.length));
    if (image?.width !== side) {
      canvas.width = canvas.height = side;
      image = context.createImageData(side, side);
    }
    colors ??= ramp(canvas);
    const { data } = image;
    for (let row = 0; row < side; row++)
      for (let column = 0; column < side; column++) {
        const share = most > 0 ? values[(side - 1 - row) * side + column]! / most : 0;
        const from = 4 * Math.max(0, Math.min(255, Math.round(255 * share)));
        const to = 4 * (row * side + column);
        for (let c = 0; c < 4; c++) data[to + c] = colors[from + c]!;
      }
    context.putImageData(image, 0, 0);
  }

  return {
    canvas,
    paint,
    recolor() {
      colors = undefined;
      if (last !== undefined) paint(last.values, last.most);
    },
  };
}

/** 256 colors from background to foreground, as the browser has them now. */
function ramp(canvas: HTMLCanvasElement): Uint8ClampedArray {
  const { backgroundColor, color } = getComputedStyle(canvas);
  const [low, high] = [channels(backgroundColor), channels(color)];
  const out = new Uint8ClampedArray(4 * 256);
  for (let i = 0; i < 256; i++) {
    for (let c = 0; c < 3; c++) out[4 * i + c] = low[c]! + ((high[c]! - low[c]!) * i) / 255;
    out[4 * i + 3] = 255;
  }
  return out;
}

function channels(color: string): number[] {
  return (color.match(/[\d.]+/g) ?? ["0", "0", "0"]).slice(0, 3).map(Number);
}
