import { log10 } from "../bindings/math.js";
import type { Network } from "../src/index.js";
import type { Drop } from "./protocol.js";

/** What the map needs of a network, as plain numbers. */
export function drawn(network: Network): Drop {
  const { accessPoints, clients, gain, pilotIndex, accessPointPositions, clientPositions, area } = network;
  const at = (positions: Float64Array, i: number): [number, number] => [positions[2 * i]!, positions[2 * i + 1]!];
  return {
    area,
    accessPoints: Array.from({ length: accessPoints }, (_, l) => at(accessPointPositions, l)),
    clients: Array.from({ length: clients }, (_, k) => {
      const [x, y] = at(clientPositions, k);
      const gains = gain.subarray(k * accessPoints, (k + 1) * accessPoints);
      const strongest = gains.indexOf(gains.reduce((a, b) => Math.max(a, b)));
      return { x, y, strongest, gain: 10 * log10(gains[strongest]!), pilot: pilotIndex[k]! };
    }),
  };
}
