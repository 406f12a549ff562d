import { equalChance, type SelectionRule } from "../rule.js";

/** Drawn without replacement, all alike (McMahan et al. 2017). */
export const random: SelectionRule = {
  name: "random",
  title: "random share",
  summary: "drawn without replacement, all alike",
  draws: true,
  select(view) {
    const { available, count, random } = view;
    const probability = equalChance(view);
    if (count >= available.length) return { clients: available, probability };
    return { clients: [...random.shuffle(Int32Array.from(available)).subarray(0, count)], probability };
  },
};
