import { type Stream, stream } from "../../bindings/random.js";
import type { NetworkConfig } from "../config/config.js";
import { InputError } from "../config/errors.js";

/** x, y of each AP [2L] in m: a square grid with jitter, uniform, or as given. */
export function deployAccessPoints(config: NetworkConfig, random: Stream): Float64Array {
  const { area, accessPoints: count } = config;
  const { accessPoints: kind, jitter, accessPointPositions } = config.deployment;
  if (kind === "given") return givenPositions(accessPointPositions, count, "network.deployment.accessPointPositions");
  const positions = new Float64Array(2 * count);
  if (kind === "uniform") {
    random.fillUniform(positions, 0, area);
    return positions;
  }
  const side = Math.round(Math.sqrt(count));
  if (side * side !== count)
    throw new InputError("network.accessPoints", `${count} is not a square number, which the grid deployment needs`);
  const spacing = area / side;
  random.fillUniform(positions, -jitter, jitter);
  for (let l = 0; l < count; l++) {
    positions[2 * l]! += ((l % side) + 0.5) * spacing;
    positions[2 * l + 1]! += (Math.floor(l / side) + 0.5) * spacing;
  }
  return positions;
}

/** x, y of each client [2K] in m. */
export function deployClients(config: NetworkConfig, random: Stream): Float64Array {
  if (config.deployment.clients === "given")
    return givenPositions(config.deployment.clientPositions, config.clients, "network.deployment.clientPositions");
  const positions = new Float64Array(2 * config.clients);
  random.fillUniform(positions, 0, config.area);
  return positions;
}

/** The stream of a drop's positions: APs first, then clients, so that the APs stay when clients are added. */
export function deploymentStreams(seed: number, drop: number): { accessPoints: Stream; clients: Stream } {
  return { accessPoints: stream(seed, "deployment", drop, 0), clients: stream(seed, "deployment", drop, 1) };
}

/** to − from along one axis, by the shortest way round when the area wraps. */
export function offset(from: number, to: number, area: number, wrapAround: boolean): number {
  const d = to - from;
  return wrapAround ? d - area * Math.round(d / area) : d;
}

function givenPositions(
  positions: readonly (readonly [number, number])[] | undefined,
  count: number,
  path: string,
): Float64Array {
  if (positions === undefined) throw new InputError(path, 'missing, and the deployment says "given"');
  if (positions.length !== count) throw new InputError(path, `${positions.length} positions instead of ${count}`);
  const out = new Float64Array(2 * count);
  positions.forEach(([x, y], i) => {
    if (!Number.isFinite(x) || !Number.isFinite(y))
      throw new InputError(`${path}[${i}]`, `[${x}, ${y}] is not a pair of finite numbers`);
    out[2 * i] = x;
    out[2 * i + 1] = y;
  });
  return out;
}
