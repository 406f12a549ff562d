import type { Config } from "../../config/config.js";
import { InputError } from "../../config/errors.js";
import { withoutDefaults } from "../../federated/fingerprint.js";
import { partsOf } from "../../parts/plugins.js";
import type { GridPlan } from "./grid.js";
import type { ComparePlan } from "./plan.js";
import type { PartPlan, StudyPlan } from "./planForm.js";
import type { PricingStudy } from "./pricings.js";

/** What other commands do, as plans of studies: their trainings have the same keys, so that neither is done twice. */

type AxesPlan = NonNullable<PartPlan["axes"]>;
type Settings = NonNullable<PartPlan["set"]>;

/** A comparison as a plan. @param config what all cells share */
export function comparisonPlan(name: string, plan: ComparePlan, config: Config, plugins: readonly string[]): StudyPlan {
  const { quantizers, power, optimizers, splits, servers, vary = [], budgets, seeds = [1], drops = 1, baseline } = plan;
  const named = { quantizer: quantizers, power, optimizer: optimizers, split: splits, server: servers };
  const axes: AxesPlan = {};
  for (const [axis, list] of Object.entries(named)) if (list !== undefined) axes[axis] = list.map((one) => one.trim());
  for (const text of vary) {
    const equals = text.indexOf("=");
    const values = text.slice(equals + 1).split(",");
    axes[text.slice(0, equals).trim()] = values.map((value) => settingOf(value.trim()));
  }
  return {
    name,
    ...(plugins.length > 0 && { plugins: [...plugins] }),
    base: baseOf(config),
    axes,
    seeds: seedsText(seeds),
    drops,
    ...(budgets !== undefined && { budgets: budgets.map(budgetOf) }),
    ...(baseline !== undefined && { baseline }),
  };
}

/** A grid as a part, its variants one by one. */
export function gridPart(name: string, plan: GridPlan): PartPlan {
  const { preset, file, sets = [], axes, seeds, drops, baseline } = plan;
  if (file !== undefined) throw new InputError("--plan", "a grid over a config file is no preset's");
  return {
    name,
    base: preset ?? "quick",
    set: settingsOf(sets),
    axes: Object.fromEntries(
      axes.map((axis) => [
        axis.name,
        { cases: axis.variants.map(({ label, sets }) => ({ label, set: settingsOf(sets) })) },
      ]),
    ),
    seeds: seedsText(seeds),
    drops,
    ...(baseline !== undefined && { baseline }),
  };
}

/** Drops priced without training, as a part: a case is a power method at its budgets. */
export function pricingPart({ name, config, seeds, drops, bitsPerEntry, cases }: PricingStudy): PartPlan {
  return {
    name,
    jobs: "pricing",
    base: baseOf(config),
    axes: {
      case: {
        cases: cases.map(({ power, budgets }) => {
          const settings = Object.entries(power).map(([key, value]) => (key === "method" ? value : `${key}=${value}`));
          const set: Settings = {
            power: power as Settings,
            "budgets.energy": budgets.energy,
            "budgets.latency": budgets.latency,
          };
          return { label: `${settings.join(":")}, ${budgets.energy} J, ${budgets.latency} s`, set };
        }),
      },
    },
    seeds: seedsText(seeds),
    drops,
    bitsPerEntry: structuredClone(bitsPerEntry) as PartPlan["bitsPerEntry"],
  };
}

/** Seed, and whatever a study says elsewhere, left out. */
function baseOf(config: Config): Settings {
  const own = partsOf(config).length > 0 ? (config as object) : withoutDefaults(config);
  const { seed: _, ...rest } = own as Settings & { seed?: unknown };
  return rest as Settings;
}

function settingsOf(sets: readonly string[]): Settings {
  return Object.fromEntries(
    sets.map((set) => {
      const equals = set.indexOf("=");
      return [set.slice(0, equals).trim(), settingOf(set.slice(equals + 1))];
    }),
  );
}

/** As `--set` takes it: JSON, else the text itself. */
function settingOf(text: string): Settings[string] {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** "energy=0.5,latency=none" as { energy: 0.5, latency: null }. */
function budgetOf(text: string): { energy?: number | null; latency?: number | null } {
  return Object.fromEntries(
    text.split(",").map((part) => {
      const [what, limit] = part.split("=").map((one) => one.trim());
      return [what!, limit === "none" ? null : Number(limit)];
    }),
  );
}

function seedsText(seeds: readonly number[]): string | number[] {
  const first = seeds[0]!;
  const inOrder = first >= 0 && seeds.length > 1 && seeds.every((seed, i) => seed === first + i);
  return inOrder ? `${first}..${seeds.at(-1)}` : [...seeds];
}
