// One line an operation: export { name } from "./file";
export { addLineOfSight } from "./addLineOfSight";
export { centralizedCombining } from "./centralizedCombining";
export { channelEstimates } from "./channelEstimates";
export { closedFormRates } from "./closedFormRates";
export { linkGains } from "./linkGains";
export { localCombining } from "./localCombining";
export { localScattering } from "./localScattering";
export { mmseEstimation } from "./mmseEstimation";
