import { drawn } from "../../data/subset.js";
import { lateModels, unpackAnswers } from "../../federated/answers.js";
import type { RunSummary } from "../store/columns.js";

/** A figure of a run; null where it has none. */
export type Measure = (run: RunSummary) => number | null;

/** What is looked at, of which a run may tell more than its mean over the test examples. */
export interface Outcome {
  measure: Measure;
  /** Share of right answers to each test example [examples], of which `measure` is the mean; null where they were not kept */
  examples?(run: RunSummary): Float64Array | null;
}

/** Of the model that the run ended with. */
export const accuracy: Outcome = {
  measure: (run) => run.final.accuracy,
  examples: ({ answers }) => answers && shareRight(answers, 1),
} as Outcome;

/**
 * Of its last five models that were tested, in the mean: a second outcome, which does not hang on how the last round
 * happened to fall out.
 */
export const lateAccuracy: Outcome = {
  measure: ({ course }) => {
    const measured = course.accuracy.filter((value, round) => value !== null && round > 0) as number[];
    const late = measured.slice(-lateModels);
    if (late.length === 0) return course.accuracy[0] ?? null;
    return late.reduce((sum, value) => sum + value, 0) / late.length;
  },
  examples: ({ answers }) => answers && shareRight(answers, lateModels),
} as Outcome;

export function outcomeOf(outcome: Outcome | Measure): Outcome {
  return typeof outcome === "function" ? { measure: outcome } : outcome;
}

type Answers = NonNullable<RunSummary["answers"]>;

function shareRight({ models, targets, examples }: Answers, last: number): Float64Array {
  const shares = new Float64Array(examples);
  const late = models.slice(-last);
  const each = targets / examples;
  for (const { right } of late) {
    const bits = unpackAnswers(right, targets);
    for (let i = 0; i < targets; i++) shares[Math.floor(i / each)]! += bits[i]!;
  }
  return shares.map((sum) => sum / (each * late.length));
}

/** Numbers of a run's test examples: the same number is the same example under every seed. */
export function exampleIds({ examples, of, seed }: Answers): Float64Array {
  if (seed !== null && of !== null) {
    return Float64Array.from(drawn(of, examples, "data.testExamples", { seed, part: "test" }));
  }
  // Numbers stay whole below 2⁵³; seeds that far apart are in no study together.
  const first = seed === null ? 0 : (seed - Math.floor(seed / 2 ** 21) * 2 ** 21) * 2 ** 31;
  return Float64Array.from({ length: examples }, (_, i) => first + i);
}
