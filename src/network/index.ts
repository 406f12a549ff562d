/** The radio: drops, channels, estimates, combiners, rates. */
export { closedFormRates } from "./closedForm.js";
export { createNetwork, type DropOptions } from "./create.js";
export { checkNetwork, type Network, prelog } from "./network.js";
export { rateModel } from "./rates.js";
export { sinr, spectralEfficiency } from "./spectralEfficiency.js";
