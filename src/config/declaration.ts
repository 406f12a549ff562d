import * as z from "zod";
import { aggregation } from "./aggregationFields.js";
import { both, either, unless, when, whenAbove } from "./conditions.js";
import {
  choice,
  flag,
  given,
  integer,
  limit,
  notAllowed,
  oneOf,
  partName,
  partSection,
  real,
  section,
  text,
  textSchema,
  type ValuesOf,
} from "./fields.js";
import { network } from "./networkFields.js";
import { devices, loss, selection } from "./systemFields.js";
import { waiting } from "./waitingFields.js";

/** One layer; the fields each type takes are the layer's own. */
export interface LayerConfig {
  type: string;
  [setting: string]: unknown;
}

const fromFolders = when("data.name", "mnist", "fashion-mnist", "cifar10", "cifar100");
const fromFiles = when("data.name", "mnist", "fashion-mnist", "cifar10", "cifar100", "text");
const ofImages = when("data.name", "glyphs", "mnist", "fashion-mnist", "cifar10", "cifar100");
const ofText = when("data.name", "corpus", "text");

/** The splits there are. */
export const splitKinds = ["iid", "dirichlet", "shards", "quantity", "contiguous", "groups", "file"] as const;

/** Which examples there are, and which client has which. */
const data = section("data set and how it is split", {
  name: partName(
    "glyphs",
    "data set; glyphs, corpus and regression are made from the seed, the others are read from files",
  ),
  directory: text("folder with the files of a real data set, relative to the working directory", {
    when: fromFolders,
  }),
  file: text('text file of "text", relative to the working directory', { when: when("data.name", "text") }),
  channels: oneOf(0, [0, 1, 3], "channels of the images: 0 = their own, 3 repeats a gray one, 1 is luma", {
    when: ofImages,
  }),
  speakers: integer(20, [1, 1e6], 'speakers of "corpus"', { when: when("data.name", "corpus") }),
  trainExamples: integer(0, [0, 1e9], "use only so many training examples; 0 = all (6000 of the embedded ones)"),
  testExamples: integer(0, [0, 1e9], "use only so many test examples; 0 = all (1000 of the embedded ones)"),
  subset: choice(
    "even",
    ["even", "drawn"],
    "which examples of a set from files, where not all: evenly spaced, or drawn by the seed",
    { when: both(fromFiles, either(whenAbove("data.trainExamples", 0), whenAbove("data.testExamples", 0))) },
  ),
  split: section("split of the training examples over the clients", {
    kind: choice("iid", splitKinds, "how the training examples are shared out over the clients"),
    alpha: real(0.4, { minimum: 1e-6, maximum: 1e9 }, 'concentration of "dirichlet" and "quantity"', {
      when: when("data.split.kind", "dirichlet", "quantity"),
    }),
    classesPerClient: integer(2, [1, 1e6], 'classes a client of "shards"', {
      when: when("data.split.kind", "shards"),
    }),
    file: text('JSON file of "file": an array of index arrays, one a client', {
      when: when("data.split.kind", "file"),
    }),
  }),
  sequenceLength: integer(32, [1, 65536], "characters a sequence of the text tasks", { when: ofText }),
});

const layer = z
  .looseObject(
    { type: textSchema().describe("conv2d, maxPool2d, dense, …") },
    { error: notAllowed("a layer such as {type, …}") },
  )
  .describe("one layer with its own settings");
const layers = z.array(layer, { error: notAllowed("an array of layers") }).min(1, {
  error: notAllowed("at least one layer"),
}) as unknown as z.ZodType<readonly LayerConfig[]>;

/** The network that the clients train. */
const model = section("network that the clients train", {
  preset: choice(
    "paper-cnn",
    ["softmax", "mlp", "paper-cnn", "small-cnn", "lenet", "vgg-small", "vit-tiny", "char-transformer", "custom"],
    "network; custom takes its layers from model.layers",
  ),
  layers: given(layers, 'the layers, with preset "custom"', { when: when("model.preset", "custom") }),
});

const growing = whenAbove("training.adaptiveEpochs.increment", 0);
const scheduled = unless("training.schedule.kind", "constant");

/** What a client does in a round. */
const training = section("local training", {
  optimizer: partSection("local optimizer, with its own settings beside its name", {
    name: partName("adadelta", "local optimizer; naming another one resets the settings to that one's defaults"),
  }),
  localEpochs: integer(5, [1, 10_000], "epochs a client trains in a round"),
  adaptiveEpochs: section("L_t = min(maximum, L_{t−1} + increment) from round `from` on", {
    from: integer(1, [1, 1e6], "first round that adds epochs", { when: growing }),
    increment: integer(0, [0, 10_000], "epochs added each round; 0 = off"),
    maximum: integer(12, [1, 10_000], "epochs at most", { when: growing }),
  }),
  batchSize: integer(32, [1, 1e6], "examples a batch; the last one of an epoch may be smaller"),
  schedule: section("learning-rate schedule", {
    kind: choice("constant", ["constant", "step", "cosine", "exponential"], "learning rate over the rounds"),
    every: integer(10, [1, 1e6], "rounds between two steps", { when: scheduled }),
    factor: real(0.5, { above: 0, maximum: 1 }, "what a step multiplies the learning rate by", { when: scheduled }),
  }),
  proximal: real(0, { minimum: 0 }, "μ of FedProx's μ/2 ‖w − w_t‖²; 0 = off"),
});

/** How the server applies the clients' mean update. */
const server = partSection("aggregation at the server, with the rule's own settings beside its name", {
  rule: partName(
    "fedavg",
    "how the server applies the mean update; naming another one resets the settings to that one's defaults",
  ),
  participation: real(1, { above: 0, maximum: 1 }, "share of the clients that take part in a round", {
    when: unless("selection.rule", "all"),
  }),
});

const ownProcessor = when("budgets.compute.cpu.enabled", true);
const chosenFrequency = both(ownProcessor, when("budgets.compute.cpu.choose", true));
const sent = when("budgets.downlink.enabled", true);
const atGivenRate = both(sent, when("budgets.downlink.transmission", "fixed-rate"));
const beamformed = both(sent, when("budgets.downlink.transmission", "broadcast", "unicast"));
const countedSenders = both(beamformed, when("budgets.downlink.accessPoints.counted", true));
const countedFronthaul = both(beamformed, when("budgets.downlink.fronthaul.counted", true));

/** What a run may use, and what counts. It ends before the first round that would use more. */
const budgets = section("what the run may use, and what counts", {
  energy: limit(0.5, "J over the run; null = no limit"),
  latency: limit(5, "s over the run; null = no limit"),
  bits: choice("nominal", ["nominal", "wire"], "which bits are paid for"),
  compute: section("latency and energy of computation", {
    latencyPer1250: real(0.015, { minimum: 0 }, "s per 1250 examples and local epoch", {
      when: when("budgets.compute.cpu.enabled", false),
    }),
    cpu: section("CPU model of computation", {
      enabled: flag(false, "the CPU model instead: ℓ = L c D / f, E = ½ α_c L c D f²"),
      cyclesPerSample: real(1e6, { above: 0 }, "c, cycles a sample", { when: ownProcessor }),
      frequency: real(1e9, { above: 0 }, "f", { unit: "Hz", when: ownProcessor }),
      capacitance: real(2e-28, { above: 0 }, "α_c, effective capacitance", { when: ownProcessor }),
      choose: flag(
        false,
        "powers and each client's frequency are chosen together by most-rounds, joint and joint-computation; other " +
          "methods keep `frequency`",
        { when: ownProcessor },
      ),
      minimumFrequency: real(2e8, { above: 0 }, "least frequency to choose", { unit: "Hz", when: chosenFrequency }),
      maximumFrequency: real(2e9, { above: 0 }, "largest frequency to choose", { unit: "Hz", when: chosenFrequency }),
    }),
  }),
  circuitPower: real(0, { minimum: 0 }, "W while sending, each client; 0 = not counted"),
  downlink: section("what sending the model to the clients takes", {
    enabled: flag(false, "count it: 32 bits an entry, or what downlink.quantizer makes of them"),
    transmission: choice(
      "fixed-rate",
      ["fixed-rate", "broadcast", "unicast"],
      "at the rate and power given, or by conjugate beamforming over the run's own channels: one signal for all, or one " +
        "for each client, all at once",
      { when: sent },
    ),
    rate: real(20e6, { above: 0 }, "", { unit: "bit/s", when: atGivenRate }),
    power: real(1, { minimum: 0 }, "", { unit: "W", when: atGivenRate }),
    transmitPower: real(0.2, { above: 0 }, "what an access point radiates", { unit: "W", when: beamformed }),
    powerExponent: real(
      0.5,
      { minimum: -4, maximum: 4 },
      "v: of an access point's power a client gets a share ∝ (E‖ĥ‖²)^v",
      { when: beamformed },
    ),
    receivePower: real(0, { minimum: 0 }, "W of each client while it receives; 0 = not counted", { when: beamformed }),
    accessPoints: section("energy of the access points while they send", {
      counted: flag(false, "count it in the energy", { when: beamformed }),
      efficiency: real(0.4, { above: 0, maximum: 1 }, "of the amplifiers: radiated over drawn power", {
        when: countedSenders,
      }),
      circuitPower: real(0.2, { minimum: 0 }, "W of each antenna", { when: countedSenders }),
    }),
    fronthaul: section("the links on which the access points get what they send", {
      counted: flag(false, "count its time and energy", { when: beamformed }),
      rate: real(1e9, { above: 0 }, "of each link", { unit: "bit/s", when: countedFronthaul }),
      power: real(0.825, { minimum: 0 }, "W of a link while it carries something", { when: countedFronthaul }),
      energyPerBit: real(2.5e-10, { minimum: 0 }, "J a bit", { when: countedFronthaul }),
    }),
  }),
});

const compressed = unless("downlink.quantizer.name", "identity");

/** What the server sends to the clients: part of what is learned. What that takes stands in `budgets.downlink`. */
const downlink = section("what the server sends to the clients", {
  quantizer: partSection("quantizer of what the server sends, with its own settings beside its name", {
    name: partName(
      "identity",
      "identity: the model as it is; any other: its difference from what the clients have, which carries what was lost before",
    ),
  }),
  initial: choice("full", ["full", "seed"], "the untrained model is sent, 32 bits an entry, or made from the seed", {
    when: compressed,
  }),
});

/** Every field of the config but the settings of parts, which are declared with the parts. */
export const declaration = section("configuration of a cellfed run", {
  seed: integer(1, [-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER], "keys every random number of the run"),
  rounds: integer(100, [1, 1e6], "rounds at most; a budget usually ends the run before"),
  kernels: choice(
    "exact",
    ["exact", "relaxed"],
    "products of the training; relaxed is faster on many processors, where the engine has relaxed SIMD, and its bits may " +
      "differ from machine to machine",
  ),
  data,
  model,
  training,
  server,
  aggregation,
  waiting,
  selection,
  quantizer: partSection("quantizer of the updates, with its own settings beside its name", {
    name: partName("emq", "quantizer, by name; see docs/quantizers.md"),
  }),
  downlink,
  network,
  power: partSection(
    "power allocation, with the method's own settings beside its name",
    { method: partName("most-rounds", "power allocation") },
    { when: unless("aggregation.by", "over-the-air") },
  ),
  plan: section("how a round is planned", {
    kind: choice(
      "fixed",
      ["fixed", "joint-resolution", "joint-rate"],
      "fixed: updates are quantized as configured, then powers are found; joint-resolution: every client's resolution " +
        "(EMQ's step, or the bits of rate-distortion or induced) and power are chosen together, of a ladder; joint-rate: its bits, power " +
        "and, where frequencies are chosen, frequency, by one convex program",
    ),
  }),
  budgets,
  devices,
  loss,
  evaluation: section("evaluation", {
    every: integer(1, [1, 1e6], "test the global model every so many rounds, and after the last"),
    answers: flag(false, "keep which test examples the last five models that were tested answered rightly", {
      when: unless("data.name", "regression"),
    }),
  }),
});

export type DeclaredConfig = ValuesOf<typeof declaration.shape>;
