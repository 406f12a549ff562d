// One line an operation: export { name } from "./file";
export { gemm, gemmWorkBytes } from "./gemm";
export { fillColumns, addColumns } from "./im2col";
export { conv2dForward, conv2dBackward, convWorkFloats } from "./conv2d";
export { maxPool2dForward, maxPool2dBackward } from "./maxPool2d";
export { reluForward, reluBackward } from "./relu";
export { columnSums } from "./columnSums";
export { softmaxCrossEntropy, countCorrect } from "./softmaxCrossEntropy";
export {
  sgdStep, momentumStep, adadeltaStep, rmspropStep, adamStep, regularize, subtractFinite,
} from "./optimizers";
export { unitBytes } from "./unitBytes";
