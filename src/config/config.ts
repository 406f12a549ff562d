import type { DeclaredConfig } from "./declaration.js";

export type { LayerConfig } from "./declaration.js";

/**
 * The whole configuration of a run, every default filled in: what config.json in a results folder holds. Its fields are
 * declared, with what they mean and what is allowed, in declaration.ts and networkFields.ts; the settings of a
 * quantizer, a power method, an optimizer or a server rule are declared with it and stand beside its name.
 */
export type Config = DeclaredConfig;
/** Which examples there are, and which client has which. */
export type DataConfig = Config["data"];
/** How the training examples are shared out over the clients. */
export type SplitConfig = DataConfig["split"];
/** The network that the clients train. */
export type ModelConfig = Config["model"];
/** What a client does in a round. */
export type TrainingConfig = Config["training"];
/** The local optimizer's name and its own settings, flat. */
export type OptimizerConfig = TrainingConfig["optimizer"];
/** The server rule's name, its own settings, and who takes part. */
export type ServerConfig = Config["server"];
/** How the clients' updates become one sum. */
export type AggregationConfig = Config["aggregation"];
/** How long the server waits for its clients. */
export type WaitingConfig = Config["waiting"];
/** A quantizer's name and its own settings, flat: { name: "emq", digits: 0, … }. */
export type QuantizerConfig = Config["quantizer"];
/** What the server sends to the clients. */
export type DownlinkConfig = Config["downlink"];
/** The cell-free network: where everything stands, the channel, the receivers. */
export type NetworkConfig = Config["network"];
/** The power method's name and its own settings, flat. */
export type PowerConfig = Config["power"];
/** What a run may use, and what counts. It ends before the first round that would use more. */
export type BudgetConfig = Config["budgets"];
