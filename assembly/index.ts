// The kernels' exports, and nothing else: one folder a family, one file an operation.
export * from "./memory";
export * from "./math";
export * from "./random";
export * from "./matrix/index";
export * from "./channel/index";
export * from "./quantize/index";
export * from "./optimize/index";
export * from "./train/index";
