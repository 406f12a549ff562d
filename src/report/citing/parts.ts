import type { Settings, SettingsSpec } from "../../config/settings.js";
import { exact, type Markup } from "./markup.js";
import type { SourceKey } from "./sources.js";

/** What a method is, in its paper's symbols, and where it is from; its settings are listed behind it. */
export interface Words {
  says: Markup;
  from: readonly SourceKey[];
}

/** By name. A part that is not here, such as one of a plugin, is told by its title and summary. */
export const quantizerWords: Readonly<Record<string, Words>> = {
  emq: {
    says: "exponent–mantissa quantization (EMQ; $q_i = m_i·10^e$, $m_i = round(v_i / 10^e)$, $e = ⌊log_{10} ‖v‖_∞⌋ − digits$ at base 10 and decade steps), as reconstructed from its authors' public code",
    from: ["mahmoudi2025accelerating"],
  },
  "mixed-resolution": {
    says: "mixed-resolution quantization (entries $≥ λ‖v‖_∞$ on a grid of $b$ bits, the sign alone of all others)",
    from: ["mahmoudi2024adaptive"],
  },
  laq: { says: "LAQ, lazily uploaded innovations on a uniform grid", from: ["sun2019communication"] },
  aquila: {
    says: "AQUILA, lazily uploaded innovations with $b = ⌊log_2(1 + R√d / ‖y‖_2)⌋$ bits an entry",
    from: ["zhao2023aquila"],
  },
  "top-q": { says: "top-$q$ sparsification", from: ["stich2018sparsified"] },
  qsgd: { says: "QSGD", from: ["alistarh2017qsgd"] },
  terngrad: { says: "TernGrad", from: ["wen2017terngrad"] },
  sign: { says: "scaled signs", from: ["bernstein2018signsgd", "karimireddy2019error"] },
  natural: { says: "natural compression", from: ["horvath2022natural"] },
  uniform: { says: "uniform quantization on $±‖v‖_∞$", from: [] },
  fp16: { says: "half precision (fp16)", from: [] },
  bf16: { says: "bfloat16", from: [] },
  "fp8-e4m3": { says: "scaled fp8 (E4M3)", from: ["micikevicius2022fp8"] },
  "fp8-e5m2": { says: "scaled fp8 (E5M2)", from: ["micikevicius2022fp8"] },
  mxfp4: { says: "OCP microscaling (MXFP4)", from: ["rouhani2023microscaling"] },
  mxfp8: { says: "OCP microscaling (MXFP8)", from: ["rouhani2023microscaling"] },
  drive: { says: "DRIVE", from: ["vargaftik2021drive"] },
  eden: { says: "EDEN", from: ["vargaftik2022eden"] },
  identity: { says: "nothing: 32 bits an entry were sent", from: [] },
};

export const powerWords: Readonly<Record<string, Words>> = {
  "most-rounds": {
    says: "to fit the most rounds into the budgets $E$ and $ℓ$: the least $u$ with $Σ_k E_k ≤ u E$ and $ℓ_c + max_k ℓ_k ≤ u ℓ$",
    from: ["mahmoudi2025accelerating", "mahmoudi2025tradeoff"],
  },
  joint: {
    says: "to minimize $α Σ_k E_k / E_0 + (1 − α) max_k ℓ_k / ℓ_0$, with $E_0$ and $ℓ_0$ of the min–max powers",
    from: ["mahmoudi2025accelerating"],
  },
  "joint-computation": {
    says: "to minimize the latest end of computation and upload within a round's energy",
    from: ["vu2020cellfree"],
  },
  "min-max": { says: "to minimize the slowest upload, $max_k ℓ_k$", from: ["mahmoudi2024adaptive"] },
  "max-min": { says: "to maximize the smallest rate", from: ["ngo2017cellfree"] },
  dinkelbach: {
    says: "to maximize the least energy efficiency of a client by Dinkelbach's method",
    from: ["dinkelbach1967nonlinear", "mahmoudi2024adaptive"],
  },
  "dinkelbach-one-step": {
    says: "by one step of Dinkelbach's method, as in the public code",
    from: ["dinkelbach1967nonlinear", "mahmoudi2024adaptive"],
  },
  "sum-rate": { says: "to maximize the sum rate (WMMSE)", from: ["shi2011iteratively", "demir2021foundations"] },
  full: { says: "at full power, $p_k = 1$", from: [] },
  fractional: { says: "by fractional power control", from: ["demir2021foundations"] },
  coordinate: {
    says: "to minimize a weighted sum of energies and latencies by coordinate descent",
    from: ["mahmoudi2024joint"],
  },
};

export const optimizerWords: Readonly<Record<string, Words>> = {
  adadelta: { says: "AdaDelta", from: ["zeiler2012adadelta"] },
  sgd: { says: "stochastic gradient descent", from: [] },
  momentum: { says: "stochastic gradient descent with momentum", from: ["polyak1964some"] },
  adagrad: { says: "Adagrad", from: ["duchi2011adaptive"] },
  rmsprop: { says: "RMSprop", from: ["tieleman2012rmsprop"] },
  adam: { says: "Adam", from: ["kingma2015adam"] },
  adamw: { says: "AdamW", from: ["loshchilov2019decoupled"] },
};

export const serverWords: Readonly<Record<string, Words>> = {
  fedavg: { says: "federated averaging, $w_{t+1} = w_t + η Σ_k (D_k / D) Q(v_k)$", from: ["mcmahan2017communication"] },
  fedavgm: { says: "federated averaging with server momentum", from: ["hsu2019measuring"] },
  fedadagrad: { says: "FedAdagrad", from: ["reddi2021adaptive"] },
  fedadam: { says: "FedAdam", from: ["reddi2021adaptive"] },
  fedyogi: { says: "FedYogi", from: ["reddi2021adaptive"] },
};

export const datasetWords: Readonly<Record<string, Words>> = {
  glyphs: { says: "the generated drawings of ten kinds that cellfed embeds (glyphs, 16 × 16 pixels)", from: [] },
  mnist: { says: "MNIST", from: ["lecun1998gradient"] },
  "fashion-mnist": { says: "Fashion-MNIST", from: ["xiao2017fashion"] },
  cifar10: { says: "CIFAR-10", from: ["krizhevsky2009learning"] },
  cifar100: { says: "CIFAR-100", from: ["krizhevsky2009learning"] },
  corpus: { says: "the generated speech that cellfed embeds (corpus), predicting the next character", from: [] },
  text: { says: "a text, predicting the next character", from: [] },
  regression: { says: "the generated regression that cellfed embeds", from: [] },
};

export const modelWords: Readonly<Record<string, Words>> = {
  softmax: { says: "a linear classifier (softmax)", from: [] },
  mlp: { says: "a perceptron with hidden layers of 128 and 64 units", from: [] },
  "paper-cnn": {
    says: "a convolutional network (32 filters of 3 × 3, ReLU, 2 × 2 max-pooling, 64 units with ReLU, outputs)",
    from: ["mahmoudi2025accelerating"],
  },
  "small-cnn": {
    says: "a small convolutional network (8 filters of 3 × 3, ReLU, 2 × 2 max-pooling, 32 units with ReLU, outputs)",
    from: [],
  },
  lenet: { says: "LeNet with two convolutions and three dense layers", from: ["li2022federated"] },
  "vgg-small": { says: "a VGG-like network of four convolutions and two dense layers", from: [] },
  "vit-tiny": { says: "a vision Transformer (patches of 4 × 4, four blocks of width 64, four heads)", from: [] },
  "char-transformer": { says: "a causal Transformer (two blocks of width 64, four heads)", from: [] },
};

/** Settings in brackets: "learning rate 1, ρ 0.95". Those that have no effect are left out by who calls. */
export function settingsList(spec: SettingsSpec, settings: Settings, paths: readonly string[]): Markup {
  const said = paths.flatMap((name) => {
    const value = settings[name];
    if (value === undefined) return [];
    const unit = spec[name]?.unit === undefined ? "" : ` ${spec[name].unit}`;
    const label = symbols[name] ?? name.replaceAll(/[A-Z]/g, (capital) => ` ${capital.toLowerCase()}`);
    if (typeof value === "boolean") return value ? [label] : [];
    return [`${label} ${typeof value === "number" ? exact(value) : value}${unit}`];
  });
  return said.length === 0 ? "" : ` (${said.join(", ")})`;
}

const symbols: Readonly<Record<string, string>> = {
  alpha: "$α$",
  beta: "$β$",
  beta1: "$β_1$",
  beta2: "$β_2$",
  epsilon: "$ε$",
  lambda: "$λ$",
  rho: "$ρ$",
  tau: "$τ$",
};
