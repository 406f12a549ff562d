/**
 * Clients that compute and send, stepped through time in small equal steps: no events, no queue. Independent of the
 * clock in src: who sends and at which rate is looked at anew in every step.
 */
export interface SteppedClient {
  computes: number;
  bits: number;
  /** When it begins, s */
  begins?: number;
}

/** @param rates bit/s of every client when these send */
export function stepThrough(
  clients: readonly SteppedClient[],
  rates: (sends: readonly boolean[]) => readonly number[],
  { step, watts }: { step: number; watts: (sends: readonly boolean[]) => readonly number[] },
): { ends: number[]; energy: number[] } {
  const left = clients.map(({ bits }) => bits);
  const ends = clients.map(() => Number.POSITIVE_INFINITY);
  const energy = clients.map(() => 0);
  for (let n = 0; ends.some((end) => end === Number.POSITIVE_INFINITY); n++) {
    const now = n * step;
    const sends = clients.map(({ computes, begins = 0 }, k) => now >= begins + computes && left[k]! > 0);
    const rate = rates(sends);
    const power = watts(sends);
    clients.forEach(({ computes, bits, begins = 0 }, k) => {
      if (bits === 0 && now >= begins + computes && ends[k] === Number.POSITIVE_INFINITY) ends[k] = now;
      if (!sends[k]) return;
      energy[k]! += power[k]! * step;
      left[k]! -= rate[k]! * step;
      if (left[k]! <= 0) ends[k] = now + step;
    });
  }
  return { ends, energy };
}
