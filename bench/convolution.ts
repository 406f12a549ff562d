import { blockBytes, type PooledConvolution, writeBlock } from "../bindings/blocks.js";
import {
  convPool2dForward,
  convPoolWorkBytes,
  winogradPool2dForward,
  winogradPoolWorkBytes,
} from "../bindings/layers.js";
import { allocate, free } from "../bindings/memory.js";
import { conv2dBackward, conv2dForward, convWorkBytes } from "../bindings/train.js";
import { type Comparison, inProcess, type Sides } from "./comparison.js";
import { randomBlock } from "./gemm.js";
import { besides } from "./peers/index.js";
import { here } from "./sides.js";

const cases = [
  [32, 3, 32],
  [32, 32, 32],
  [16, 64, 64],
  [8, 128, 128],
] as const;

/** 3×3 convolutions of 32 images: forward, both gradients, and with ReLU and 2×2 pooling by Winograd's form, as networks do it, and directly. */
export const comparisons: Comparison[] = cases.flatMap(([side, channels, filters], i): Comparison[] => {
  const what = `3×3 convolution, 32 images ${side}×${side}×${channels} to ${filters}`;
  const flop = (2 * 32 * (side - 2) ** 2 * 9 * channels * filters) / 1e9;
  const full = i === 0 || i === 2 ? {} : { full: true as const };
  const beside = (gradients: boolean) =>
    besides(
      ["contiguous", "channels_last"].map((layout) => ({
        name: `PyTorch ${layout}`,
        task: "torch-convolution",
        options: { side, channels, filters, layout, gradients },
      })),
    );
  return [
    {
      name: `convolution-${channels}-forward`,
      what: `${what}, forward`,
      work: { amount: flop, unit: "GFLOP", precision: "float32" },
      ...full,
      sides: async (): Promise<Sides> => {
        const own = convolutionOf(side, channels, filters);
        const peers = await beside(false);
        return { ours: here("here", own.forward), peers: peers.sides, free: [own.free, peers.free] };
      },
    },
    {
      name: `convolution-${channels}-all`,
      what: `${what}, forward and both gradients`,
      work: { amount: 3 * flop, unit: "GFLOP", precision: "float32" },
      ...full,
      sides: async (): Promise<Sides> => {
        const own = convolutionOf(side, channels, filters);
        const peers = await beside(true);
        const all = () => {
          own.forward();
          own.both();
        };
        return { ours: here("here", all), peers: peers.sides, free: [own.free, peers.free] };
      },
    },
    {
      name: `winograd-${channels}`,
      what: `${what}, ReLU, 2×2 max-pooling by Winograd's form`,
      ...full,
      sides: () => {
        const own = convolutionOf(side, channels, filters);
        return inProcess(own.winograd, { directly: own.direct }, [own.free]);
      },
    },
  ];
});

/** The passes of a 3×3 convolution without padding on 32 images. */
function convolutionOf(side: number, channels: number, filters: number) {
  const batch = 32;
  const out = side - 2;
  const fields: PooledConvolution = {
    ...{ height: side, width: side, channels, outHeight: out, outWidth: out },
    ...{ kernelHeight: 3, kernelWidth: 3, stride: 1, padTop: 0, padLeft: 0, filters },
    ...{ poolSize: 2, poolHeight: out >> 1, poolWidth: out >> 1 },
  };
  const fusedBytes = Math.max(convPoolWorkBytes(fields), winogradPoolWorkBytes(fields));
  const held = {
    x: randomBlock(batch * side * side * channels),
    y: randomBlock(batch * out * out * filters),
    w: randomBlock(9 * channels * filters),
    winner: allocate(4 * batch * out * out * filters),
    dw: allocate(4 * 9 * channels * filters),
    dx: allocate(4 * batch * side * side * channels),
    work: allocate(Math.max(convWorkBytes(fields), fusedBytes)),
  };
  const block = allocate(blockBytes("PooledConvolution"));
  const g = writeBlock("PooledConvolution", block, fields);
  const { x, y, w, winner, dw, dx, work } = held;
  return {
    forward: () => conv2dForward(batch, true, g, x, w, w, y, work),
    both: () => conv2dBackward(batch, g, x, w, y, dw, dx, work),
    direct: () => convPool2dForward(batch, g, x, w, w, y, winner, work),
    winograd: () => winogradPool2dForward(batch, g, x, w, w, y, winner, work),
    free: () => [block, ...Object.values(held)].forEach(free),
  };
}
