import type { Config, DataConfig, ModelConfig, NetworkConfig, TrainingConfig } from "../config/config.js";
import type { PresetName } from "../config/presets.js";
import type {
  DatasetName,
  LocalOptimizerName,
  LocalOptimizerSettings,
  PowerMethodName,
  PowerMethodSettings,
  QuantizerSettings,
  ReceiverName,
  SelectionRuleName,
  SelectionRuleSettings,
  ServerRuleName,
  ServerRuleSettings,
} from "./partTypes.js";

/**
 * The names of parts of one's own, for the compiler: what a plugin registers is not known when a program is compiled.
 * A program says it by adding to this interface; `parseConfig`, which takes anything, needs no such word.
 *
 * @example
 * ```ts no-run
 * declare module "cellfed" {
 *   interface OwnNames {
 *     quantizer: "ternary" | "half";
 *     powerMethod: "equal-share";
 *   }
 * }
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: programs add to it
export interface OwnNames {}

/** The names that a program has added to those of a kind. */
type Own<Kind extends string> = OwnNames extends Record<Kind, infer Name extends string> ? Name : never;

/** Every field may be left out, or be undefined, also of the objects inside; arrays are whole. */
export type Some<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]?: Some<T[K]> | undefined }
    : T;

/** A section that a name chooses: the name alone, or an object in which it stands beside the rest. */
type Named<Field extends string, Name, Rest> = Name | ({ [K in Field]?: Name | undefined } & Rest & object);

/** What stands in a section whose parts' settings are not known here. */
interface AnySettings {
  [setting: string]: string | number | boolean | undefined;
}

/** A quantizer and its own settings; without a name, settings of the one that the preset or the defaults name. */
export type GivenQuantizer =
  | keyof QuantizerSettings
  | Own<"quantizer">
  | { [Name in keyof QuantizerSettings]: { name: Name } & QuantizerSettings[Name] }[keyof QuantizerSettings]
  | (Own<"quantizer"> extends never ? never : { name: Own<"quantizer"> } & AnySettings)
  | ({ name?: undefined } & SomeOf<QuantizerSettings[keyof QuantizerSettings]>);

/** Any of the fields that the members of a union have. */
type SomeOf<T> = { [K in KeyOf<T>]?: T extends { [Key in K]?: infer V } ? V : never };
type KeyOf<T> = T extends T ? keyof T : never;

/** A section with its optional sections, but for some of its fields. */
type Without<T, K extends keyof T> = Some<{ [Key in keyof T as Key extends K ? never : Key]: T[Key] }>;

/** What stands in `selection` beside the rule and its own settings. */
type CommonSelection = Some<Pick<Config["selection"], "weights" | "exploration" | "forgetAfter">>;

/** The sections of a config as a program writes them: what is left out comes from the preset, or from the defaults. */
export interface GivenConfig {
  /** Where it starts from, instead of the defaults */
  preset?: PresetName | undefined;
  seed?: number | undefined;
  rounds?: number | undefined;
  kernels?: Config["kernels"] | undefined;
  data?:
    | Named<
        "name",
        DatasetName | Own<"dataset">,
        Without<DataConfig, "name" | "split"> & {
          split?: Named<"kind", DataConfig["split"]["kind"], Without<DataConfig["split"], "kind">> | undefined;
        }
      >
    | undefined;
  model?: Named<"preset", ModelConfig["preset"], Without<ModelConfig, "preset">> | undefined;
  training?:
    | (Without<TrainingConfig, "optimizer" | "schedule"> & {
        optimizer?:
          | Named<"name", LocalOptimizerName, LocalOptimizerSettings>
          | (Own<"optimizer"> extends never ? never : Named<"name", Own<"optimizer">, AnySettings>)
          | undefined;
        schedule?:
          | Named<"kind", TrainingConfig["schedule"]["kind"], Without<TrainingConfig["schedule"], "kind">>
          | undefined;
      })
    | undefined;
  server?: Named<"rule", ServerRuleName, ServerRuleSettings & { participation?: number | undefined }> | undefined;
  selection?:
    | Named<"rule", SelectionRuleName, SelectionRuleSettings & CommonSelection>
    | (Own<"selectionRule"> extends never ? never : Named<"rule", Own<"selectionRule">, AnySettings>)
    | undefined;
  quantizer?: GivenQuantizer | undefined;
  downlink?:
    | { quantizer?: GivenQuantizer | undefined; initial?: Config["downlink"]["initial"] | undefined }
    | undefined;
  network?:
    | (Without<NetworkConfig, "combining"> & { combining?: ReceiverName | Own<"receiver"> | undefined })
    | undefined;
  power?:
    | Named<"method", PowerMethodName, PowerMethodSettings>
    | (Own<"powerMethod"> extends never ? never : Named<"method", Own<"powerMethod">, AnySettings>)
    | undefined;
  aggregation?: Config["aggregation"]["by"] | Some<Config["aggregation"]> | undefined;
  waiting?: Config["waiting"]["kind"] | Some<Config["waiting"]> | undefined;
  plan?: Config["plan"]["kind"] | Some<Config["plan"]> | undefined;
  budgets?: Some<Config["budgets"]> | undefined;
  devices?: Some<Config["devices"]> | undefined;
  loss?: Config["loss"]["kind"] | Some<Config["loss"]> | undefined;
  evaluation?: Some<Config["evaluation"]> | undefined;
}

/**
 * A complete config as a program hands it on. Its open sections are known by their names alone: with all the settings
 * that any part might have, every misspelled one would be known.
 */
type Complete = Omit<Config, "quantizer" | "downlink" | "power" | "server" | "selection" | "training"> & {
  quantizer: { name: string };
  downlink: Omit<Config["downlink"], "quantizer"> & { quantizer: { name: string } };
  power: { method: string };
  server: { rule: string; participation: number };
  selection: { rule: string };
  training: Omit<TrainingConfig, "optimizer"> & { optimizer: { name: string } };
};

/**
 * A preset's name; any part of a config, of which what is left out comes from its `preset`, or from the defaults; or a
 * complete config, such as that of a result. Sections that a name chooses may be given by it: `quantizer: "laq"` is
 * `quantizer: { name: "laq" }`. Names that a program does not know when it is compiled go through `parseConfig`.
 */
export type ConfigInput = PresetName | GivenConfig | Complete;
