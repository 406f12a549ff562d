import { largest, type SelectionRule } from "../rule.js";

/** Those with most joules left in their battery; without batteries those that have spent least. */
export const energyLeft: SelectionRule = {
  name: "energy-left",
  title: "energy left",
  summary: "most joules left in the battery; without batteries, least spent so far",
  looksAt: ["energy"],
  select: (view) => ({ clients: largest(view, (client) => view.energyLeft![client]!) }),
};
