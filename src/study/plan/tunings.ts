import type { Config } from "../../config/config.js";
import { resolveConfig } from "../../parts/resolve.js";
import type { Job } from "../jobs/job.js";
import type { TuningOutcome, TuningPayload } from "../jobs/tuning.js";
import type { Store } from "../store/contract.js";
import type { Variant } from "./axes.js";
import { cellKey } from "./keys.js";

/**
 * A choice among settings that is made by trying them, before the study that uses it: each is run under some seeds and
 * judged by examples that were held out of the training data. The test data have no say.
 */
export interface Tuning {
  /** What is chosen: the choice is found under it again */
  name: string;
  preset: string;
  /** Common to all candidates */
  sets: readonly string[];
  /** In an order: rates from low to high, bits from few to many */
  candidates: readonly Variant[];
  seeds: readonly number[];
  /** Of the results that are looked for, where they are another version's */
  numerics?: number;
}

export interface Choice {
  variant: Variant;
  /** Mean accuracy over the seeds of each candidate; null where a run of it broke off or is not there */
  accuracies: readonly (number | null)[];
  /** The best is the first or the last of the candidates: a better one may lie beyond */
  atEdge: boolean;
}

/** Of the training examples, held out. */
const share = 0.2;

/** The runs that tunings need. */
export function tuningJobs(tunings: readonly Tuning[]): Job<TuningPayload>[] {
  const jobs = new Map<string, Job<TuningPayload>>();
  for (const { name, candidates, seeds, numerics, ...base } of tunings) {
    for (const candidate of candidates) {
      const config = configOf(base, candidate);
      for (const seed of seeds) {
        const key = tuningKey(config, seed, numerics);
        const { rounds, training, data } = config;
        // Where all examples are taken nobody knows how many: then all jobs cost the same for all that is known.
        const cost = rounds * training.localEpochs * (data.trainExamples || 50_000);
        const payload = { config: { ...config, seed }, share };
        jobs.set(key, {
          kind: "tuning",
          key,
          name: `${name}: ${candidate.label}, seed ${seed}`,
          yields: [key],
          cost,
          payload,
        });
      }
    }
  }
  return [...jobs.values()];
}

/** What was chosen for each, by its name; one whose runs are not all there is left out. */
export async function choicesOf(tunings: readonly Tuning[], store: Store): Promise<Map<string, Choice>> {
  const choices = new Map<string, Choice>();
  for (const { name, candidates, seeds, numerics, ...base } of tunings) {
    const outcomes = await Promise.all(
      candidates.map((candidate) => {
        const config = configOf(base, candidate);
        return Promise.all(seeds.map((seed) => outcomeOf(tuningKey(config, seed, numerics), store)));
      }),
    );
    if (outcomes.flat().includes(undefined)) continue;
    const accuracies = outcomes.map((seeded) => meanOf(seeded as TuningOutcome[]));
    choices.set(name, choose(candidates, accuracies));
  }
  return choices;
}

/**
 * The candidate of the highest accuracy, the first of equal ones. Where every one breaks off the first is taken: it has
 * to be shown breaking off.
 */
export function choose(candidates: readonly Variant[], accuracies: readonly (number | null)[]): Choice {
  let best = 0;
  accuracies.forEach((accuracy, i) => {
    if ((accuracy ?? -1) > (accuracies[best] ?? -1)) best = i;
  });
  return { variant: candidates[best]!, accuracies, atEdge: best === 0 || best === candidates.length - 1 };
}

function meanOf(outcomes: readonly TuningOutcome[]): number | null {
  const values = outcomes.flatMap(({ accuracy }) => accuracy ?? []);
  return values.length < outcomes.length ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

async function outcomeOf(key: string, store: Store): Promise<TuningOutcome | undefined> {
  const record = await store.get(key);
  if (record === undefined) return undefined;
  // A job that failed altogether says no more than one whose run did.
  if (record.failure !== undefined) return { accuracy: null, rounds: 0, reason: record.failure };
  return record.value as unknown as TuningOutcome;
}

function configOf({ preset, sets }: Pick<Tuning, "preset" | "sets">, candidate: Variant) {
  return resolveConfig({ preset, sets: [...sets, ...candidate.sets] });
}

function tuningKey(config: Config, seed: number, numerics?: number): string {
  return `${cellKey(config, numerics)}-tuning-${share}-${seed}`;
}
