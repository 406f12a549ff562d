// One line an operation: export { name } from "./file";
export { qpBytes, qpSetup, qpSection } from "./workspace";
export { qpFactor, qpNorms } from "./factor";
export { qpSolve } from "./dual-active-set";
export { qpResidual } from "./residual";
export { qpUpdate } from "./update";
