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
  bend as powerBend, border as powerBorder, first as powerFirst, growth as powerGrowth, held as powerHeld, logLatency as powerLogLatency, logPower as powerLogPower,
  noise as powerNoise, own as powerOwn, power as powerCoefficients, second as powerSecond, sentShare as powerSentShare,
  received as powerReceived, receivedGrowth as powerReceivedGrowth, right as powerRight, rowFactor as powerRowFactor, scale as powerScale, shares as powerShares, signal as powerSignal, unknown as powerUnknown, weights as powerWeights,
} from "./powerWorkspace";
export { qpFactor, qpNorms } from "./factor";
export { qpSolve } from "./dualActiveSet";
export { qpResidual, qpUnits } from "./residual";
export { qpUpdate } from "./update";
export { powerBytes, powerSetup, powerSection } from "./powerWorkspace";
export { chargePowers, receivePowers, solveBordered } from "./krylov";
export { minimalPowers } from "./minimalPowers";
export { logLatencies, combineHessian } from "./logLatency";
export { qpCheck } from "./check";
