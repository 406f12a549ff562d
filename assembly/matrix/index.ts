// One line an operation: export { name } from "./file";
export { choleskyBatched } from "./choleskyBatched";
export { complexMultiply } from "./complexMultiply";
export { backSubstitute, forwardSubstitute, solveBatched } from "./solveBatched";
export { gramBatched } from "./gramBatched";
