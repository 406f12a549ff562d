/** The whole configuration of a run, every default filled in: what config.json in a results folder holds. */
export interface Config {
  /** Keys every random number of the run */
  seed: number;
  /** Rounds at most; a budget usually ends the run before */
  rounds: number;
  data: DataConfig;
  model: ModelConfig;
  training: TrainingConfig;
  server: ServerConfig;
  quantizer: QuantizerConfig;
  network: NetworkConfig;
  power: PowerConfig;
  budgets: BudgetConfig;
  evaluation: { /** test the global model every so many rounds (always after the last) */ every: number };
}

export interface DataConfig {
  name: "glyphs" | "mnist" | "fashion-mnist" | "cifar10" | "cifar100" | "corpus" | "text" | "regression";
  /** Folder with the files of a real data set; relative to the working directory */
  directory?: string;
  /** Text file of "text"; relative to the working directory */
  file?: string;
  /** Channels of the images: 0 = their own, 3 repeats a gray one (the paper's network on 28 × 28 data), 1 is luma */
  channels: 0 | 1 | 3;
  /** Speakers of "corpus" */
  speakers: number;
  /** Use only so many of the examples, 0 = all there are (6000 and 1000 of the embedded sets) */
  trainExamples: number;
  testExamples: number;
  split: SplitConfig;
  /** Sequence length of the text tasks */
  sequenceLength: number;
}

export interface SplitConfig {
  kind: "iid" | "dirichlet" | "shards" | "quantity" | "contiguous" | "groups" | "file";
  /** Concentration of "dirichlet" and "quantity" */
  alpha: number;
  /** Classes a client of "shards" */
  classesPerClient: number;
  /** JSON file of "file": an array of index arrays, one a client */
  file?: string;
}

export interface ModelConfig {
  preset:
    | "softmax"
    | "mlp"
    | "paper-cnn"
    | "small-cnn"
    | "lenet"
    | "vgg-small"
    | "vit-tiny"
    | "char-transformer"
    | "custom";
  /** The layers, with preset "custom" */
  layers?: readonly LayerConfig[];
}

/** One layer; the fields each type takes are in the schema. */
export interface LayerConfig {
  type: string;
  [setting: string]: unknown;
}

export interface TrainingConfig {
  optimizer: OptimizerConfig;
  localEpochs: number;
  /** Adaptive local epochs: L_t = min(maximum, L_{t−1} + increment) from round `from` on; off when increment is 0 */
  adaptiveEpochs: { from: number; increment: number; maximum: number };
  batchSize: number;
  schedule: { kind: "constant" | "step" | "cosine" | "exponential" /** rounds */; every: number; factor: number };
  /** μ of FedProx's μ/2 ‖w − w_t‖² */
  proximal: number;
}

export interface OptimizerConfig {
  name: "adadelta" | "sgd" | "momentum" | "adagrad" | "rmsprop" | "adam" | "adamw";
  learningRate: number;
  momentum: number;
  rho: number;
  epsilon: number;
  beta1: number;
  beta2: number;
  initialAccumulator: number;
  weightDecay: number;
}

export interface ServerConfig {
  rule: "fedavg" | "fedavgm" | "fedadagrad" | "fedadam" | "fedyogi";
  learningRate: number;
  momentum: number;
  beta1: number;
  beta2: number;
  /** The adaptive servers' τ */
  tau: number;
  /** Share of the clients that take part in a round, (0, 1] */
  participation: number;
}

/** A quantizer's name and its own settings, flat: { name: "emq", digits: 0, … }. */
export interface QuantizerConfig {
  name: string;
  coder: "auto" | "fixed" | "elias" | "rice" | "range";
  errorFeedback: boolean;
  [setting: string]: string | number | boolean;
}

export interface NetworkConfig {
  clients: number;
  accessPoints: number;
  antennas: number;
  /** Side of the square area, m */
  area: number;
  wrapAround: boolean;
  deployment: {
    accessPoints: "grid" | "uniform" | "given";
    /** Uniform jitter of the grid, ± m on each axis */
    jitter: number;
    clients: "uniform" | "given";
    /** [x, y] in m */
    accessPointPositions?: readonly (readonly [number, number])[];
    clientPositions?: readonly (readonly [number, number])[];
  };
  /** AP height above the clients, m */
  heightDifference: number;
  pathLoss: {
    model: "log-distance" | "three-slope";
    /** dB at 1 m */
    intercept: number;
    /** dB per decade */
    slope: number;
    /** Of "three-slope" (Ngo et al. 2017): dB at 1 km, default 140.7 */
    threeSlopeLoss: number;
    /** m, default 10 and 50 */
    nearBreakpoint: number;
    farBreakpoint: number;
  };
  shadowing: { /** dB */ deviation: number; correlation: "none" | "clients" /** m */; decorrelation: number };
  /** Hz */
  bandwidth: number;
  noise: { /** dBm/Hz */ density: number /** dB */; figure: number };
  /** τ_c, samples */
  coherence: number;
  /** τ_p, samples; 0 = min(clients, 10) */
  pilots: number;
  pilotAssignment: "greedy" | "random" | "given";
  pilotIndex?: readonly number[];
  /** W, data and pilots */
  transmitPower: number;
  clusters: "all" | "dcc";
  correlation: {
    model: "uncorrelated" | "local-scattering" | "local-scattering-small-angle" /** degrees */;
    azimuthSpread: number;
    elevationSpread: number;
  };
  rician: { /** K-factor, dB; -Infinity is not JSON, so `enabled` says it */ enabled: boolean; kFactor: number };
  estimator: "mmse" | "ls" | "element-wise-mmse";
  /** Which receiver the rates come from: "mr" is the closed form */
  combining: string;
  /** Channel realizations of the Monte Carlo rates */
  realizations: number;
  mobility: {
    model: "none" | "straight" | "random-waypoint" /** m/s */;
    speed: number /** s a round when the latency is not used */;
    interval: number;
  };
  /** Jakes' autocorrelation inside a coherence block; the speed is the mobility's */
  ageing: {
    enabled: boolean;
    /** Hz */
    carrier: number;
    /** s between two samples of the coherence block (one subcarrier), default 5e-6 */
    sampleTime: number;
  };
  /** Channel file instead of a drop */
  channel?: string;
}

export interface PowerConfig {
  method:
    | "joint"
    | "most-rounds"
    | "min-max"
    | "dinkelbach"
    | "dinkelbach-one-step"
    | "sum-rate"
    | "max-min"
    | "full"
    | "fractional"
    | "coordinate";
  /** Weight of energy in "joint" */
  alpha: number;
  /** bit/s, of "sum-rate" */
  minimumRate: number;
  /** Of "fractional" */
  exponent: number;
}

export interface BudgetConfig {
  /** J over the run; null = no limit */
  energy: number | null;
  /** s over the run; null = no limit */
  latency: number | null;
  /** Which bits are paid for */
  bits: "nominal" | "wire";
  compute: {
    /** s per 1250 examples and local epoch */
    latencyPer1250: number;
    /** The CPU model ℓ = L c D / f, E = ½ α_c L c D f², off by default */
    cpu: { enabled: boolean; cyclesPerSample: number; frequency: number; capacitance: number };
  };
  /** Per client and round: circuit power while sending (W) and the downlink broadcast's (bits × s/bit); 0 = not counted */
  circuitPower: number;
  downlink: { enabled: boolean /** bit/s */; rate: number /** W */; power: number };
}
