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
  examples: shareRight(1),
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
  examples: shareRight(lateModels),
} as Outcome;

export function outcomeOf(outcome: Outcome | Measure): Outcome {
  return typeof outcome === "function" ? { measure: outcome } : outcome;
}

type Answers = NonNullable<RunSummary["answers"]>;

/** Of the last models, for as long as a run is there: many a claim asks for the same runs. */
function shareRight(last: number): (run: RunSummary) => Float64Array | null {
  const known = new WeakMap<Answers, Float64Array>();
  return ({ answers }) => {
    if (!answers) return null;
    const shares = known.get(answers) ?? sharesOf(answers, last);
    known.set(answers, shares);
    return shares;
  };
}

function sharesOf({ models, targets, examples }: Answers, last: number): Float64Array {
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
  if (seed !== null && of !== null) return drawnIds(of, examples, seed);
  // Numbers stay whole below 2⁵³; seeds that far apart are in no study together.
  const first = seed === null ? 0 : (seed - Math.floor(seed / 2 ** 21) * 2 ** 21) * 2 ** 31;
  return Float64Array.from({ length: examples }, (_, i) => first + i);
}

/** As many as a study has seeds, and little beside its runs */
const remembered = 64;
const drawnBefore = new Map<string, Float64Array>();

/** To draw them takes a shuffle of all there are, and every run of a seed has the same. */
function drawnIds(of: number, examples: number, seed: number): Float64Array {
  const key = `${of} ${examples} ${seed}`;
  let ids = drawnBefore.get(key);
  if (ids === undefined) {
    ids = Float64Array.from(drawn(of, examples, "data.testExamples", { seed, part: "test" }));
    if (drawnBefore.size === remembered) drawnBefore.clear();
    drawnBefore.set(key, ids);
  }
  return ids;
}
