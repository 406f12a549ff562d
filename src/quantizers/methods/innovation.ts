import { f32 } from "../../../bindings/memory.js";
import { addScaled, deliver, dot, maxAbs, region, stage, type Values } from "../../../bindings/quantize.js";
import type { DecodeContext, EncodeContext } from "../../config/records.js";
import { type Coder, readSymbols, writeSymbols } from "../coding/coders.js";
import type { PacketReader, PacketWriter } from "../coding/packet.js";
import type { Encoded, Input, Method } from "../method.js";
import { type Grid, gridSymbols, gridValues, readGrid } from "./grid.js";
import { power } from "./steps.js";

/**
 * What LAQ and AQUILA share: both ends keep h, what the client sent last, and the innovation y = v − h travels on the
 * grid of 2^b points between ±‖y‖_∞; then h ← h + Δq, which is the decoded update. The variant "authors-code" (the
 * notebooks of arXiv 2412.10878) does the same to the weights, y = (w_t + v) − h, and never skips; the decoded update
 * is then h − w_t.
 *
 * Client and server keep theirs under keys of their own, so one map may serve as both in a test.
 */
export interface Innovation {
  /** y, float32 */
  values: Values;
  /** R = ‖y‖_∞ */
  range: number;
  /** ‖y‖² */
  energy: number;
}

/** What a skip rule sees. */
export interface Proposal {
  /** ‖Δq‖² */
  step: number;
  /** ‖ε‖², ε = y − Δq */
  error: number;
  /** ‖ε‖² of the client's last upload */
  lastError: number;
  /** Rounds skipped in a row */
  skipped: number;
}

export interface InnovationPlan {
  bits(innovation: Innovation): number;
  /** Is asked only when the client has uploaded before and the model has moved */
  skips: ((proposal: Proposal, context: EncodeContext) => boolean) | null;
  onWeights: boolean;
  coder: Coder;
}

export function encodeInnovation(
  plan: InnovationPlan,
  input: Input,
  context: EncodeContext,
  writer: PacketWriter,
): Encoded | null {
  const { memory } = context;
  const n = input.length;
  const before = memory.get("innovation.client") as Float32Array | undefined;
  // Places first: taking one may grow the memory, which moves no pointer.
  const y: Values = { pointer: region("innovation", 4 * n), length: n };
  const change: Values = { pointer: region("change", 4 * n), length: n };
  const held = region("held", 4 * n);
  const h = f32(held, n);
  if (before === undefined) h.fill(0);
  else h.set(before);
  let target: Values = input;
  if (plan.onWeights && context.model !== undefined) {
    addScaled(input, stage(context.model, "work values"), 1, y.pointer);
    target = y;
  }
  addScaled(target, { pointer: held, length: n }, -1, y.pointer);
  const innovation = { values: y, range: maxAbs(y), energy: dot(y, y) };
  const grid: Grid = { kind: "mid-rise", bits: plan.bits(innovation), range: innovation.range };
  const symbols = gridSymbols(y, grid, undefined, region("symbols", 4 * n));
  gridValues(symbols, grid, change.pointer);
  addScaled(y, change, -1, y.pointer); // now ε
  const proposal: Proposal = {
    step: dot(change, change),
    error: dot(y, y),
    lastError: numberIn(memory, "innovation.error"),
    skipped: numberIn(memory, "innovation.skipped"),
  };
  const mayskip = plan.skips !== null && before !== undefined && context.modelChanges.length > 0;
  if (mayskip && plan.skips?.(proposal, context)) {
    memory.set("innovation.skipped", proposal.skipped + 1);
    return null;
  }
  addScaled({ pointer: held, length: n }, change, 1, held);
  memory.set("innovation.client", f32(held, n).slice());
  memory.set("innovation.error", proposal.error);
  memory.set("innovation.skipped", 0);
  writer.byte(plan.onWeights ? 1 : 0);
  writer.byte(grid.bits);
  writer.f32(grid.range);
  const entropy = writeSymbols(writer, symbols, plan.coder, context.tensors);
  return { nominalBits: 32 + grid.bits * n, entropyBits: entropy && entropy + 32 };
}

export function decodeInnovation(reader: PacketReader, out: Values, context: DecodeContext): void {
  const n = out.length;
  const onWeights = reader.byte("the variant") === 1;
  const grid = readGrid(reader, "mid-rise");
  const symbols = { pointer: region("symbols", 4 * n), length: n };
  readSymbols(reader, symbols, "the innovation", power(2, grid.bits - 1));
  reader.end(); // before the memory is touched: a bad packet leaves it as it was
  gridValues(symbols, grid, out.pointer);
  const before = context.memory.get("innovation.server") as Float32Array | undefined;
  if (before !== undefined) addScaled(stage(before, "held"), out, 1, out.pointer);
  context.memory.set("innovation.server", f32(out.pointer, n).slice());
  if (onWeights && context.model !== undefined) addScaled(out, stage(context.model, "work values"), -1, out.pointer);
}

/** A client that skipped counts with what it sent last. */
export const lastInnovation: NonNullable<Method["absent"]> = (into, context) => {
  const before = context.memory.get("innovation.server") as Float32Array | undefined;
  deliver(into, (out) => f32(out.pointer, out.length).set(before ?? new Float32Array(out.length)));
};

function numberIn(memory: EncodeContext["memory"], key: string): number {
  const value = memory.get(key);
  return typeof value === "number" ? value : 0;
}
