import type { Store, StoreRecord } from "../../src/study/store/contract.js";

/** A run's record with everything such a record has. */
export function runOf(number: number, more: Partial<StoreRecord> = {}): StoreRecord {
  const rounds = 1 + (number % 5);
  const course = (value: (round: number) => number) => Array.from({ length: rounds + 1 }, (_, round) => value(round));
  return {
    kind: "run",
    key: `run${number}`,
    value: {
      trace: `trace${number % 7}`,
      cell: `emq · größe ${number % 3}`,
      labels: { quantizer: number % 2 ? "emq" : 'laq,"bits"', "network.clients": `${10 * (number % 3)}` },
      seed: number % 4,
      drop: number % 2,
      ended: "energy",
      reason: "the budget of 0.5 J is used up",
      accuracy: 1 / (number + 3),
      course: { energy: course((round) => round * 0.1 * number), latency: course((round) => round / 3) },
    },
    ...more,
  };
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** Everything a store has, by key. */
export async function contents(store: Store): Promise<Map<string, StoreRecord>> {
  return new Map((await all(store.select(store.finished()))).map((record) => [record.key, record]));
}
