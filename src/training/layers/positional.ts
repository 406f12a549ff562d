import { addRow, copyVector } from "../../../bindings/layers.js";
import { none } from "../../../bindings/memory.js";
import { columnSums } from "../../../bindings/train.js";
import type { LayerConfig } from "../../config/config.js";
import { allowSettings, type Layer, type LayerContext, needRank, product } from "./layer.js";

/** y = x + table, a learned row for every position: [length, features] → the same. */
export function positional(config: LayerConfig, context: LayerContext): Layer {
  allowSettings(config, context, []);
  needRank(config, context, 2, "a sequence [length, features]");
  const size = product(context.input);
  const table = context.parameter("table", context.input, { kind: "normal", deviation: 0.02 });
  return {
    output: context.input,
    forward: (x, y, batch) => addRow(batch, size, x, table.pointer, y),
    backward(_x, _y, dy, dx, batch) {
      columnSums(batch, size, dy, table.gradient);
      if (dx !== none) copyVector(batch * size, dy, dx);
    },
  };
}
