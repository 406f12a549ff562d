// One line an operation: export { name } from "./file";
export { qpBytes, qpSetup, qpSection } from "./workspace";
// The sections of the two workspaces, under the names that bindings/optimize.ts and bindings/power.ts read.
export {
  active as qpActive, factor as qpInverseFactor, hessian as qpHessian, linear as qpLinear, lower as qpLower,
  multipliers as qpMultipliers, rightSide as qpRightSide, rows as qpRows, solution as qpSolution, unit as qpUnit, upper as qpUpper,
  activeCountAt as qpActiveCountAt, allowanceAt as qpAllowanceAt, complementarityAt as qpComplementarityAt, forceSizeAt as qpForceSizeAt,
  dependenceAt as qpDependenceAt, iterationsAt as qpIterationsAt, relativeAt as qpRelativeAt,
  stationarityAt as qpStationarityAt, valueAt as qpValueAt,
  violationAt as qpViolationAt,
} from "./workspace";
export {
  couplings as powerCouplings, demand as powerDemand, energyShare as powerEnergyShare, energySlope as powerEnergySlope,
  first as powerFirst, growth as powerGrowth, logLatency as powerLogLatency, logPower as powerLogPower,
  noise as powerNoise, power as powerCoefficients, second as powerSecond, sentShare as powerSentShare,
  shares as powerShares, signal as powerSignal, weights as powerWeights,
} from "./powerWorkspace";
export { qpFactor, qpNorms } from "./factor";
export { qpSolve } from "./dualActiveSet";
export { qpResidual, qpUnits } from "./residual";
export { qpUpdate } from "./update";
export { powerBytes, powerSetup, powerSection } from "./powerWorkspace";
export { minimalPowers } from "./minimalPowers";
export { logLatencies, combineHessian } from "./logLatency";
export { qpCheck } from "./check";
