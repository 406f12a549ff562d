import type { Config, OptimizerConfig, QuantizerConfig, ServerConfig } from "./config.js";

/**
 * What is used where nothing is said: the set-up of Mahmoudi, Xiao, Björnson, "Accelerating Energy-Efficient Federated
 * Learning in Cell-Free Networks with Adaptive Quantization" (2025) with 20 clients, on the embedded images so that it
 * runs anywhere. Objects are frozen; `parseConfig({})` returns a copy.
 */
export const defaults: Config = freeze({
  seed: 1,
  rounds: 100,
  data: {
    name: "glyphs",
    channels: 0,
    speakers: 20,
    trainExamples: 0,
    testExamples: 0,
    split: { kind: "iid", alpha: 0.4, classesPerClient: 2 },
    sequenceLength: 32,
  },
  model: { preset: "paper-cnn" },
  training: {
    optimizer: optimizerDefaults("adadelta"),
    localEpochs: 5,
    adaptiveEpochs: { from: 1, increment: 0, maximum: 12 },
    batchSize: 32,
    schedule: { kind: "constant", every: 10, factor: 0.5 },
    proximal: 0,
  },
  server: serverDefaults("fedavg"),
  quantizer: quantizerDefaults("emq"),
  plan: { kind: "fixed" },
  network: {
    clients: 20,
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
    mobility: { model: "none", speed: 1, interval: 1 },
    ageing: { enabled: false, carrier: 2e9, sampleTime: 5e-6 },
  },
  power: { method: "most-rounds", alpha: 0.5, minimumRate: 0, exponent: 0.5 },
  budgets: {
    energy: 0.5,
    latency: 5,
    bits: "nominal",
    compute: {
      latencyPer1250: 0.015,
      cpu: { enabled: false, cyclesPerSample: 1e6, frequency: 1e9, capacitance: 2e-28 },
    },
    circuitPower: 0,
    downlink: { enabled: false, rate: 20e6, power: 1 },
  },
  evaluation: { every: 1 },
});

/** Learning rates of the optimizers as their papers or the usual frameworks have them; AdaDelta's are the paper's. */
export function optimizerDefaults(name: OptimizerConfig["name"]): OptimizerConfig {
  const rest = {
    name,
    momentum: 0.9,
    rho: 0.95,
    epsilon: 1e-7,
    beta1: 0.9,
    beta2: 0.999,
    initialAccumulator: 0.1,
    weightDecay: 0,
  };
  switch (name) {
    case "adadelta":
      return { ...rest, learningRate: 1 };
    case "sgd":
    case "momentum":
      return { ...rest, learningRate: 0.01 };
    case "adagrad": // as in the sibling paper's stored curves
      return { ...rest, learningRate: 0.1 };
    case "rmsprop":
      return { ...rest, learningRate: 0.001, rho: 0.9 };
    case "adam":
      return { ...rest, learningRate: 0.001 };
    case "adamw":
      return { ...rest, learningRate: 0.001, weightDecay: 0.01 };
  }
}

/** The adaptive servers' values are those of Reddi et al., "Adaptive Federated Optimization" (2021). */
export function serverDefaults(rule: ServerConfig["rule"]): ServerConfig {
  const adaptive = rule === "fedadagrad" || rule === "fedadam" || rule === "fedyogi";
  return {
    rule,
    learningRate: adaptive ? 0.01 : 1,
    momentum: 0.9,
    beta1: 0.9,
    beta2: 0.99,
    tau: 1e-3,
    participation: 1,
  };
}

/** The settings every quantizer has; EMQ's own are spelled out, the others' stand with the quantizers. */
export function quantizerDefaults(name: string): QuantizerConfig {
  const common: QuantizerConfig = { name, coder: "auto", errorFeedback: false };
  if (name !== "emq") return common;
  return { ...common, digits: 0, base: 10, scope: "vector", threshold: 0, rounding: "nearest", step: "decade" };
}

function freeze<T extends object>(value: T): T {
  for (const child of Object.values(value)) {
    if (typeof child === "object" && child !== null) freeze(child);
  }
  return Object.freeze(value);
}
