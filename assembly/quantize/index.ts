// One line an operation: export { name } from "./file";
export { checksum } from "./checksum";
export { histogram, symbolRange } from "./histogram";
export { firstNonFinite, maxAbsBits } from "./max-abs";
export { packBits, unpackBits } from "./pack";
export { gammaDecode, gammaEncode, riceDecode, riceEncode } from "./prefix";
export { ransDecode, ransEncode, ransSlots } from "./rans";
export { dequantizeSteps, quantizeNearest, quantizeStochastic } from "./steps";
