import { f32 } from "../../../bindings/memory.js";
import { addScaled, deliver, dot, maxAbs, region, stage, type Values } from "../../../bindings/quantize.js";
import type { DecodeContext, EncodeContext } from "../../config/records.js";
import { type Coder, readSymbols, writeSymbols } from "../coding/coders.js";
import { PacketError, type PacketReader, type PacketWriter } from "../coding/packet.js";
import type { Encoded, Input, Method } from "../method.js";
import { type Grid, type GridKind, gridLimits, gridSymbols, gridValues, readGrid } from "./grid.js";

/**
 * What LAQ and AQUILA share: both ends keep h, what the client sent last, and the innovation y = v − h travels on the
 * grid of 2^b points between ±‖y‖_∞; then h ← h + Δq, which is the decoded update. The variant "authors-code" (the
 * notebooks of arXiv 2412.10878) does so with the weights, y = (w_t + v) − h with h = 0 at first, on the grid of steps
 * 2R/(2^b − 1) that has a zero (Δq = step · round_half_even(y/step), grid.ts), and never skips; the decoded update is
 * then h − w_t, and nominal bits are b d without a header.
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

/** What a packet says of its variant. The second was sent before the authors' grid was known: it is still read. */
const forms = {
  original: { number: 0, onWeights: false, grid: "mid-rise" },
  midRiseOnWeights: { number: 1, onWeights: true, grid: "mid-rise" },
  authorsCode: { number: 2, onWeights: true, grid: "half-even" },
} as const satisfies Record<string, { number: number; onWeights: boolean; grid: GridKind }>;

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
  const form = plan.onWeights ? forms.authorsCode : forms.original;
  const grid: Grid = { kind: form.grid, bits: plan.bits(innovation), range: innovation.range };
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
  writer.byte(form.number);
  writer.byte(grid.bits);
  writer.f32(grid.range);
  const entropy = writeSymbols(writer, symbols, plan.coder, context.tensors);
  return { nominalBits: (plan.onWeights ? 0 : 32) + grid.bits * n, entropyBits: entropy && entropy + 32 };
}

export function decodeInnovation(reader: PacketReader, out: Values, context: DecodeContext): void {
  const n = out.length;
  const at = reader.offset();
  const number = reader.byte("the variant");
  const form = Object.values(forms).find((one) => one.number === number);
  if (form === undefined) throw new PacketError(at, `variant ${number} is not known`);
  const { onWeights } = form;
  const grid = readGrid(reader, form.grid);
  readSymbols(reader, out, "the innovation", gridLimits(grid));
  reader.end(); // before the memory is touched: a bad packet leaves it as it was
  gridValues(out, grid, out.pointer);
  const before = context.memory.get("innovation.server") as Float32Array | undefined;
  if (before !== undefined && before.length !== n) {
    throw new PacketError(3, `${n} entries, but the memory of this client holds ${before.length}`);
  }
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
