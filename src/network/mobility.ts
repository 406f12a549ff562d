import { cos, pow, sin } from "../../bindings/math.js";
import { type Stream, stream } from "../../bindings/random.js";
import type { NetworkConfig } from "../config/config.js";
import { InputError } from "../config/errors.js";
import { networkAt } from "./create.js";
import type { Network } from "./network.js";
import { shadowing } from "./propagation.js";

/** The network as its clients move from round to round. */
export interface Movement {
  /**
   * The network in a round, 1 = as it was created, which begins so many seconds after that. Rounds are asked for one
   * after the other; one that was asked for before is what it was.
   */
  at(round: number, seconds: number): Network;
}

/** Sides of the area after which a walk by waypoints has long forgotten where it began: more of it is not walked. */
const farthest = 1e4;

/**
 * Moves the clients for as long as a round takes: in straight lines (on through the edge where the area wraps, reflected
 * otherwise), or by random waypoints (straight to a uniform point, then to the next).
 * Choices: shadowing follows as a Gauss–Markov process of correlation 2^(−Δ/decorrelation) over a way of Δ metres;
 * pilots and clusters are assigned anew each round.
 */
export function createMovement(
  network: Network,
  config: NetworkConfig,
  { seed, drop = 0 }: { seed: number; drop?: number },
): Movement {
  const { model, speed } = config.mobility;
  if (model === "none") return { at: () => network };
  if (!(speed >= 0 && Number.isFinite(speed)))
    throw new InputError("network.mobility.speed", `${speed} is not a finite number of m/s of at least 0`);
  /** When each round began, as far as it was asked for */
  const begins: number[] = [0];
  let now = start();

  function start() {
    const walkers = Array.from({ length: network.clients }, (_, k) => {
      const random = stream(seed, "mobility", drop, k);
      const angle = 2 * Math.PI * random.uniform();
      const target: [number, number] = [config.area * random.uniform(), config.area * random.uniform()];
      return { random, direction: [cos(angle), sin(angle)] as [number, number], target };
    });
    const shadow = shadowing(config, network.clientPositions, stream(seed, "shadowing", drop));
    return { round: 1, network, walkers, positions: network.clientPositions, shadow };
  }

  function step(): void {
    const way = speed * (begins[now.round]! - begins[now.round - 1]!);
    const memory = pow(2, -way / config.shadowing.decorrelation);
    const positions = now.positions.slice();
    now.walkers.forEach((walker, k) => {
      const place = positions.subarray(2 * k, 2 * k + 2);
      if (model === "straight") goStraight(place, walker.direction, way, config);
      else goToWaypoints(place, walker, Math.min(way, farthest * config.area), config.area);
    });
    const fresh = shadowing(config, positions, stream(seed, "shadowing", drop, now.round));
    const share = Math.sqrt(1 - memory * memory);
    const shadow = now.shadow.map((x, i) => memory * x + share * fresh[i]!);
    now = {
      ...now,
      round: now.round + 1,
      positions,
      shadow,
      network: networkAt(config, network.accessPointPositions, positions, shadow, { seed, drop }),
    };
  }

  return {
    at(round, seconds) {
      if (round > begins.length + 1) throw new Error(`movement: round ${round} before round ${begins.length + 1}`);
      if (round === begins.length + 1) begins.push(seconds);
      if (round < now.round) now = start();
      while (now.round < round) step();
      return now.network;
    },
  };
}

function goStraight(place: Float64Array, direction: [number, number], way: number, config: NetworkConfig): void {
  for (let axis = 0; axis < 2; axis++) {
    const x = place[axis]! + way * direction[axis]!;
    if (config.wrapAround) {
      place[axis] = x - config.area * Math.floor(x / config.area);
      continue;
    }
    let reflected = x;
    while (reflected < 0 || reflected > config.area) {
      reflected = reflected < 0 ? -reflected : 2 * config.area - reflected;
      direction[axis] = -direction[axis]!;
    }
    place[axis] = reflected;
  }
}

function goToWaypoints(
  place: Float64Array,
  walker: { random: Stream; target: [number, number] },
  way: number,
  area: number,
): void {
  let left = way;
  for (;;) {
    const dx = walker.target[0] - place[0]!;
    const dy = walker.target[1] - place[1]!;
    const distance = Math.sqrt(dx * dx + dy * dy);
    if (distance > left) {
      place[0]! += (left * dx) / distance;
      place[1]! += (left * dy) / distance;
      return;
    }
    place.set(walker.target);
    left -= distance;
    walker.target = [area * walker.random.uniform(), area * walker.random.uniform()];
  }
}
