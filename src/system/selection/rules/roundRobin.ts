import { equalChance, type SelectionRule } from "../rule.js";

/**
 * One after the other (Yang, Liu, Quek, Poor, "Scheduling policies for federated learning in wireless networks", 2020):
 * in an order that the seed draws, from where the round before ended. Over the seeds each client's chance is M/K in
 * every round.
 */
export const roundRobin: SelectionRule = {
  name: "round-robin",
  title: "round robin",
  summary: "one after the other, in an order that the seed draws",
  draws: true,
  select(view) {
    const { clients, available, count, order, memory } = view;
    const turn = order.shuffle(Int32Array.from({ length: clients }, (_, client) => client));
    const first = memory?.next?.[0] ?? 0;
    const chosen: number[] = [];
    let at = first;
    for (let seen = 0; seen < clients && chosen.length < count; seen++) {
      const client = turn[at]!;
      if (available.includes(client)) chosen.push(client);
      at = (at + 1) % clients;
    }
    return { clients: chosen, probability: equalChance(view), memory: { next: [at] } };
  },
};
