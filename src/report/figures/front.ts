import type { Allocation, UploadProblem } from "../../config/records.js";
import type { FrontPoint } from "../../power/index.js";
import { type Drawing, drawLines } from "./drawing.js";

/** The energy–latency front of an upload as a line, every method that serves everyone as a point of it or above it. */
export function frontFigure(
  problem: UploadProblem,
  front: readonly FrontPoint[],
  allocations: readonly (readonly [name: string, allocation: Allocation])[],
): Promise<Drawing> {
  const point = ({ latency, energy }: Allocation) => ({
    latency: Math.max(...latency),
    energy: energy.reduce((sum, value) => sum + value, 0),
  });
  const points = allocations
    .filter(([, { status }]) => status !== "infeasible")
    .map(([name, allocation]) => ({ name, ...point(allocation) }));
  // Least energy takes hours; the front is drawn as far as the methods reach, and some way in any case.
  const least = front.length > 0 ? point(front[0]!.allocation).latency : 0;
  const end = Math.max(20 * least, ...points.map(({ latency }) => latency));
  const line = front.map(({ allocation }) => point(allocation)).filter(({ latency }) => latency <= end);
  const series = [
    { name: "front (joint, α from 0 to 1)", x: line.map((at) => at.latency), y: line.map((at) => at.energy) },
    ...points.map(({ name, latency, energy }) => ({ name, x: [latency], y: [energy] })),
  ].filter(({ x }) => x.length > 0);
  return drawLines({
    title: `Energy and latency of one upload, ${problem.rates.clients} clients`,
    x: { label: "slowest upload (s)", scale: "log" },
    y: { label: "energy (J)", scale: "log" },
    series,
  });
}
