/**
 * Every method, at a few resolutions from coarse to fine where it has one, and in its other forms where one decides
 * whether it learns. Coarse ones are there wherever settings reach far below the usual: where bits are scarce who has
 * none would be held against others at a setting that nobody would choose.
 */
export const families: readonly { name: string; members: readonly string[] }[] = [
  { name: "rate-distortion", members: [0.02, 0.05, 0.1, 0.3, 1].map((bits) => `rate-distortion:bits=${bits}`) },
  { name: "induced", members: [0.02, 0.05, 0.1, 0.3, 1].map((bits) => `induced:bits=${bits}`) },
  { name: "EMQ, decade", members: ["emq:threshold=0.2", "emq", "emq:digits=1"] },
  { name: "EMQ, free step", members: ["emq:step=fractional", "emq:step=fractional:digits=1"] },
  {
    name: "EMQ, error feedback",
    members: ["emq:errorFeedback=true:threshold=0.5", "emq:errorFeedback=true:threshold=0.2", "emq:errorFeedback=true"],
  },
  {
    name: "mixed-resolution",
    members: ["mixed-resolution:bits=4:lambda=0.5", "mixed-resolution:bits=4", "mixed-resolution:bits=10"],
  },
  { name: "LAQ", members: [2, 4, 6, 8].map((bits) => `laq:bits=${bits}`) },
  { name: "AQUILA", members: ["aquila"] },
  { name: "top-q", members: ["top-q:fraction=0.01", "top-q:fraction=0.1:bits=4", "top-q:fraction=0.1"] },
  { name: "top-k, error feedback", members: ["top-k:fraction=0.002", "top-k:fraction=0.01", "top-k:fraction=0.05"] },
  { name: "rand-k", members: [0.002, 0.01, 0.1].map((fraction) => `rand-k:fraction=${fraction}`) },
  {
    name: "QSGD",
    members: [
      ...[0, 32768, 4096].map((bucket) => `qsgd:levels=1:bucket=${bucket}`),
      ...[1, 4, 16].map((levels) => `qsgd:levels=${levels}`),
    ],
  },
  { name: "NUQSGD", members: ["nuqsgd:levels=1:bucket=4096", "nuqsgd:levels=2", "nuqsgd:levels=4"] },
  { name: "TernGrad", members: ["terngrad"] },
  { name: "sign", members: ["sign", "sign:errorFeedback=true"] },
  { name: "natural", members: ["natural"] },
  { name: "uniform", members: ["uniform:bits=4", "uniform:bits=8"] },
  { name: "fp16", members: ["fp16"] },
  { name: "bf16", members: ["bf16"] },
  { name: "fp8", members: ["fp8-e4m3", "fp8-e5m2"] },
  { name: "MXFP", members: ["mxfp4", "mxfp8"] },
  { name: "NF4", members: ["nf4"] },
  { name: "DRIVE", members: ["drive"] },
  { name: "EDEN", members: [0.02, 0.05, 0.1, 0.5, 2].map((bits) => `eden:bits=${bits}`) },
  { name: "TurboQuant", members: ["turboquant:bits=1", "turboquant:bits=2"] },
  { name: "QUIC-FL", members: ["quic-fl:bits=1", "quic-fl:bits=2"] },
  {
    name: "FedBiF",
    members: ["fedbif", "fedbif:bits=8", "fedbif:rounding=stochastic", "fedbif:bits=8:rounding=stochastic"],
  },
  { name: "THC", members: ["thc:bits=2", "thc"] },
  { name: "PowerSGD", members: ["powersgd:rank=1", "powersgd:rank=4"] },
  { name: "full precision", members: ["identity"] },
];

/** What all are held against: 32 bits an entry. */
export const fullPrecision = "identity";

/** Of the comparison at equal rounds. */
export const equallyMany = 30;

/**
 * As many rounds for everybody, whatever they cost: what is asked is what a bit is worth. Without budgets the powers
 * change nothing that is learned.
 */
export const equalRounds: readonly string[] = [
  ...[
    "training.optimizer=adadelta",
    "power=min-max",
    "budgets.energy=null",
    "budgets.latency=null",
    `rounds=${equallyMany}`,
  ],
];
