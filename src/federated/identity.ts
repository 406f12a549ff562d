import type { Config } from "../config/config.js";
import { differingFields } from "../config/differences.js";
import type { Quantizer } from "../config/records.js";
import { numerics } from "../version.js";
import { withoutDefaults } from "./fingerprint.js";
import { sees } from "./participation.js";
import { dependsOnPrices, looksAtChannel } from "./plan.js";
import type { OwnPart } from "./result.js";

/** What a training depends on: plain data, by which its own states and kept rounds are known. */
export interface TrainingIdentity {
  /** Results of different numbers are not put together (version.ts) */
  numerics: number;
  /** The fields that matter, without those at their defaults */
  config: Record<string, unknown>;
  /** Which drop, where the training looks at the channel */
  drop?: number;
  /** A quantizer of one's own */
  quantizer?: OwnPart;
  /** A power method of one's own, where the training depends on what it allocates */
  powerMethod?: OwnPart;
}

/** What a training does not depend on, unless something in it looks there: runs that differ in no other field share one. */
export const pricedFields = ["network", "power", "budgets", "devices", "aggregation", "rounds", "evaluation"] as const;

/** A run's own share of a config. */
export type Priced = Pick<Config, (typeof pricedFields)[number]>;

export function pricedPart(config: Config): Priced {
  return Object.fromEntries(pricedFields.map((field) => [field, config[field]])) as unknown as Priced;
}

/**
 * Everything but the radio, the power method, the devices and the budgets, which only decide how far a training is paid
 * for; and how often it is looked at. Where the plan, the quantizer or the selection looks at the channel the radio
 * belongs to it as well; where the plan chooses by the budgets, batteries or the selection by what was spent, or what is
 * learned depends on when updates arrive, they do.
 */
export function trainingIdentity(
  config: Config,
  options: { quantizer: Quantizer; drop?: number; part?: OwnPart | undefined; powerPart?: OwnPart | undefined },
): TrainingIdentity {
  const { quantizer, drop = 0, part, powerPart } = options;
  const told = withoutDefaults(config);
  const { network, power, budgets, devices, aggregation } = told;
  const learning = Object.fromEntries(Object.entries(told).filter(([field]) => !isPriced(field)));
  const channel = looksAtChannel(config, quantizer);
  const pricing = dependsOnPrices(config);
  const computing = sees(config, "devices");
  return {
    numerics,
    config: {
      ...learning,
      // Who adds packets is a matter of rates.
      ...(channel && aggregation !== undefined && { aggregation }),
      network: { ...(channel && (network as object)), clients: config.network.clients },
      // A charge that is to last for all rounds depends on how many these are.
      ...(config.devices.battery.enabled && config.devices.battery.horizon && { rounds: config.rounds }),
      ...(pricing && { power, budgets }),
      ...(!pricing && computing && { budgets: timing(budgets) }),
      ...((pricing || computing) && devices !== undefined && { devices }),
    },
    ...(channel && { drop }),
    ...(part && { quantizer: part }),
    ...(powerPart && pricing && { powerMethod: powerPart }),
  };
}

const isPriced = (field: string): boolean => pricedFields.some((one) => one === field);

/** What of the budgets says how long computation takes and which bits are billed. */
function timing(budgets: unknown): object {
  const { compute, bits } = (budgets ?? {}) as { compute?: unknown; bits?: unknown };
  return { ...(compute !== undefined && { compute }), ...(bits !== undefined && { bits }) };
}

/** Each field in which two differ, with both values: "training.localEpochs is 5 there, 2 here". */
export function differences(before: TrainingIdentity, now: TrainingIdentity): string[] {
  return differingFields(before, now).map(
    ({ path, there = usual, here = usual }) => `${path.replace(/^config\./, "")} is ${there} there, ${here} here`,
  );
}

const usual = "at its default";
