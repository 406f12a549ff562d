import type { Stream } from "../../../bindings/random.js";
import type { Part, Settings } from "../../config/settings.js";

/** What a rule chooses by. Plain data: arrays have a figure a client, whether it is available or not. */
export interface SelectionView {
  /** 1, 2, … */
  round: number;
  /** K */
  clients: number;
  /** How many are wanted: server.participation of K, at least 1; no more than are available */
  count: number;
  /** Numbers of those that could take part, ascending; all but those whose battery is empty */
  available: readonly number[];
  /** D_k [K] */
  examples: ArrayLike<number>;
  /** The last round in which each took part [K]; 0: never so far */
  lastRound: ArrayLike<number>;
  /** ‖Q(v_k)‖ of what each sent last, as the server decoded it [K]; NaN: nothing so far; only for `looksAt` "updates" */
  updateNorm?: ArrayLike<number>;
  /** Bits of what each sent last, as they are billed [K]; NaN: nothing so far; only for `looksAt` "updates" */
  bits?: ArrayLike<number>;
  /** log2(1 + SINR_k) at full power when the round begins [K]; only for `looksAt` "channel" */
  spectralEfficiency?: ArrayLike<number>;
  /** What turns it into bit/s, Hz; only for `looksAt` "channel" */
  bandwidth?: number;
  /** Computation of this round [K], s, at the frequency that a device has; only for `looksAt` "devices" */
  computeSeconds?: ArrayLike<number>;
  /** J left in each battery, or minus what each has spent where there are no batteries [K]; only for `looksAt` "energy" */
  energyLeft?: ArrayLike<number>;
  /** What the rule returned as memory in the round before; nothing in the first */
  memory?: SelectionMemory;
  /** The same numbers for a seed and round, whatever was drawn before */
  random: Stream;
  /** The seed's own, the same in every round */
  order: Stream;
}

export type SelectionMemory = Readonly<Record<string, readonly number[]>>;

/** Who takes part. */
export interface Choice {
  /** Their numbers, in any order */
  clients: readonly number[];
  /** Each client's chance to take part in this round [K], where the rule drew; else 1 of those chosen and 0 of others */
  probability?: readonly number[];
  /** Is handed back in the next round */
  memory?: SelectionMemory;
  /** Of an empty choice: why nobody can, and what would do */
  nobody?: string;
}

/** What a rule may look at beside what every training knows. */
export type Sight =
  /** What clients sent before */
  | "updates"
  /** Rates: the training then belongs to one drop */
  | "channel"
  /** What computation takes on a device: the training then belongs to the devices */
  | "devices"
  /** What the rounds have cost: the training then belongs to its powers and budgets as well */
  | "energy";

/** A rule that says which clients take part: a pure function of what it is shown. */
export interface SelectionRule extends Part {
  readonly looksAt?: readonly Sight[];
  /** Every client has a chance in the long run, and the rule says which: needed for weights that are unbiased */
  readonly draws?: boolean;
  select(view: SelectionView, settings: Settings): Choice;
}

/** The first `count` of the available, the largest value first; of equal ones the smaller number first. */
export function largest({ available, count }: SelectionView, value: (client: number) => number): number[] {
  const ordered = [...available].sort((a, b) => {
    const [first, second] = [value(a), value(b)];
    return first === second ? a - b : first > second ? -1 : 1;
  });
  return ordered.slice(0, count);
}

/** [K], the same for all available. */
export function equalChance({ clients, available, count }: SelectionView): number[] {
  const probability = new Array<number>(clients).fill(0);
  for (const client of available) probability[client] = count / available.length;
  return probability;
}
