import { log10 } from "../bindings/math.js";
import type { Network } from "../src/index.js";
import type { Drop, DropClient } from "./protocol.js";

/** Links below this share of the combined gain are too thin to be seen. */
const leastShare = 0.02;

/** What the map needs of a network, as plain numbers. */
export function drawn(network: Network): Drop {
  const { accessPoints, clients, gain, pilotIndex, accessPointPositions, clientPositions, area } = network;
  const at = (positions: Float64Array, i: number): [number, number] => [positions[2 * i]!, positions[2 * i + 1]!];
  return {
    area,
    accessPoints: Array.from({ length: accessPoints }, (_, l) => at(accessPointPositions, l)),
    clients: Array.from({ length: clients }, (_, k): DropClient => {
      const [x, y] = at(clientPositions, k);
      const gains = gain.subarray(k * accessPoints, (k + 1) * accessPoints);
      const total = gains.reduce((sum, one) => sum + one, 0);
      const links = Array.from(gains, (one, accessPoint) => ({ accessPoint, share: one / total }))
        .filter(({ share }) => share >= leastShare)
        .sort((a, b) => b.share - a.share);
      const strongest = gains.reduce((a, b) => Math.max(a, b));
      return { x, y, links, gain: 10 * log10(strongest), pilot: pilotIndex[k]! };
    }),
  };
}
