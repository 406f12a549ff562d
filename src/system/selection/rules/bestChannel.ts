import { largest, type SelectionRule } from "../rule.js";

/** Those with the largest spectral efficiency at full power (Amiri et al., "Convergence of update aware device scheduling", 2021). */
export const bestChannel: SelectionRule = {
  name: "best-channel",
  title: "best channel",
  summary: "largest spectral efficiency at full power",
  looksAt: ["channel"],
  select: (view) => ({ clients: largest(view, (client) => view.spectralEfficiency![client]!) }),
};
