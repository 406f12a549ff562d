/** The radio: drops, channels, estimates, combiners, rates. */
export { ageingCorrelation } from "./ageing.js";
export { type ChannelFile, importChannel } from "./channelFile.js";
export { closedFormRates } from "./closedForm.js";
export { closedFormBatches, closedFormDrops, type DropRange } from "./closedFormDrops.js";
export type { Rates } from "./confidence.js";
export { createNetwork, type DropOptions } from "./create.js";
export { type DownlinkRates, type DownlinkSettings, downlinkRates, type Transmission } from "./downlink.js";
export { createMovement, type Movement } from "./mobility.js";
export { checkNetwork, type Network, prelog } from "./network.js";
export { type AirBlock, type AirSenders, airReceiver } from "./overTheAir.js";
export { compareSchemes, rateModel, rateModelSteps, suitsPowers } from "./rates.js";
export { type OwnReceiver, type ReceiverContext, receivers, schemeNames } from "./receivers.js";
export { sinr, spectralEfficiency } from "./spectralEfficiency.js";
export { gainShares, visitorEfficiency } from "./visitor.js";
