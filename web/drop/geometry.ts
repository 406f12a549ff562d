/** How metres become pixels: y points up, as in the report's figures. */
export interface Scale {
  /** px of the area's side, and beside it */
  size: number;
  margin: number;
  /** m */
  area: number;
}

export function toPixels({ size, margin, area }: Scale, x: number, y: number): [number, number] {
  return [margin + (size * x) / area, margin + size * (1 - y / area)];
}

export function toMetres({ size, margin, area }: Scale, px: number, py: number): [number, number] {
  return [(area * (px - margin)) / size, area * (1 - (py - margin) / size)];
}

/** Nobody leaves the area: on through the edge where it wraps, else no further than the edge. */
export function kept(value: number, area: number, wrapAround: boolean): number {
  return wrapAround ? value - area * Math.floor(value / area) : Math.min(area, Math.max(0, value));
}

/** Where links get their width from: their share in the client's combined gain, in steps. */
export const linkSteps = [0.02, 0.05, 0.1, 0.2, 0.4, 0.7];

/** The step of a share, −1 below the first. */
export function linkStep(share: number): number {
  let step = -1;
  while (step + 1 < linkSteps.length && share >= linkSteps[step + 1]!) step++;
  return step;
}

/**
 * The line from a client to an access point by the way that the gain counts. Where the shorter way leads through the edge
 * it is drawn twice, from either end out of the area; the figure cuts off what stands outside.
 */
export function linkPath(
  scale: Scale,
  client: readonly number[],
  accessPoint: readonly number[],
  wrap: boolean,
): string {
  const { area } = scale;
  const jump = (d: number) => (wrap ? area * Math.round(d / area) : 0);
  const [cx, cy, ax, ay] = [client[0]!, client[1]!, accessPoint[0]!, accessPoint[1]!];
  const [sx, sy] = [jump(ax - cx), jump(ay - cy)];
  const line = (x1: number, y1: number, x2: number, y2: number) => {
    const [a, b] = toPixels(scale, x1, y1);
    const [c, d] = toPixels(scale, x2, y2);
    return `M${a.toFixed(1)} ${b.toFixed(1)}L${c.toFixed(1)} ${d.toFixed(1)}`;
  };
  const there = line(cx, cy, ax - sx, ay - sy);
  return sx === 0 && sy === 0 ? there : there + line(cx + sx, cy + sy, ax, ay);
}

/** An arc of a circle from the top on, clockwise, over a share of it. */
export function arc(radius: number, from: number, to: number): string {
  if (!(to > from)) return "";
  const point = (share: number) => {
    const angle = 2 * Math.PI * share;
    return `${(radius * Math.sin(angle)).toFixed(2)} ${(-radius * Math.cos(angle)).toFixed(2)}`;
  };
  const end = Math.min(to, from + 0.9999);
  return `M${point(from)}A${radius} ${radius} 0 ${end - from > 0.5 ? 1 : 0} 1 ${point(end)}`;
}
