/** Anything that JSON can hold. Numbers are finite: what has no value is null. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * What a store keeps: one finished thing under the key of all that it depends on. "trace": a training as it can be
 * priced again; "run": a row of results with its course; "rounds": a run's complete rounds, client by client;
 * "rates", "pricing", "quantizer": what jobs of those kinds give; "timing": wall time and host, which no result is.
 */
export interface StoreRecord {
  readonly kind: "trace" | "run" | "rounds" | "rates" | "pricing" | "quantizer" | "timing";
  readonly key: string;
  /** Why there is no result: the job failed. It counts as missing when a study is resumed */
  readonly failure?: string;
  readonly value: { readonly [column: string]: Json };
}
