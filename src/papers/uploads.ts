import type { MeasuredUploads } from "../study/jobs/pricing.js";
import measured from "./measured/emq-bits.json";

/** Where the sizes of uploads come from, for tables. */
export interface UploadSource {
  uploads: MeasuredUploads;
  /** "EMQ's bits of 57 measured rounds, 1.38 an entry in the mean" */
  description: string;
  /** Made by a shorter run than it should be */
  provisional: boolean;
}

/**
 * What EMQ uploads, as it was measured client by client in every round of a training of the paper's network
 * (scripts/measure-bits.mjs): the first rounds send hardly more than a bit an entry, later ones half as much again.
 */
export const emqUploads: UploadSource = sourceOf(measured);

function sourceOf({ parameters, rounds, provisional }: typeof measured): UploadSource {
  const perEntry = rounds.map((bits) => bits.map((count) => count / parameters));
  const all = perEntry.flat();
  const mean = all.reduce((sum, bits) => sum + bits, 0) / all.length;
  const described = `EMQ's bits of ${rounds.length} measured rounds, ${mean.toFixed(2)} an entry in the mean`;
  return {
    uploads: { rounds: perEntry },
    description: provisional ? `${described} (a provisional, shorter measurement)` : described,
    provisional,
  };
}
