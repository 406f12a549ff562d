import { namedAxis, type Variant } from "../../study/plan/axes.js";
import { type ExperimentGrid, planOf, type Scenario } from "../experiment.js";
import { type Compared, heldAgainstFirst, openExperiment } from "./question.js";

const variant = (label: string, ...sets: string[]): Variant => ({ label, sets });

/** Every attempt is paid for: a margin costs seconds and joules, and saves attempts. */
const ways: readonly Variant[] = [
  variant("none lost"),
  variant("a fifth lost", "loss=random", "loss.probability=0.2"),
  variant("a fifth of the attempts lost, three each", "loss=random", "loss.probability=0.2", "loss.attempts=3"),
  variant("outage, no margin", "loss=outage", "loss.margin=0"),
  variant("outage, no margin, three attempts", "loss=outage", "loss.margin=0", "loss.attempts=3"),
  variant("outage, 6 dB margin", "loss=outage", "loss.margin=6"),
  variant("outage, 6 dB margin, three attempts", "loss=outage", "loss.margin=6", "loss.attempts=3"),
];

/** Both remember what they sent: what of it went astray is known to the client or is not. */
const quantizers = ["laq:bits=8", "emq:errorFeedback=true"];
const told: readonly Variant[] = [
  variant("not told", "loss.acknowledged=false"),
  variant("told of a loss", "loss.acknowledged=true"),
];

const common = ["training.optimizer=adadelta", "power=most-rounds"];

function gridsOf(scenario: Scenario): ExperimentGrid[] {
  return [
    {
      form: "fair",
      title: "Uploads that are lost",
      plan: planOf(scenario, {
        axes: [{ name: "losses", variants: ways }],
        sets: ["quantizer=emq", ...common],
        baseline: ways[0]!.label,
      }),
    },
    {
      form: "fair",
      title: "A third lost: what quantizers with a memory are told",
      plan: planOf(scenario, {
        axes: [namedAxis("quantizer", quantizers), { name: "losses", variants: told }],
        sets: [...common, "loss=random", "loss.probability=0.33"],
        baseline: told[0]!.label,
      }),
    },
  ];
}

const memories: readonly Compared[] = quantizers.map((quantizer) => {
  const row = `${quantizer}, ${told[1]!.label}`;
  return {
    grid: 1,
    better: { quantizer, losses: told[1]!.label },
    worse: { quantizer, losses: told[0]!.label },
    ...{ statement: `${row} better than ${told[0]!.label}`, row },
  };
});

/** Packets that do not arrive, sent again or not. */
export const openLosses = openExperiment({
  name: "losses",
  title: "Uploads that are lost",
  about:
    "Packets lost at random, or where the channel is worse than it was taken for by more than a margin, with and without " +
    "retransmission, all attempts paid for; and what it matters that a client learns of a loss.",
  grids: gridsOf,
  compared: () => [...heldAgainstFirst("losses", ways), ...memories],
});
