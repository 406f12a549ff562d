import type { Config, RoundRecord } from "../src/index.js";

/**
 * What the page's figures have in common: each is made once in a place of the page, keeps its nodes, and is told of every
 * change. Whatever is long to compute is asked of a worker through a callback, so that no figure holds up the page.
 */
export interface Figure<State> {
  /** Draws what has changed; called at most once a frame */
  update(state: State): void;
  /** Takes its nodes and listeners away */
  destroy(): void;
  /** What the figure shows in a sentence, as a listener hears it; follows every update */
  readonly summary: string;
}

/** web/drop: `createDrop(host, callbacks): Figure<DropState>` */
export interface DropState {
  /** With the positions that are drawn, where some were dragged: `deployment` "given" */
  config: Config;
  /** Of the round that is shown; undefined before the first one, when powers come from the solver alone */
  record: RoundRecord | undefined;
  /** Energy so far over the budget, 0 to 1, and undefined without a budget */
  spent: number | undefined;
  /** Client whose update the histogram shows */
  selected: number | undefined;
  /** Share of each class in each client's examples, once known: [client][class] */
  classes?: readonly (readonly number[])[] | undefined;
  /** What is left of each client's charge, 0 to 1; undefined without batteries */
  battery?: readonly number[] | undefined;
  /** Examples of each client, once known */
  examples?: readonly number[] | undefined;
  /** Bits an upload is taken to have before the first round */
  bits: number;
}

/** What a run knows of its clients before its first round; one entry a client. Made by `web/clientFacts.ts`. */
export interface ClientFacts {
  /** D_k */
  examples: readonly number[];
  /** Share of each class among a client's examples; undefined where they have none */
  classes: readonly (readonly number[])[] | undefined;
  /** s that one local epoch takes at `frequency` */
  epochSeconds: readonly number[];
  /** Hz of its device, the highest where frequencies are chosen */
  frequency: readonly number[];
  /** J in its battery at the start; undefined without batteries */
  charge: readonly number[] | undefined;
}

export interface DropCallbacks {
  select(client: number): void;
  /** When something was let go: the positions to run with from now on, in m */
  moved(positions: Positions): void;
  /** Asks the worker in which `web/drop/compute.ts` runs; later requests may overtake earlier ones */
  compute<Answer>(request: unknown): Promise<Answer>;
}

export interface Positions {
  /** x, y of each */
  accessPoints: readonly (readonly [number, number])[];
  clients: readonly (readonly [number, number])[];
}

/** web/update: `createUpdateFigure(host, callbacks): Figure<UpdateState>` */
export interface UpdateState {
  /** The selected client's update before and after the quantizer; undefined before the first round */
  update: UpdateView | undefined;
  quantizer: Config["quantizer"];
  /** How updates are added up; packets where left out */
  aggregation?: Pick<Config["aggregation"], "by">;
}

/**
 * What the run's worker keeps of an update: made by `web/update/compute.ts` of the trained update, the decoded one and the
 * packet's sizes, small enough to send with every round.
 */
export interface UpdateView {
  client: number;
  round: number;
  /** Bins over log₁₀ of the magnitude, from `from` on, `width` decades each */
  from: number;
  width: number;
  counts: readonly number[];
  /** Of each bin: how many of its values are decoded as zero */
  zeroed: readonly number[];
  /** Of the same bins: how many magnitudes lie in them after decoding */
  after: readonly number[];
  /**
   * Of each bin: what its entries cost on the average by the symbols' zero-order entropy, −log₂ of how often their decoded
   * value occurs; undefined where nearly every decoded value is another one
   */
  bits: readonly number[] | undefined;
  /** Exactly zero already before the quantizer */
  zeros: number;
  entries: number;
  /** Magnitudes that decoding gives, ascending, with how often; undefined where there are too many to draw */
  levels: readonly { value: number; count: number }[] | undefined;
  nominalBits: number;
  wireBits: number;
}

/** web/timeline: `createTimeline(host, callbacks): Figure<TimelineState>` and `createEnergySplit` of the same state */
export interface TimelineState {
  config: Config;
  record: RoundRecord | undefined;
  /** Once the run knows its clients */
  facts?: ClientFacts | undefined;
  selected: number | undefined;
  /** Drawn as low as can be read, where there is little room */
  low?: boolean;
}

export interface SelectCallbacks {
  select(client: number): void;
}
