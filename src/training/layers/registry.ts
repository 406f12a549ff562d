import { conv2d } from "./conv2d.js";
import { dense } from "./dense.js";
import { flatten } from "./flatten.js";
import type { LayerBuilder } from "./layer.js";
import { maxPool2d } from "./maxPool2d.js";
import { relu } from "./relu.js";

/** Every layer by the name that a model's declaration uses: one file and one line each. */
export const layers: Readonly<Record<string, LayerBuilder>> = { conv2d, maxPool2d, flatten, dense, relu };
