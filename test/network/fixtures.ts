import type { NetworkConfig } from "../../src/config/config.js";

/** The paper's network (MODEL 1), every field spelled out; `changes` replaces top-level fields. */
export function paperNetwork(changes: Partial<NetworkConfig> = {}): NetworkConfig {
  return {
    clients: 40,
    accessPoints: 16,
    antennas: 4,
    area: 1000,
    wrapAround: true,
    deployment: { accessPoints: "grid", jitter: 62.5, clients: "uniform" },
    heightDifference: 10,
    pathLoss: {
      model: "log-distance",
      intercept: -30.5,
      slope: 36.7,
      threeSlopeLoss: 140.7,
      nearBreakpoint: 10,
      farBreakpoint: 50,
    },
    shadowing: { deviation: 4, correlation: "none", decorrelation: 9 },
    bandwidth: 20e6,
    noise: { density: -174, figure: 7 },
    coherence: 200,
    pilots: 0,
    pilotAssignment: "greedy",
    transmitPower: 0.1,
    clusters: "all",
    correlation: { model: "uncorrelated", azimuthSpread: 15, elevationSpread: 15 },
    rician: { enabled: false, kFactor: 5 },
    estimator: "mmse",
    combining: "mr",
    realizations: 100,
    mobility: { model: "none", speed: 1, clock: "rounds", interval: 1 },
    ageing: { enabled: false, carrier: 2e9, sampleTime: 5e-6 },
    ...changes,
  };
}
