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
export { geluForward, geluBackward } from "./gelu";
export { averagePool2dForward, averagePool2dBackward } from "./averagePool2d";
export { depthwiseConv2dForward, depthwiseConv2dBackward } from "./depthwiseConv2d";
export { groupNormForward, groupNormBackward } from "./groupNorm";
export { layerNormForward, layerNormBackward } from "./layerNorm";
export { dropout } from "./dropout";
export { addVectors, multiplyVectors, addRow, copyVector } from "./sums";
export { embeddingForward, embeddingBackward } from "./embedding";
export {
  attentionForward, attentionBackward, attentionWeightFloats, attentionWorkFloats,
} from "./attention";
export { squaredError } from "./squaredError";
export { convPool2dForward, convPoolForwardFloats } from "./convPool2d";
export { convPool2dBackward, convPoolBackwardFloats } from "./winners";
export { winogradPool2dForward, winogradPoolFloats } from "./winogradPool2d";
export {
  winogradConv2dForward, winogradConv2dBackImages, winogradConv2dBackKernels, winogradConvFloats,
} from "./winogradConv2d";
