import { averagePool2d, globalAveragePool } from "./averagePool2d.js";
import { conv2d } from "./conv2d.js";
import { dense } from "./dense.js";
import { depthwiseConv2d } from "./depthwiseConv2d.js";
import { dropout } from "./dropout.js";
import { embedding } from "./embedding.js";
import { flatten, reshape } from "./flatten.js";
import { gelu } from "./gelu.js";
import type { LayerBuilder } from "./layer.js";
import { maxPool2d } from "./maxPool2d.js";
import { groupNorm, layerNorm } from "./normalization.js";
import { positional } from "./positional.js";
import { relu } from "./relu.js";
import { residual } from "./residual.js";
import { selfAttention } from "./selfAttention.js";

/** Every layer by the name that a model's declaration uses: one file and one line each. */
export const layers: Readonly<Record<string, LayerBuilder>> = {
  conv2d,
  depthwiseConv2d,
  maxPool2d,
  averagePool2d,
  globalAveragePool,
  dense,
  relu,
  gelu,
  layerNorm,
  groupNorm,
  dropout,
  residual,
  embedding,
  selfAttention,
  positional,
  flatten,
  reshape,
};
