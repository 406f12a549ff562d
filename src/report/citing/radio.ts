import type { NetworkConfig } from "../../config/config.js";
import { receivers } from "../../network/index.js";
import { citing, exact, type Markup, quantity } from "./markup.js";
import type { SourceKey } from "./sources.js";
import type { Statement } from "./statement.js";

/** The network and its rates, in the papers' words and symbols. */
export const radioStatements: readonly Statement[] = [
  {
    tells: ["network.clients", "network.accessPoints", "network.antennas", "network.channel"],
    say({ network: { clients, accessPoints, antennas, channel } }) {
      return channel === undefined
        ? `The network had $K = ${clients}$ single-antenna clients and $L = ${accessPoints}$ access points with $N = ${antennas}$ ${antennas === 1 ? "antenna" : "antennas"} each.`
        : `The channels of $K = ${clients}$ single-antenna clients were imported from the file ${channel}, with the access points, antennas, bandwidth, noise and pilots that it gives.`;
    },
  },
  {
    tells: ["network.area", "network.wrapAround", "network.deployment", "network.heightDifference"],
    say: ({ network }) => (network.channel === undefined ? places(network) : ""),
  },
  {
    tells: ["network.pathLoss", "network.shadowing", "network.correlation", "network.rician"],
    say: ({ network }) => (network.channel === undefined ? `${propagation(network)} ${fading(network)}` : ""),
  },
  {
    tells: ["network.bandwidth", "network.noise", "network.coherence", "network.transmitPower"],
    say({ network: { channel, bandwidth, noise, coherence, transmitPower } }) {
      if (channel !== undefined) return "";
      return (
        `The bandwidth was ${quantity(bandwidth, "Hz")}, the noise density ${exact(noise.density)} dBm/Hz with a noise ` +
        `figure of ${exact(noise.figure)} dB, a coherence block $τ_c = ${coherence}$ samples, and the transmit power ` +
        `$P_u = ${transmitPower}$ W for pilots and, at the power coefficient $p_k = 1$, for data.`
      );
    },
  },
  {
    tells: ["network.pilots", "network.pilotAssignment", "network.pilotIndex", "network.clusters"],
    say: ({ network }) => (network.channel === undefined ? pilots(network) : ""),
  },
  { tells: ["network.mobility"], say: ({ network }) => movement(network) },
  { tells: ["network.ageing"], say: ({ network }) => ageing(network) },
  {
    tells: ["network.estimator", "network.combining", "network.realizations"],
    say: ({ network }) => receiver(network),
  },
];

function places({ area, wrapAround, deployment, heightDifference }: NetworkConfig): Markup {
  const { accessPoints, clients, jitter } = deployment;
  const stood = {
    grid: `on a square grid${jitter > 0 ? `, moved by up to ±${exact(jitter)} m on each axis uniformly at random` : ""}`,
    uniform: "uniformly at random",
    given: `at given places${pointsOf(deployment.accessPointPositions)}`,
  }[accessPoints];
  const were =
    clients === "given" ? `at given places${pointsOf(deployment.clientPositions)}` : "placed uniformly at random";
  return (
    `In a square with sides of ${exact(area)} m ${wrapAround ? "and wrap-around" : "without wrap-around"}, access points ` +
    `stood ${stood}, ${exact(heightDifference)} m above the clients, which were ${were}.`
  );
}

function pointsOf(positions: readonly (readonly [number, number])[] | undefined): string {
  if (positions === undefined) return "";
  return ` (in m: ${positions.map(([x, y]) => `(${exact(x)}, ${exact(y)})`).join(", ")})`;
}

function propagation({ pathLoss, shadowing, mobility }: NetworkConfig): Markup {
  const { model, intercept, slope, threeSlopeLoss, nearBreakpoint, farBreakpoint } = pathLoss;
  const gain =
    model === "log-distance"
      ? `Large-scale fading was $β = ${signed(intercept)} ${slope < 0 ? "+" : "−"} ${Math.abs(slope)} log_{10} d$ dB at a distance of $d$ m`
      : `Large-scale fading followed the three-slope model${citing("ngo2017cellfree")} with ${exact(threeSlopeLoss)} dB at 1 km and breakpoints at ${exact(nearBreakpoint)} m and ${exact(farBreakpoint)} m`;
  const { deviation, correlation, decorrelation } = shadowing;
  if (deviation === 0) return `${gain} without shadowing.`;
  const halves = `the correlation halves every ${exact(decorrelation)} m`;
  const along = mobility.model === "none" ? "" : ` and, along a client's way, ${halves}`;
  const between =
    correlation === "none"
      ? `independent over clients and access points${along}`
      : `correlated over clients (${halves})${citing("demir2021foundations")}`;
  return `${gain} with log-normal shadowing of ${exact(deviation)} dB standard deviation, ${between}.`;
}

function signed(value: number): string {
  return String(value).replace("-", "−");
}

function fading({ correlation, rician }: NetworkConfig): Markup {
  const small = rician.enabled ? `Rician with a $K$-factor of ${exact(rician.kFactor)} dB` : "Rayleigh";
  if (correlation.model === "uncorrelated") return `Small-scale fading was ${small}, spatially uncorrelated.`;
  const form = correlation.model === "local-scattering" ? "" : ", in the small-angle approximation";
  return (
    `Small-scale fading was ${small}, spatially correlated by Gaussian local scattering with spreads of ` +
    `${exact(correlation.azimuthSpread)}° in azimuth and ${exact(correlation.elevationSpread)}° in ` +
    `elevation${form}${citing("demir2021foundations")}.`
  );
}

function pilots({ clients, pilots: asked, pilotAssignment, pilotIndex, clusters }: NetworkConfig): Markup {
  const count = asked === 0 ? Math.min(clients, 10) : asked;
  const assigned = {
    greedy: `assigned greedily${citing("demir2021foundations")}`,
    random: "assigned at random",
    given: `assigned as given${pilotIndex === undefined ? "" : ` (${pilotIndex.join(", ")})`}`,
  }[pilotAssignment];
  const served =
    clusters === "all"
      ? "all access points served all clients"
      : `access points served the clients of dynamic cooperation clusters${citing("demir2021foundations")}`;
  return `The $τ_p = ${count}$ pilots were ${assigned}; ${served}.`;
}

function movement({ mobility: { model, speed, clock, interval } }: NetworkConfig): Markup {
  if (model === "none") return "";
  const way = model === "straight" ? "on straight lines" : "between random waypoints";
  const time = clock === "rounds" ? "for as long as each round took" : `for ${exact(interval)} s a round`;
  return `Clients moved ${way} at ${exact(speed)} m/s, ${time}.`;
}

function ageing({ ageing: { enabled, carrier, sampleTime }, mobility, coherence }: NetworkConfig): Markup {
  if (!enabled) return "";
  return (
    `Channels aged within a coherence block of ${coherence} samples by Jakes' model: carrier ` +
    `${quantity(carrier, "Hz")}, ${quantity(sampleTime, "s")} a sample, ${exact(mobility.speed)} m/s.`
  );
}

const estimators = { mmse: "MMSE", ls: "least-squares", "element-wise-mmse": "element-wise MMSE" } as const;

/** The part of a receiver's name before its weights. */
const combiners: Readonly<Record<string, string>> = {
  mmse: "centralized MMSE combining",
  "p-mmse": "centralized P-MMSE combining",
  "p-rzf": "centralized P-RZF combining",
  "mr-centralized": "centralized maximum-ratio combining",
  "l-mmse": "L-MMSE combining at each access point",
  "lp-mmse": "LP-MMSE combining at each access point",
  mr: "maximum-ratio combining at each access point",
};
const weights: Readonly<Record<string, string>> = {
  lsfd: " and optimal large-scale fading decoding",
  "n-lsfd": " and nearly optimal large-scale fading decoding",
};

function receiver({ estimator, combining, realizations }: NetworkConfig): Markup {
  const [combiner = "", weighted = ""] = combining.split("+");
  const estimate = `Channels were estimated by the ${estimators[estimator]} estimator`;
  if (!receivers.isBuiltIn(combining) || combiners[combiner] === undefined)
    return `${estimate}; rates $R_k(p)$ were those of the receiver ${combining} (${realizations} channel realizations).`;
  const keys: SourceKey[] = combining === "mr" ? ["demir2021foundations", "ngo2017cellfree"] : ["demir2021foundations"];
  const how =
    combiner === "mr"
      ? "in closed form"
      : `by the use-and-then-forget bound over ${realizations} channel realizations, with receivers that suit the allocated powers`;
  return `${estimate}; the rates $R_k(p)$ of ${combiners[combiner]}${weights[weighted] ?? ""} were computed ${how}${citing(...keys)}.`;
}
