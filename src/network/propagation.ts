import { linkGains } from "../../bindings/largeScale.js";
import { log10, pow } from "../../bindings/math.js";
import type { Stream } from "../../bindings/random.js";
import type { NetworkConfig } from "../config/config.js";
import { InputError } from "../config/errors.js";
import { offset } from "./deployment.js";

/** Horizontal offset and distances of every link. */
export interface Geometry {
  /** AP to client [K·L], m */
  dx: Float64Array;
  dy: Float64Array;
  /** [K·L], m, height difference included */
  distance: Float64Array;
  /** [K·L], m, in the plane */
  ground: Float64Array;
}

type Space = Pick<NetworkConfig, "area" | "wrapAround" | "heightDifference">;

/** Offsets and distances between every client and AP, by the shortest way round when the area wraps. */
export function geometry(config: Space, accessPoints: Float64Array, clients: Float64Array): Geometry {
  const L = accessPoints.length / 2;
  const K = clients.length / 2;
  const dx = new Float64Array(K * L);
  const dy = new Float64Array(K * L);
  const distance = new Float64Array(K * L);
  const ground = new Float64Array(K * L);
  const h2 = config.heightDifference * config.heightDifference;
  for (let k = 0; k < K; k++)
    for (let l = 0; l < L; l++) {
      const x = offset(accessPoints[2 * l]!, clients[2 * k]!, config.area, config.wrapAround);
      const y = offset(accessPoints[2 * l + 1]!, clients[2 * k + 1]!, config.area, config.wrapAround);
      dx[k * L + l] = x;
      dy[k * L + l] = y;
      distance[k * L + l] = Math.sqrt(x * x + y * y + h2);
      ground[k * L + l] = Math.sqrt(x * x + y * y);
    }
  return { dx, dy, distance, ground };
}

/** β [K·L], linear, with clients and APs at the given places: path loss times shadowing in dB [K·L]. */
export function gains(
  config: Space & Pick<NetworkConfig, "pathLoss">,
  accessPoints: Float64Array,
  clients: Float64Array,
  shadow: Float64Array,
): Float64Array {
  const { area, wrapAround, heightDifference: height } = config;
  const { model, intercept, slope } = config.pathLoss;
  if (model === "log-distance") {
    if (height === 0) refuseCoincidence(geometry(config, accessPoints, clients).distance, clients.length / 2);
    return linkGains({ accessPoints, clients, area: wrapAround ? area : 0, height, intercept, slope, shadow });
  }
  const { ground } = geometry(config, accessPoints, clients);
  const gain = new Float64Array(ground.length);
  for (let i = 0; i < gain.length; i++) {
    const shadowed = ground[i]! > config.pathLoss.farBreakpoint ? shadow[i]! : 0;
    gain[i] = pow(10, (threeSlopeGain(config.pathLoss, ground[i]!) + shadowed) / 10);
  }
  return gain;
}

/** At no distance this model has no finite gain. */
function refuseCoincidence(distance: Float64Array, clients: number): void {
  const at = distance.indexOf(0);
  if (at < 0) return;
  const accessPoints = distance.length / clients;
  throw new InputError(
    "network.heightDifference",
    `0, with client ${Math.floor(at / accessPoints)} at the place of access point ${at % accessPoints}: no gain is that near (allowed: above 0, or other places)`,
  );
}

/**
 * Path gain in dB of the three-slope model, Ngo et al. 2017, (52)–(53). Its distances are in the plane: with heights in
 * them the flat part within the near breakpoint would never be reached. Shadowing applies beyond the far one alone.
 */
function threeSlopeGain(model: NetworkConfig["pathLoss"], ground: number): number {
  const km = Math.max(ground, model.nearBreakpoint) / 1000;
  const far = model.farBreakpoint / 1000;
  return km > far ? -model.threeSlopeLoss - 35 * log10(km) : -model.threeSlopeLoss - 15 * log10(far) - 20 * log10(km);
}

/**
 * Shadowing in dB [K·L]: independent over APs; over clients independent or with covariance σ² 2^(−δ/decorrelation)
 * ([B] 5.43), δ the distance between the clients.
 */
export function shadowing(config: NetworkConfig, clients: Float64Array, random: Stream): Float64Array {
  const K = config.clients;
  const L = config.accessPoints;
  const { deviation, correlation, decorrelation } = config.shadowing;
  const white = new Float64Array(K * L);
  random.fillNormal(white);
  if (correlation === "none") return scaled(white, deviation);
  const factor = correlationFactor(config, clients, decorrelation);
  const out = new Float64Array(K * L);
  for (let k = 0; k < K; k++)
    for (let j = 0; j <= k; j++) {
      const c = deviation * factor[k * K + j]!;
      for (let l = 0; l < L; l++) out[k * L + l]! += c * white[j * L + l]!;
    }
  return out;
}

function scaled(values: Float64Array, by: number): Float64Array {
  for (let i = 0; i < values.length; i++) values[i]! *= by;
  return values;
}

/** Lower Cholesky factor [K·K] of 2^(−δ/decorrelation); clients at one place share their shadowing. */
function correlationFactor(config: NetworkConfig, clients: Float64Array, decorrelation: number): Float64Array {
  const K = clients.length / 2;
  const factor = new Float64Array(K * K);
  for (let i = 0; i < K; i++)
    for (let j = 0; j <= i; j++) {
      const x = offset(clients[2 * i]!, clients[2 * j]!, config.area, config.wrapAround);
      const y = offset(clients[2 * i + 1]!, clients[2 * j + 1]!, config.area, config.wrapAround);
      let sum = pow(2, -Math.sqrt(x * x + y * y) / decorrelation);
      for (let m = 0; m < j; m++) sum -= factor[i * K + m]! * factor[j * K + m]!;
      const pivot = factor[j * K + j]!;
      // A pivot that rounding left at zero belongs to a client that stands where an earlier one does.
      factor[i * K + j] = i === j ? Math.sqrt(Math.max(sum, 0)) : pivot > 1e-7 ? sum / pivot : 0;
    }
  return factor;
}
