import {
  attentionBackward,
  attentionForward,
  attentionWeightBytes,
  attentionWorkBytes,
} from "../../../bindings/layers.js";
import { none, offset } from "../../../bindings/memory.js";
import type { LayerConfig } from "../../config/config.js";
import { InputError } from "../../config/errors.js";
import { dense } from "./dense.js";
import { allowSettings, integerSetting, type Layer, type LayerContext, needRank } from "./layer.js";

/**
 * Bytes of queries, keys and values that are still in a core's second cache when attention reads them, a head at a time
 * and so a cache line of every row: what the caches' own foresight does not see coming.
 */
const nearBytes = 2 ** 18;

/**
 * Multi-head self-attention (Vaswani et al. 2017): [length, features] → the same. Q, K, V are one dense layer, each
 * head sees features/heads of them, softmax(Q Kᵀ/√w) V goes through another. Settings: heads (1), causal (false).
 */
export function selfAttention(config: LayerConfig, context: LayerContext): Layer {
  allowSettings(config, context, ["heads", "causal"]);
  needRank(config, context, 2, "a sequence [length, features]");
  const [length, width] = context.input as [number, number];
  const heads = integerSetting(config, context, "heads", 1, 1);
  const causal = config.causal ?? false;
  if (typeof causal !== "boolean") {
    throw new InputError(`${context.path}.causal`, `${JSON.stringify(causal)} is neither true nor false`);
  }
  if (width % heads !== 0) {
    throw new InputError(`${context.path}.heads`, `${heads} does not divide the ${width} features`);
  }
  const named = (name: string): LayerContext => ({
    ...context,
    parameter: (part, shape, initial) => context.parameter(`${name}.${part}`, shape, initial),
  });
  const project = dense({ type: "dense", units: 3 * width }, named("qkv"));
  const merge = dense({ type: "dense", units: width }, named("out"));
  const qkv = context.slot((batch) => 12 * batch * length * width);
  const dqkv = context.slot((batch) => 12 * batch * length * width);
  const mixed = context.slot((batch) => 4 * batch * length * width);
  const dmixed = context.slot((batch) => 4 * batch * length * width);
  const fields = { length, width, heads, causal: causal ? 1 : 0 };
  const geometry = context.record("Attention", fields);
  const weightBytes = attentionWeightBytes(fields);
  const weights = context.slot((batch) => batch * heads * weightBytes);
  const together = Math.max(1, Math.floor(nearBytes / (12 * length * width)));
  const work = context.work(() => attentionWorkBytes(fields));
  return {
    output: context.input,
    forward(x, y, batch, training) {
      for (let first = 0; first < batch; first += together) {
        const count = Math.min(together, batch - first);
        const here = offset(qkv.pointer, 12 * first * length * width);
        project.forward(offset(x, 4 * first * length * width), here, count, training);
        const keep = training ? offset(weights.pointer, first * heads * weightBytes) : none;
        const into = offset(mixed.pointer, 4 * first * length * width);
        attentionForward(count, geometry.pointer, here, keep, into, work.pointer);
      }
      merge.forward(mixed.pointer, y, batch, training);
    },
    backward(x, y, dy, dx, batch) {
      merge.backward(mixed.pointer, y, dy, dmixed.pointer, batch);
      attentionBackward(
        batch,
        geometry.pointer,
        qkv.pointer,
        weights.pointer,
        mixed.pointer,
        dmixed.pointer,
        dqkv.pointer,
        work.pointer,
      );
      project.backward(x, qkv.pointer, dqkv.pointer, dx, batch);
    },
  };
}
