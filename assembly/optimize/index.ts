// One line an operation: export { name } from "./file";
export { qpBytes, qpSetup, qpSection } from "./workspace";
export { qpFactor, qpNorms } from "./factor";
export { qpSolve } from "./dualActiveSet";
export { qpResidual } from "./residual";
export { qpUpdate } from "./update";
export { powerBytes, powerSetup, powerSection } from "./powerWorkspace";
export { minimalPowers } from "./minimalPowers";
export { logLatencies, combineHessian } from "./logLatency";
