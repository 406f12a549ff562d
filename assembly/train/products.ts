// The kernels of training that are products of matrices, for the relaxed build: those that multiplyAdd.ts makes faster.
// It works in the memory of the exact build, so nothing here may have data of its own (tables, strings).
export { gemm } from "./gemm";
export { conv2dForward, conv2dBackward } from "./conv2d";
export { convPool2dForward } from "./convPool2d";
export { convPool2dBackward } from "./winners";
export { winogradPool2dForward } from "./winogradPool2d";
export { winogradConv2dForward, winogradConv2dBackKernels, winogradConv2dBackImages } from "./winogradConv2d";
export { depthwiseConv2dForward, depthwiseConv2dBackward } from "./depthwiseConv2d";
