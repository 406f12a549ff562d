import { largest, type SelectionRule } from "../rule.js";

/**
 * Largest r_k / T_k, r_k being the spectral efficiency now and T_k its mean where served, T_k ← (1 − 1/W) T_k + 1/W ·
 * r_k for who took part and 0 for others (Tse; Yang et al. 2020). T_k begins at r_k / K: nobody is ahead.
 */
export const proportionalFair: SelectionRule = {
  name: "proportional-fair",
  title: "proportional fair",
  summary: "largest spectral efficiency over its mean in the rounds that a client took part in",
  looksAt: ["channel"],
  settings: {
    window: { default: 10, minimum: 1, summary: "W, rounds over which the mean reaches" },
  },
  select(view, { window }) {
    const { clients, memory } = view;
    const rate = view.spectralEfficiency!;
    const before = memory?.mean ?? Array.from({ length: clients }, (_, client) => rate[client]! / clients);
    const chosen = largest(view, (client) => rate[client]! / before[client]!);
    const share = 1 / (window as number);
    const mean = before.map((old, client) => (1 - share) * old + (chosen.includes(client) ? share * rate[client]! : 0));
    return { clients: chosen, memory: { mean } };
  },
};
