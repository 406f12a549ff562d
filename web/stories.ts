import type { Abscissa } from "../src/report/figures/abscissae.js";

/**
 * Short tellings of what the method does: each a link that runs, with a sentence for each stage and a claim about how it
 * ends, which the tests hold against the page itself.
 */
export interface Story {
  id: string;
  title: string;
  /** What stands behind "#" */
  link: string;
  /** Over what the curves are drawn, where not over joules */
  along?: Abscissa;
  /** Sentences, each from this share of the rounds of the longest run on; the first one before anything runs */
  captions: readonly (readonly [from: number, text: string])[];
  /** What the end shows, of each run in order */
  claim: { text: string; holds(ends: readonly End[]): boolean };
}

/** How a run of a story ended. */
export interface End {
  rounds: number;
  accuracy: number;
  /** s of the last round */
  latency: number;
  bitsPerEntry: number;
}

const brief = "rounds=30&data.trainExamples=2000&data.testExamples=500";
/** Sixteen access points on one mast, 7 m apart */
const tower = JSON.stringify(Array.from({ length: 16 }, (_, i) => [490 + 7 * (i % 4), 490 + 7 * Math.floor(i / 4)]));
/** Ten clients of whom number 3 stands beside an access point */
const loud = "[[653,999],[85,909],[297,32],[270,320],[275,335],[539,434],[87,689],[879,376],[624,999],[86,296]]";

const round = (share: number) => Math.round(1000 * share) / 10;

export const stories: readonly Story[] = [
  {
    id: "joules",
    title: "Who gets the joules?",
    link: "budgets.energy=0.002&compare=3&second.power.method=dinkelbach&third.power.method=max-min&fourth.power.method=sum-rate",
    captions: [
      [0, "Ten clients train one model and have 2 mJ to send their updates with. Who should send how loudly?"],
      [
        0.1,
        "The sum rate is largest when the strong ones shout: the weak ones pay, and the joules are gone after 6 rounds.",
      ],
      [0.3, "The same rate for all, or the most bits a joule: 11 and 12 rounds."],
      [0.6, "Asking for the most rounds directly, powers follow from both budgets: 30 rounds for the same joules."],
      [1, "95.1 % against 85.4, 84.6 and 75.5 %: the same data, the same network, the same 2 mJ."],
    ],
    claim: {
      text: "30, 12, 11 and 6 rounds; 95.1, 85.4, 84.6 and 75.5 %",
      holds: (ends) =>
        String(ends.map(({ rounds }) => rounds)) === "30,12,11,6" &&
        String(ends.map(({ accuracy }) => round(accuracy))) === "95.1,85.4,84.6,75.5",
    },
  },
  {
    id: "bits",
    title: "Little more than a bit instead of 32",
    link: `${brief}&budgets.energy=0.004&compare=1&second.quantizer.name=identity`,
    captions: [
      [0, "A client's update is thousands of floats. Below: how large its entries are."],
      [0.1, "EMQ keeps the sign and the decade of the large ones and makes the rest zero: hatched in the histogram."],
      [0.5, "Sent in full, each round costs ten times the joules: the other curve has ended at the wall."],
      [1, "Little more than a bit an entry against 32, at least three times the rounds, and the better model."],
    ],
    claim: {
      text: "at most 1.5 bits an entry, three times the rounds, the better accuracy",
      holds: ([emq, full]) =>
        emq!.bitsPerEntry < 1.5 && emq!.rounds >= 3 * full!.rounds && emq!.accuracy > full!.accuracy + 0.1,
    },
  },
  {
    id: "straggler",
    title: "Everybody waits for one",
    along: "latency",
    link: `${brief}&network.accessPoints=4&budgets.energy=null&budgets.latency=0.1&budgets.compute.latencyPer1250=0.0002&network.deployment.clients=given&network.deployment.clientPositions=${loud}&power.method=full&compare=1&second.power.method=most-rounds`,
    captions: [
      [0, "A round ends when the last update is in. Four access points, and client 3 stands right beside one."],
      [
        0.03,
        "At full power it drowns its neighbor, whose update takes most of the time: one round, and the seconds are over.",
      ],
      [0.5, "The same places, other powers: the loud one is turned down as far as nobody waits for it either."],
      [1, "Drag client 3 away and look at the links, the slowest client and the rounds that are affordable."],
    ],
    claim: {
      text: "at full power a tenth of the rounds at most, and a round that takes five times as long",
      holds: ([full, most]) => 10 * full!.rounds <= most!.rounds && full!.latency > 5 * most!.latency,
    },
  },
  {
    id: "cell-free",
    title: "Why cell-free",
    link: `${brief}&budgets.energy=0.002&compare=1&second.network.deployment.accessPoints=given&second.network.deployment.accessPointPositions=${tower}`,
    captions: [
      [0, "Sixteen access points, spread over a square kilometer: every client is near one, and several hear it."],
      [
        0.05,
        "The same sixteen on one mast (the second run): far from nearly everybody, and two rounds cost all the joules.",
      ],
      [1, "Spread, the budget pays for all thirty rounds."],
    ],
    claim: {
      text: "ten times the rounds when they are spread",
      holds: ([spread, mast]) => spread!.rounds >= 10 * mast!.rounds && spread!.accuracy > mast!.accuracy + 0.4,
    },
  },
  {
    id: "coarse",
    title: "Too coarse a decade",
    along: "round",
    link: `${brief}&data.split.kind=dirichlet&data.split.alpha=0.1&compare=2&second.quantizer.step=fractional&third.quantizer.errorFeedback=true`,
    captions: [
      [
        0,
        "Each client has few of the classes, so updates differ. EMQ as published rounds magnitudes to whole decades.",
      ],
      [0.3, "The first curve hardly rises: too much of every update becomes zero, round after round."],
      [0.6, "A finer step, or adding what was lost to the next update, mends it for a fraction of a bit."],
      [1, "What the paper's numbers do not show, and two ways out."],
    ],
    claim: {
      text: "both ways out gain 20 points of accuracy at no more than half a bit an entry",
      holds: ([plain, ...mended]) =>
        mended.every((one) => one.accuracy > plain!.accuracy + 0.2 && one.bitsPerEntry < plain!.bitsPerEntry + 0.5),
    },
  },
  {
    id: "optimizers",
    title: "Optimizers under quantization",
    along: "round",
    link: `${brief}&compare=2&second.training.optimizer.name=adam&third.training.optimizer.name=sgd`,
    captions: [
      [
        0,
        "The quantizer keeps what is large, so the spread of an update's magnitudes decides. The local optimizer makes it.",
      ],
      [
        0.3,
        "AdaDelta and Adam learn through it. Choose a run and look at its updates: how they spread, how much becomes zero.",
      ],
      [0.7, "Plain gradient descent, at the rate it has by default, hardly moves."],
      [1, "The same bits, very different models."],
    ],
    claim: {
      text: "AdaDelta before Adam before SGD, which ends below half of AdaDelta's accuracy",
      holds: ([adadelta, adam, sgd]) =>
        adadelta!.accuracy > adam!.accuracy && adam!.accuracy > sgd!.accuracy && sgd!.accuracy < adadelta!.accuracy / 2,
    },
  },
  {
    id: "pilots",
    title: "Pilots run out",
    link: `${brief}&budgets.energy=0.0003&network.pilots=10&compare=2&second.network.pilots=5&third.network.pilots=2`,
    captions: [
      [
        0,
        "Access points learn a client's channel from its pilot. Ten clients, ten pilots: nobody is mistaken for another.",
      ],
      [0.4, "With five, two clients share each; with two, five do. Their channels mix, and their signals with them."],
      [1, "Every round costs more joules, and fewer rounds are left."],
    ],
    claim: {
      text: "fewer rounds with fewer pilots",
      holds: ([ten, five, two]) => ten!.rounds > five!.rounds && five!.rounds > two!.rounds,
    },
  },
  {
    id: "fair",
    title: "As published, and fair",
    link: `${brief}&budgets.energy=0.0002&compare=1&second.budgets.bits=wire`,
    captions: [
      [0, "The paper counts bits by a formula. What a packet really takes is another number: here, less."],
      [0.5, "The first run pays for the formula's bits, the second for those on the wire."],
      [1, "The same training, the same joules: which bits are counted decides how far they reach."],
    ],
    claim: {
      text: "other rounds, the same model after the same round",
      holds: ([nominal, wire]) => wire!.rounds > nominal!.rounds,
    },
  },
];

/** The story whose link this is, if it is one. */
export function storyOf(hash: string): Story | undefined {
  let plain: string;
  try {
    plain = decodeURIComponent(hash.replace(/^#/, ""));
  } catch {
    // Cut off within a character: what is wrong with it is told where it is read
    return undefined;
  }
  return stories.find(({ link }) => link === plain);
}

/** The caption that belongs to so far a run. */
export function captionAt({ captions }: Story, share: number): string {
  return captions.findLast(([from]) => share >= from)?.[1] ?? captions[0]![1];
}
