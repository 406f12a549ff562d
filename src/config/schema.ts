import * as z from "zod";
import { combiningNames } from "./combining.js";
import type { Config } from "./config.js";
import { choice, fields, flag, integer, limit, notAllowed, real, text } from "./fields.js";

const maximumSeed = Number.MAX_SAFE_INTEGER;
const position = z.tuple([real({}, "x, m"), real({}, "y, m")], { error: notAllowed("a pair [x, y] in m") });
const positions = z.array(position, { error: notAllowed("an array of pairs [x, y] in m") });

const data = fields(
  {
    name: choice(
      ["glyphs", "mnist", "fashion-mnist", "cifar10", "cifar100", "corpus", "text", "regression"],
      "data set; glyphs, corpus and regression are made from the seed, the others are read from files",
    ),
    directory: text("folder with the files of a real data set, relative to the working directory").optional(),
    file: text('text file of "text", relative to the working directory').optional(),
    channels: z
      .union([z.literal(0), z.literal(1), z.literal(3)], { error: notAllowed("0, 1, 3") })
      .describe("channels of the images: 0 = their own, 3 repeats a gray one, 1 is luma"),
    speakers: integer(1, 1e6, 'speakers of "corpus"'),
    trainExamples: integer(0, 1e9, "use only so many training examples; 0 = all (6000 of the embedded ones)"),
    testExamples: integer(0, 1e9, "use only so many test examples; 0 = all (1000 of the embedded ones)"),
    split: fields(
      {
        kind: choice(
          ["iid", "dirichlet", "shards", "quantity", "contiguous", "groups", "file"],
          "how the training examples are shared out over the clients",
        ),
        alpha: real({ minimum: 1e-6, maximum: 1e9 }, 'concentration of "dirichlet" and "quantity"'),
        classesPerClient: integer(1, 1e6, 'classes a client of "shards"'),
        file: text('JSON file of "file": an array of index arrays, one a client').optional(),
      },
      "split of the training examples over the clients",
    ),
    sequenceLength: integer(1, 65536, "characters a sequence of the text tasks"),
  },
  "data set and how it is split",
);

const layer = z
  .looseObject({ type: text("conv2d, maxPool2d, dense, …") }, { error: notAllowed("a layer such as {type, …}") })
  .describe("one layer with its own settings");

const model = fields(
  {
    preset: choice(
      ["softmax", "mlp", "paper-cnn", "small-cnn", "lenet", "vgg-small", "vit-tiny", "char-transformer", "custom"],
      "network; custom takes its layers from model.layers",
    ),
    layers: z
      .array(layer, { error: notAllowed("an array of layers") })
      .min(1, { error: notAllowed("at least one layer") })
      .describe('the layers, with preset "custom"')
      .optional(),
  },
  "network that the clients train",
);

const training = fields(
  {
    optimizer: fields(
      {
        name: choice(
          ["adadelta", "sgd", "momentum", "adagrad", "rmsprop", "adam", "adamw"],
          "local optimizer; naming another one resets the fields below to that one's defaults",
        ),
        learningRate: real({ above: 0 }, "learning rate"),
        momentum: real({ minimum: 0, below: 1 }, 'μ of "momentum"'),
        rho: real({ minimum: 0, below: 1 }, "decay of the squared gradients of AdaDelta and RMSprop"),
        epsilon: real({ above: 0 }, "ε: inside the root in AdaDelta, outside elsewhere"),
        beta1: real({ minimum: 0, below: 1 }, "β1 of Adam"),
        beta2: real({ minimum: 0, below: 1 }, "β2 of Adam"),
        initialAccumulator: real({ minimum: 0 }, "where Adagrad's sums start"),
        weightDecay: real({ minimum: 0 }, "weight decay; decoupled in AdamW"),
      },
      "local optimizer",
    ),
    localEpochs: integer(1, 10_000, "epochs a client trains in a round"),
    adaptiveEpochs: fields(
      {
        from: integer(1, 1e6, "first round that adds epochs"),
        increment: integer(0, 10_000, "epochs added each round; 0 = off"),
        maximum: integer(1, 10_000, "epochs at most"),
      },
      "L_t = min(maximum, L_{t−1} + increment) from round `from` on",
    ),
    batchSize: integer(1, 1e6, "examples a batch; the last one of an epoch may be smaller"),
    schedule: fields(
      {
        kind: choice(["constant", "step", "cosine", "exponential"], "learning rate over the rounds"),
        every: integer(1, 1e6, "rounds between two steps"),
        factor: real({ above: 0, maximum: 1 }, "what a step multiplies the learning rate by"),
      },
      "learning-rate schedule",
    ),
    proximal: real({ minimum: 0 }, "μ of FedProx's μ/2 ‖w − w_t‖²; 0 = off"),
  },
  "local training",
);

const server = fields(
  {
    rule: choice(
      ["fedavg", "fedavgm", "fedadagrad", "fedadam", "fedyogi"],
      "how the server applies the mean update; naming another one resets the fields below to that one's defaults",
    ),
    learningRate: real({ above: 0 }, "the server's learning rate"),
    momentum: real({ minimum: 0, below: 1 }, "momentum of FedAvgM"),
    beta1: real({ minimum: 0, below: 1 }, "β1 of the adaptive servers"),
    beta2: real({ minimum: 0, below: 1 }, "β2 of the adaptive servers"),
    tau: real({ above: 0 }, "τ of the adaptive servers"),
    participation: real({ above: 0, maximum: 1 }, "share of the clients that take part in a round"),
  },
  "aggregation at the server",
);

const quantizer = z
  .object(
    {
      name: text("quantizer, by name; see docs/quantizers.md"),
      coder: choice(["auto", "fixed", "elias", "rice", "range", "context"], "entropy coder of the wire format"),
      errorFeedback: flag("add what was lost in the last round to the next update"),
    },
    { error: notAllowed("an object") },
  )
  .catchall(z.union([z.string(), z.number(), z.boolean()], { error: notAllowed("a number, a text, true or false") }))
  .describe("quantizer of the updates, with its own settings beside its name");

const plan = fields(
  {
    kind: choice(
      ["fixed", "joint-resolution"],
      "what a round's clients are told beforehand; joint-resolution chooses EMQ steps and powers together",
    ),
  },
  "planning of the rounds",
);

const network = fields(
  {
    clients: integer(1, 100_000, "K"),
    accessPoints: integer(1, 10_000, "L"),
    antennas: integer(1, 256, "N, antennas of an access point"),
    area: real({ above: 0 }, "side of the square area, m"),
    wrapAround: flag("distances around the area's edges"),
    deployment: fields(
      {
        accessPoints: choice(["grid", "uniform", "given"], "where the access points stand"),
        jitter: real({ minimum: 0 }, "uniform jitter of the grid, ± m on each axis"),
        clients: choice(["uniform", "given"], "where the clients are"),
        accessPointPositions: positions.describe('[x, y] in m, one an access point, with "given"').optional(),
        clientPositions: positions.describe('[x, y] in m, one a client, with "given"').optional(),
      },
      "positions",
    ),
    heightDifference: real({ minimum: 0 }, "access points above the clients, m"),
    pathLoss: fields(
      {
        model: choice(["log-distance", "three-slope"], "path loss"),
        intercept: real({}, "dB at 1 m"),
        slope: real({ minimum: 0 }, "dB per decade"),
        threeSlopeLoss: real({}, 'dB at 1 km, of "three-slope"'),
        nearBreakpoint: real({ above: 0 }, 'm, of "three-slope"'),
        farBreakpoint: real({ above: 0 }, 'm, of "three-slope"'),
      },
      "path loss: intercept − slope · log10(d / 1 m)",
    ),
    shadowing: fields(
      {
        deviation: real({ minimum: 0 }, "dB"),
        correlation: choice(["none", "clients"], "shadowing correlated over the clients or independent"),
        decorrelation: real({ above: 0 }, "distance over which the correlation halves, m"),
      },
      "shadow fading",
    ),
    bandwidth: real({ above: 0 }, "Hz"),
    noise: fields(
      { density: real({}, "dBm/Hz"), figure: real({}, "noise figure, dB") },
      "thermal noise at an access point",
    ),
    coherence: integer(2, 1e6, "τ_c, samples of a coherence block"),
    pilots: integer(0, 1e6, "τ_p, samples; 0 = min(clients, 10)"),
    pilotAssignment: choice(["greedy", "random", "given"], "pilots of the clients"),
    pilotIndex: z
      .array(integer(0, 1e6, "pilot"), { error: notAllowed("an array of pilot numbers, one a client") })
      .describe('pilot of each client from 0, with "given"')
      .optional(),
    transmitPower: real({ above: 0 }, "W, pilots and data at coefficient 1"),
    clusters: choice(["all", "dcc"], "which access points serve a client"),
    correlation: fields(
      {
        model: choice(
          ["uncorrelated", "local-scattering", "local-scattering-small-angle"],
          "spatial correlation at an access point",
        ),
        azimuthSpread: real({ above: 0, maximum: 180 }, "degrees"),
        elevationSpread: real({ above: 0, maximum: 90 }, "degrees"),
      },
      "spatial correlation",
    ),
    rician: fields({ enabled: flag("Rician instead of Rayleigh fading"), kFactor: real({}, "dB") }, "line of sight"),
    estimator: choice(["mmse", "ls", "element-wise-mmse"], "channel estimation"),
    combining: choice(combiningNames, 'receiver that the rates come from; "mr" is the closed form'),
    realizations: integer(1, 1e9, "channel realizations of Monte Carlo rates"),
    mobility: fields(
      {
        model: choice(["none", "straight", "random-waypoint"], "how clients move between rounds"),
        speed: real({ minimum: 0 }, "m/s"),
        interval: real({ above: 0 }, "s between two rounds"),
      },
      "mobility",
    ),
    ageing: fields(
      {
        enabled: flag("channel ageing inside a coherence block; the speed is the mobility's"),
        carrier: real({ above: 0 }, "carrier, Hz"),
        sampleTime: real({ above: 0 }, "s between two samples of the coherence block"),
      },
      "Jakes' channel ageing",
    ),
    channel: text("channel file instead of a drop").optional(),
  },
  "cell-free network",
);

const power = fields(
  {
    method: choice(
      [
        "joint",
        "most-rounds",
        "min-max",
        "dinkelbach",
        "dinkelbach-one-step",
        "sum-rate",
        "max-min",
        "full",
        "fractional",
        "coordinate",
      ],
      "power allocation",
    ),
    alpha: real({ minimum: 0, maximum: 1 }, 'weight of energy in "joint"'),
    minimumRate: real({ minimum: 0 }, 'bit/s, of "sum-rate"'),
    exponent: real({ minimum: -10, maximum: 10 }, 'of "fractional"'),
  },
  "power allocation",
);

const budgets = fields(
  {
    energy: limit("J over the run; null = no limit"),
    latency: limit("s over the run; null = no limit"),
    bits: choice(["nominal", "wire"], "which bits are paid for"),
    compute: fields(
      {
        latencyPer1250: real({ minimum: 0 }, "s per 1250 examples and local epoch"),
        cpu: fields(
          {
            enabled: flag("the CPU model instead: ℓ = L c D / f, E = ½ α_c L c D f²"),
            cyclesPerSample: real({ above: 0 }, "c, cycles a sample"),
            frequency: real({ above: 0 }, "f, Hz"),
            capacitance: real({ above: 0 }, "α_c, effective capacitance"),
          },
          "CPU model of computation",
        ),
      },
      "latency and energy of computation",
    ),
    circuitPower: real({ minimum: 0 }, "W while sending, each client; 0 = not counted"),
    downlink: fields(
      {
        enabled: flag("count the broadcast of the model"),
        rate: real({ above: 0 }, "bit/s"),
        power: real({ minimum: 0 }, "W"),
      },
      "downlink",
    ),
  },
  "what the run may use, and what counts",
);

/** The whole config, every field required: what is left unsaid has been filled in before. */
export const configSchema = fields(
  {
    seed: integer(-maximumSeed, maximumSeed, "keys every random number of the run"),
    rounds: integer(1, 1e6, "rounds at most; a budget usually ends the run before"),
    data,
    model,
    training,
    server,
    quantizer,
    plan,
    network,
    power,
    budgets,
    evaluation: fields(
      { every: integer(1, 1e6, "test the global model every so many rounds, and after the last") },
      "evaluation",
    ),
  },
  "configuration of a cellfed run",
) satisfies z.ZodType<Config>;
