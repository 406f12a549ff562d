/** The whole configuration of a run, every default filled in: what config.json in a results folder holds. */
export interface Config {
  /** Keys every random number of the run; an integer below 2⁵³ in magnitude */
  seed: number;
  /** Rounds at most; a budget usually ends the run before */
  rounds: number;
  data: DataConfig;
  model: ModelConfig;
  training: TrainingConfig;
  server: ServerConfig;
  quantizer: QuantizerConfig;
  plan: PlanConfig;
  network: NetworkConfig;
  power: PowerConfig;
  budgets: BudgetConfig;
  evaluation: {
    /** Test the global model every so many rounds (always after the last) */
    every: number;
  };
}

/** Which examples there are, and which client has which. */
export interface DataConfig {
  /** "glyphs", "corpus" and "regression" are made from the seed, the others are read from files */
  name: "glyphs" | "mnist" | "fashion-mnist" | "cifar10" | "cifar100" | "corpus" | "text" | "regression";
  /** Folder with the files of a real data set; relative to the working directory */
  directory?: string;
  /** Text file of "text"; relative to the working directory */
  file?: string;
  /** Channels of the images: 0 = their own, 3 repeats a gray one (the papers' network on 28 × 28 data), 1 is luma */
  channels: 0 | 1 | 3;
  /** Speakers of "corpus" */
  speakers: number;
  /** Use only so many of the training examples, 0 = all there are (6000 of the embedded ones) */
  trainExamples: number;
  /** Use only so many of the test examples, 0 = all there are (1000 of the embedded ones) */
  testExamples: number;
  split: SplitConfig;
  /** Sequence length of the text tasks */
  sequenceLength: number;
}

/** How the training examples are shared out over the clients. */
export interface SplitConfig {
  /** "groups": by the data's own owners (speakers); "file": as a file says */
  kind: "iid" | "dirichlet" | "shards" | "quantity" | "contiguous" | "groups" | "file";
  /** Concentration of "dirichlet" and "quantity" */
  alpha: number;
  /** Classes a client of "shards" */
  classesPerClient: number;
  /** JSON file of "file": an array of index arrays, one a client */
  file?: string;
}

/** The network that the clients train. */
export interface ModelConfig {
  /** "paper-cnn": conv 3×3×32, ReLU, max-pool 2×2, dense 64, ReLU, dense; "custom" takes `layers` */
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

/** One layer; the fields each type takes are the layer's own. */
export interface LayerConfig {
  type: string;
  [setting: string]: unknown;
}

/** What a client does in a round. */
export interface TrainingConfig {
  optimizer: OptimizerConfig;
  /** Epochs a client trains in a round */
  localEpochs: number;
  /** Adaptive local epochs: L_t = min(maximum, L_{t−1} + increment) from round `from` on; off when increment is 0 */
  adaptiveEpochs: { from: number; increment: number; maximum: number };
  /** Examples a batch; the last of an epoch may be smaller */
  batchSize: number;
  /** Learning rate over the rounds */
  schedule: {
    kind: "constant" | "step" | "cosine" | "exponential";
    /** Rounds between two steps */
    every: number;
    /** What a step multiplies the learning rate by */
    factor: number;
  };
  /** μ of FedProx's μ/2 ‖w − w_t‖² */
  proximal: number;
}

/** The local optimizer; each uses the fields that its rule has. */
export interface OptimizerConfig {
  name: "adadelta" | "sgd" | "momentum" | "adagrad" | "rmsprop" | "adam" | "adamw";
  learningRate: number;
  /** μ of "momentum" */
  momentum: number;
  /** Decay of the squared gradients of "adadelta" and "rmsprop" */
  rho: number;
  /** ε: inside the root in AdaDelta, outside elsewhere */
  epsilon: number;
  /** β1 of "adam" and "adamw" */
  beta1: number;
  /** β2 of "adam" and "adamw" */
  beta2: number;
  /** Where the sums of "adagrad" start */
  initialAccumulator: number;
  /** Decoupled in "adamw" */
  weightDecay: number;
}

/** How the server applies the clients' mean update. */
export interface ServerConfig {
  rule: "fedavg" | "fedavgm" | "fedadagrad" | "fedadam" | "fedyogi";
  learningRate: number;
  /** Of "fedavgm" */
  momentum: number;
  /** β1 of the adaptive servers */
  beta1: number;
  /** β2 of the adaptive servers */
  beta2: number;
  /** The adaptive servers' τ */
  tau: number;
  /** Share of the clients that take part in a round, (0, 1] */
  participation: number;
}

/** A quantizer's name and its own settings, flat: { name: "emq", digits: 0, … }. */
export interface QuantizerConfig {
  name: string;
  /** Entropy coder of the wire format; "auto" takes the smallest */
  coder: "auto" | "fixed" | "elias" | "rice" | "range" | "context";
  /** Add what was lost in the last round to the next update */
  errorFeedback: boolean;
  [setting: string]: string | number | boolean;
}

/** How a round is planned before its clients train. */
export interface PlanConfig {
  /** "joint-resolution": every client's EMQ step and power are chosen together, from what the round before measured */
  kind: "fixed" | "joint-resolution";
}

/** The cell-free network: where everything stands, the channel, the receivers. */
export interface NetworkConfig {
  /** K */
  clients: number;
  /** L */
  accessPoints: number;
  /** N, antennas of an access point */
  antennas: number;
  /** Side of the square area, m */
  area: number;
  /** Distances around the area's edges */
  wrapAround: boolean;
  deployment: {
    accessPoints: "grid" | "uniform" | "given";
    /** Uniform jitter of the grid, ± m on each axis */
    jitter: number;
    clients: "uniform" | "given";
    /** [x, y] in m, with "given" */
    accessPointPositions?: readonly (readonly [number, number])[];
    /** [x, y] in m, with "given" */
    clientPositions?: readonly (readonly [number, number])[];
  };
  /** Access points above the clients, m */
  heightDifference: number;
  pathLoss: {
    /** "log-distance": intercept − slope · log10(d / 1 m) dB */
    model: "log-distance" | "three-slope";
    /** dB at 1 m */
    intercept: number;
    /** dB per decade */
    slope: number;
    /** Of "three-slope" (Ngo et al. 2017): dB at 1 km, default 140.7 */
    threeSlopeLoss: number;
    /** m, default 10 */
    nearBreakpoint: number;
    /** m, default 50 */
    farBreakpoint: number;
  };
  shadowing: {
    /** dB */
    deviation: number;
    /** "clients": covariance deviation² · 2^{−distance / decorrelation} */
    correlation: "none" | "clients";
    /** m */
    decorrelation: number;
  };
  /** Hz */
  bandwidth: number;
  noise: {
    /** dBm/Hz */
    density: number;
    /** dB */
    figure: number;
  };
  /** τ_c, samples of a coherence block */
  coherence: number;
  /** τ_p, samples; 0 = min(clients, 10) */
  pilots: number;
  pilotAssignment: "greedy" | "random" | "given";
  /** Pilot of each client from 0, with "given" */
  pilotIndex?: readonly number[];
  /** W, data and pilots */
  transmitPower: number;
  /** Which access points serve a client: all, or the user-centric clusters */
  clusters: "all" | "dcc";
  /** Spatial correlation at an access point */
  correlation: {
    model: "uncorrelated" | "local-scattering" | "local-scattering-small-angle";
    /** Degrees */
    azimuthSpread: number;
    /** Degrees */
    elevationSpread: number;
  };
  /** Line of sight */
  rician: {
    /** −∞ dB is not JSON, so this says whether there is any */
    enabled: boolean;
    /** K-factor, dB */
    kFactor: number;
  };
  /** Channel estimation */
  estimator: "mmse" | "ls" | "element-wise-mmse";
  /** Which receiver the rates come from: "mr" is the closed form */
  combining: string;
  /** Channel realizations of the Monte Carlo rates */
  realizations: number;
  mobility: {
    model: "none" | "straight" | "random-waypoint";
    /** m/s */
    speed: number;
    /** s a round when the latency is not used */
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

/** Power allocation of a round. */
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

/** What a run may use, and what counts. It ends before the first round that would use more. */
export interface BudgetConfig {
  /** J over the run; null = no limit */
  energy: number | null;
  /** s over the run; null = no limit */
  latency: number | null;
  /** Which bits are paid for */
  bits: "nominal" | "wire";
  /** Latency and energy of computation */
  compute: {
    /** s per 1250 examples and local epoch */
    latencyPer1250: number;
    /** The CPU model ℓ = L c D / f, E = ½ α_c L c D f², off by default */
    cpu: {
      enabled: boolean;
      /** c */
      cyclesPerSample: number;
      /** f, Hz */
      frequency: number;
      /** α_c */
      capacitance: number;
    };
  };
  /** W of a client's circuits while it sends; 0 = not counted */
  circuitPower: number;
  /** The broadcast of the model, 32 bits an entry */
  downlink: {
    enabled: boolean;
    /** bit/s */
    rate: number;
    /** W */
    power: number;
  };
}
