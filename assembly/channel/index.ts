// One line an operation: export { name } from "./file";
export { mmseEstimation } from "./mmseEstimation";
