import type { Config, SplitConfig, TrainingConfig } from "../../config/config.js";
import type { Part, Settings } from "../../config/settings.js";
import { catalog, type PartKind } from "../../parts/catalog.js";
import { withoutEffect } from "../../parts/effect.js";
import { citing, exact, type Markup, quantity } from "./markup.js";
import {
  datasetWords,
  modelWords,
  optimizerWords,
  powerWords,
  quantizerWords,
  serverWords,
  settingsList,
  type Words,
} from "./parts.js";
import type { Statement } from "./statement.js";

/** What was learned, what travelled, and what it cost. */
export const learningStatements: readonly Statement[] = [
  { tells: ["data"], say: (config) => data(config) },
  {
    tells: ["model", "training.localEpochs", "training.batchSize", "training.optimizer"],
    say(config) {
      const { model, training } = config;
      const layers = model.preset === "custom" ? `a network with the layers ${JSON.stringify(model.layers)}` : "";
      const { says, from } = modelWords[model.preset] ?? { says: layers || model.preset, from: [] };
      return (
        `In each round a client trained ${says}${citing(...from)} for $L = ${training.localEpochs}$ local ` +
        `${training.localEpochs === 1 ? "epoch" : "epochs"} on batches of ${training.batchSize} by ` +
        `${part("optimizer", optimizerWords, config)} with fresh state, from the weights $w_t$ of the server, and had the update $v_k = w_k − w_t$ of $d$ entries.`
      );
    },
  },
  {
    tells: ["training.adaptiveEpochs", "training.schedule", "training.proximal"],
    say: ({ training }) => [growth(training), schedule(training), proximal(training)].filter(Boolean).join(" "),
  },
  {
    tells: ["quantizer"],
    say(config) {
      const { errorFeedback, schedule } = config.quantizer;
      const more = [
        errorFeedback === true
          ? ` What a round's quantization lost was added to the client's next update${citing("karimireddy2019error")}.`
          : "",
        schedule === "loss"
          ? ` The resolution rose as the training loss fell${citing("jhunjhunwala2021adaptive")}.`
          : "",
      ];
      return `Updates were quantized by ${part("quantizer", quantizerWords, config)}; the server decoded the bytes that were sent.${more.join("")}`;
    },
  },
  {
    tells: ["server"],
    say(config) {
      const { participation } = config.server;
      const share =
        participation === 1 ? "" : `; a share of ${exact(participation)} of the clients took part in a round`;
      return `The server applied them by ${part("serverRule", serverWords, config)}${share}.`;
    },
  },
  {
    tells: ["power", "plan.kind"],
    say(config) {
      const method = part("powerMethod", powerWords, config);
      const words = powerWords[config.power.method] === undefined ? `by ${method}` : method;
      const resolutions = plannedWords(config);
      return `Uplink power coefficients $p_k ∈ [0, 1]$ were chosen in each round ${words}.${resolutions}`;
    },
  },
  { tells: ["budgets.bits", "budgets.circuitPower", "budgets.compute"], say: (config) => costs(config) },
  { tells: ["budgets.downlink"], say: ({ budgets }) => downlink(budgets) },
  { tells: ["budgets.energy", "budgets.latency", "rounds"], say: (config) => ending(config) },
  {
    tells: ["evaluation.every"],
    say: ({ evaluation: { every } }) =>
      every === 1 ? "" : `The global model was tested every ${every} rounds and after the last.`,
  },
];

/** A part in words, its sources, and those of its settings that have an effect. */
function part(kind: PartKind["kind"], words: Readonly<Record<string, Words>>, config: Config): Markup {
  const of = catalog.find((one) => one.kind === kind)!;
  const section = of.path.split(".").reduce<unknown>((at, key) => (at as Settings)[key], config) as Settings;
  const name = section[of.nameField] as string;
  const found: Part | undefined = of.registry.find(name);
  const own = found === undefined || !of.registry.isBuiltIn(name);
  const { says, from } = (own ? undefined : words[name]) ?? { says: generic(name, found), from: [] };
  const spec = found === undefined ? {} : of.settingsOf(found);
  const names = Object.keys(spec);
  const idle = withoutEffect(
    config,
    names.map((setting) => `${of.path}.${setting}`),
  ).map(({ path }) => path);
  const effective = names.filter((setting) => !idle.includes(`${of.path}.${setting}`));
  return `${says}${citing(...from)}${settingsList(spec, section, effective)}`;
}

function generic(name: string, { title, summary }: Pick<Part, "title" | "summary"> = {}): string {
  const called = title === undefined || title === name ? name : `${title} (${name})`;
  return summary === undefined ? called : `${called}: ${summary}`;
}

function data(config: Config): Markup {
  const { name, file, channels, speakers, trainExamples, testExamples, subset, split, sequenceLength } = config.data;
  const { says, from } = datasetWords[name] ?? { says: `the data set ${name}`, from: [] };
  const text = name === "corpus" || name === "text";
  const details = [
    file === undefined || name !== "text" ? "" : `file ${file}`,
    channels === 0
      ? ""
      : channels === 3
        ? "three channels, gray ones repeated"
        : channels === 1
          ? "one channel, luma"
          : `${channels} channels`,
    name === "corpus" ? `${speakers} speakers` : "",
    text ? `sequences of ${sequenceLength} characters` : "",
  ].filter(Boolean);
  const drawn = subset === "drawn" ? ", drawn by the seed" : "";
  const sizes = [
    trainExamples === 0 ? "all training examples" : `${trainExamples} training examples`,
    testExamples === 0 ? "all test examples" : `${testExamples} test examples`,
  ].join(" and ");
  const inBrackets = details.length === 0 ? "" : ` (${details.join(", ")})`;
  const partial = trainExamples > 0 || testExamples > 0;
  return `Clients learned from ${says}${citing(...from)}${inBrackets}, ${sizes}${partial ? drawn : ""}; ${shares(split)}.`;
}

function shares({ kind, alpha, classesPerClient, file }: SplitConfig): Markup {
  return {
    iid: "the training examples were shared out evenly at random (IID)",
    dirichlet: `each client drew its class proportions from a Dirichlet distribution with $α = ${alpha}$, in shards of equal size${citing("hsu2019measuring")}`,
    shards: `each client had shards of ${classesPerClient} classes${citing("mcmahan2017communication")}`,
    quantity: `the clients' numbers of examples were drawn from a Dirichlet distribution with $α = ${alpha}$`,
    contiguous: "each client had a contiguous part of the examples",
    groups: "each client had the examples of its own groups",
    file: `the clients' examples were those listed in ${file}`,
  }[kind];
}

function growth({ adaptiveEpochs: { from, increment, maximum } }: TrainingConfig): Markup {
  return increment === 0 ? "" : `From round ${from} on, $L_t = min(${maximum}, L_{t−1} + ${increment})$.`;
}

function schedule({ schedule: { kind, every, factor } }: TrainingConfig): Markup {
  const over = `over ${every} rounds`;
  return {
    constant: "",
    step: `The learning rate was multiplied by ${exact(factor)} every ${every} rounds.`,
    exponential: `The learning rate fell exponentially, by the factor ${exact(factor)} ${over}.`,
    cosine: `The learning rate fell along a cosine to ${exact(factor)} of itself ${over}.`,
  }[kind];
}

function proximal({ proximal: weight }: TrainingConfig): Markup {
  return weight === 0
    ? ""
    : `A proximal term $μ/2 ‖w − w_t‖²$ with $μ = ${weight}$ was added${citing("li2020federated")}.`;
}

function costs({ budgets: { bits, circuitPower, compute } }: Config): Markup {
  const counted = bits === "nominal" ? "nominal bits, as the quantizer's paper counts them" : "bits really sent";
  const circuit = circuitPower === 0 ? "" : ` + P_c`;
  const drawn = circuitPower === 0 ? "" : `, $P_c = ${circuitPower}$ W the circuit power while sending`;
  return (
    `An upload of $S_k$ bits (the ${counted}) took $ℓ_k = S_k / R_k(p)$ and $E_k = ${circuit === "" ? "P_u p_k" : `(P_u p_k${circuit})`} ℓ_k$${drawn}; ` +
    `a round took $ℓ_c + max_k ℓ_k$ and $Σ_k E_k$. ${computation(compute)}`
  );
}

function computation({ latencyPer1250, cpu }: Config["budgets"]["compute"]): Markup {
  if (!cpu.enabled)
    return `Computation took $ℓ_c$ = ${quantity(latencyPer1250, "s")} per 1250 examples and local epoch of the slowest client, and no energy.`;
  const frequency = cpu.choose
    ? `chosen between ${quantity(cpu.minimumFrequency, "Hz")} and ${quantity(cpu.maximumFrequency, "Hz")} together with the powers by methods that do, else ${quantity(cpu.frequency, "Hz")}`
    : `${quantity(cpu.frequency, "Hz")}`;
  return (
    `Computation took $L c D_k / f_k$ and $½ α_c L c D_k f_k²$ with $c$ = ${exact(cpu.cyclesPerSample)} cycles a sample, ` +
    `$α_c$ = ${exact(cpu.capacitance)} and $f_k$ ${frequency}.`
  );
}

function downlink({ downlink }: Config["budgets"]): Markup {
  const { enabled, transmission, rate, power } = downlink;
  if (!enabled) return "The downlink was not counted.";
  if (transmission === "fixed-rate")
    return `The broadcast of the model was counted at ${quantity(rate, "bit/s")} and ${quantity(power, "W")}.`;
  return beamformed(downlink);
}

function beamformed(downlink: Config["budgets"]["downlink"]): Markup {
  const { transmission, transmitPower, powerExponent, receivePower, accessPoints, fronthaul } = downlink;
  const signals = transmission === "broadcast" ? "one signal for all clients" : "a signal for each client, all at once";
  const counted = [
    receivePower > 0 ? `the clients' ${quantity(receivePower, "W")} while they receive` : [],
    accessPoints.counted
      ? `the access points' amplifiers at an efficiency of ${exact(accessPoints.efficiency)} and ` +
        `${quantity(accessPoints.circuitPower, "W")} of each antenna`
      : [],
    fronthaul.counted
      ? `fronthaul links of ${quantity(fronthaul.rate, "bit/s")} at ${quantity(fronthaul.power, "W")} and ` +
        `${quantity(fronthaul.energyPerBit, "J")} a bit`
      : [],
  ].flat();
  return (
    `The model was sent by conjugate beamforming, ${signals}, with ${quantity(transmitPower, "W")} of each access point, ` +
    `shared by the estimates' mean squared norm to the power ${exact(powerExponent)}` +
    `${counted.length > 0 ? `; counted were ${counted.join(", ")}` : ""}.`
  );
}

/** What was chosen beside the powers, where rounds were planned; with a space before it. */
function plannedWords({ plan, quantizer }: Config): string {
  const resolution = quantizer.name === "emq" ? "EMQ step" : "bit target";
  if (plan.kind === "joint-resolution") return ` Every client's ${resolution} was chosen together with its power.`;
  if (plan.kind !== "joint-rate") return "";
  const bent = quantizer.name === "induced" ? " and how its loss bent" : "";
  return ` The bits of every client were chosen together with its power, by the error over bits${bent}, as it measured them in the round before.`;
}

function ending({ budgets: { energy, latency }, rounds }: Config): Markup {
  const limits = [
    energy === null ? [] : `energy budget of ${exact(energy)} J`,
    latency === null ? [] : `latency budget of ${exact(latency)} s`,
  ].flat();
  const most = `${rounds} ${rounds === 1 ? "round" : "rounds"}`;
  if (limits.length === 0) return `A run took ${most}.`;
  return `A run ended before the first round that would have broken the ${limits.join(" or the ")}, at the latest after ${most}.`;
}
