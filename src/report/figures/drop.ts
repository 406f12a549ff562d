import { log10 } from "../../../bindings/math.js";
import type { Network } from "../../network/index.js";
import type { Drawing } from "./drawing.js";
import { paletteOf } from "./palette.js";
import { type FigureOptions, Plot, renderPlot } from "./plot.js";
import { table } from "./points.js";

/**
 * `dropFigure` with its places: a row an AP and a row a client, "what" they are, which, "x" and "y" in meters, and of a
 * client its pilot and best gain in dB.
 */
export async function drawDrop(figure: FigureOptions & { network: Network }): Promise<Drawing> {
  const { network } = figure;
  const { accessPointPositions: aps, clientPositions: users, pilotIndex } = network;
  const accessPoints = Array.from({ length: network.accessPoints }, (_, l) => ["ap", l, aps[2 * l], aps[2 * l + 1]]);
  const clients = Array.from(bestGains(network), (best, k) => [
    ...["client", k, users[2 * k], users[2 * k + 1]],
    ...[pilotIndex[k], best],
  ]);
  const rows = [...accessPoints.map((place) => [...place, null, null]), ...clients];
  return { svg: await dropFigure(figure), csv: table(["what", "index", "x", "y", "pilot", "best gain"], rows) };
}

/** dB, a client */
function bestGains({ accessPoints: L, clients: K, gain }: Network): number[] {
  return Array.from({ length: K }, (_, k) => 10 * log10(Math.max(...gain.subarray(k * L, (k + 1) * L))));
}

/**
 * A map of a drop: APs as squares, clients as dots in their pilot's color, the larger the stronger their best gain, and a
 * line from each client to the APs that serve it where not all do.
 *
 * @returns the SVG's text
 */
export async function dropFigure(figure: FigureOptions & { network: Network }): Promise<string> {
  const { network } = figure;
  const { accessPoints: L, clients: K, area, serves, pilotIndex } = network;
  const [aps, users] = [network.accessPointPositions, network.clientPositions];
  const strongest = bestGains(network);
  const [least, most] = [Math.min(...strongest), Math.max(...strongest)];
  const styles = paletteOf([...new Set(pilotIndex)].sort((a, b) => a - b).map((t) => `pilot ${t}`));
  const clients = Array.from({ length: K }, (_, k) => ({
    x: users[2 * k]!,
    y: users[2 * k + 1]!,
    color: styles.get(`pilot ${pilotIndex[k]}`)!.color,
    r: 3 + (most > least ? (5 * (strongest[k]! - least)) / (most - least) : 2),
    title: `client ${k}, pilot ${pilotIndex[k]}, best gain ${strongest[k]!.toFixed(1)} dB`,
  }));
  const points = Array.from({ length: L }, (_, l) => ({ x: aps[2 * l]!, y: aps[2 * l + 1]! }));
  const links = serves.every((s) => s > 0)
    ? []
    : clients.flatMap((client, k) =>
        points
          .filter((_, l) => serves[k * L + l]! > 0)
          .map((ap) => ({ x1: client.x, y1: client.y, x2: ap.x, y2: ap.y, color: client.color })),
      );
  return renderPlot(
    {
      x: { domain: [0, area], label: "m", labelAnchor: "center", labelArrow: "none" },
      y: { domain: [0, area], label: "m", labelArrow: "none" },
      marks: [
        // Past half the area the shorter way is around the edge; such a line would cross the map for nothing.
        Plot.link(
          links.filter(
            ({ x1, x2, y1, y2 }) => !network.wrapAround || Math.max(Math.abs(x1 - x2), Math.abs(y1 - y2)) <= area / 2,
          ),
          { x1: "x1", y1: "y1", x2: "x2", y2: "y2", stroke: "color", strokeOpacity: 0.25 },
        ),
        Plot.dot(points, { x: "x", y: "y", symbol: "square", r: 5, fill: "currentColor" }),
        Plot.dot(clients, { x: "x", y: "y", r: (d: { r: number }) => d.r, fill: "color", title: "title" }),
      ],
      r: { type: "identity" },
    },
    {
      width: 640,
      height: 660,
      ...figure,
      legend: [...styles].map(([name, { color }]) => ({ name, color })),
    },
  );
}
