import { declaration } from "../config/declaration.js";
import { InputError } from "../config/errors.js";
import type { Section, Shape } from "../config/fields.js";
import type { Registry } from "../config/registry.js";
import { allSettings, type Part, type SettingSpec, type Settings, type SettingsSpec } from "../config/settings.js";
import { datasets } from "../data/index.js";
import { receivers } from "../network/index.js";
import { completePower, powerMethods } from "../power/index.js";
import { completeQuantizer, quantizerSettings, quantizers, withoutFeedback } from "../quantizers/index.js";
import { completeSelection, selectionRules } from "../system/selection/index.js";
import { completeOptimizer, optimizers } from "../training/optimizers.js";
import { completeServer, serverRules } from "../training/server.js";

/** A kind of part that the config names, and where. */
export interface PartKind {
  /** As plugins and records call it */
  readonly kind: "quantizer" | "powerMethod" | "optimizer" | "serverRule" | "selectionRule" | "receiver" | "dataset";
  /** The section that names it */
  readonly path: string;
  /** The field of the section that holds the name */
  readonly nameField: string;
  readonly registry: Registry<Part>;
  settingsOf(part: Part): SettingsSpec;
  /** The section with the part's own settings complete; absent where parts of the kind have none */
  complete?(section: Settings): object;
  /** What a fingerprint takes for a name's defaults, where that is not the section complete */
  usual?(name: string): object;
  /** Naming another part brings all its defaults; otherwise only the settings go that it has not */
  readonly resets: boolean;
  /** Settings that only other parts of the kind have are refused, rather than without effect */
  readonly strict: boolean;
}

/** All kinds, in the order of the config's sections. */
export const catalog: readonly PartKind[] = [
  kind("dataset", "data.name", datasets),
  kind("optimizer", "training.optimizer.name", optimizers, completeOptimizer, { resets: true }),
  kind("serverRule", "server.rule", serverRules, completeServer, { resets: true }),
  kind("selectionRule", "selection.rule", selectionRules, completeSelection, { resets: true }),
  {
    ...kind("quantizer", "quantizer.name", quantizers, completeQuantizer, { resets: true, strict: true }),
    // Those that every quantizer has, too
    settingsOf: ({ name }) => quantizerSettings(name),
  },
  {
    ...kind("quantizer", "downlink.quantizer.name", quantizers, completeDownlinkQuantizer, {
      resets: true,
      strict: true,
    }),
    settingsOf({ name }) {
      const { errorFeedback: _, ...settings } = quantizerSettings(name);
      const off = Object.entries(withoutFeedback(name)).filter(([setting]) => setting in settings);
      const changed = off.map(([setting, value]) => [setting, { ...settings[setting], default: value } as SettingSpec]);
      return { ...settings, ...Object.fromEntries(changed) };
    },
    // An uplink's: where the same name once brought back what was lost, a run is known by that it no longer does.
    usual: (name) => completeQuantizer({ name }),
  },
  kind("receiver", "network.combining", receivers),
  kind("powerMethod", "power.method", powerMethods, completePower),
];

/** Without feedback, which what the server sends has already; a quantizer's own messages know of one place only. */
function completeDownlinkQuantizer(section: { name: string } & Settings): object {
  try {
    const off = withoutFeedback(section.name);
    for (const [setting, value] of Object.entries({ errorFeedback: false, ...off })) {
      const given = section[setting];
      if (given === undefined || given === value) continue;
      throw new InputError(
        `quantizer.${setting}`,
        `${given} is not allowed (allowed: ${value}; the difference from what the clients have carries what was lost already)`,
      );
    }
    const { errorFeedback: _, ...config } = completeQuantizer({ ...section, ...off });
    return { ...config, ...("errorFeedback" in off && { errorFeedback: false }) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`downlink.${error.path}`, error.message.slice(error.path.length + 2), { cause: error });
  }
}

function kind(
  name: PartKind["kind"],
  namePath: string,
  registry: Registry<Part>,
  complete?: (section: never) => object,
  { resets = false, strict = false } = {},
): PartKind {
  const dot = namePath.lastIndexOf(".");
  return {
    kind: name,
    path: namePath.slice(0, dot),
    nameField: namePath.slice(dot + 1),
    registry,
    settingsOf: (part) => part.settings ?? {},
    ...(complete !== undefined && { complete: complete as (section: Settings) => object }),
    resets,
    strict,
  };
}

/** The kind whose parts' settings stand in this section; none for closed sections. */
export function kindAt(path: string): PartKind | undefined {
  return catalog.find((one) => one.path === path && one.complete !== undefined);
}

/** Every setting that some part of the kind has. */
export function kindSettings({ registry, settingsOf }: PartKind): SettingsSpec {
  return allSettings(registry.parts, settingsOf);
}

/** The field of a section that says which it is: a section may be given by that name alone. */
export const nameOf: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    catalog.filter(({ path }) => path !== "network").map(({ path, nameField }) => [path, nameField]),
  ),
  "data.split": "kind",
  model: "preset",
  "training.schedule": "kind",
  plan: "kind",
  aggregation: "by",
  waiting: "kind",
  loss: "kind",
};

/** What is used where nothing is said, of the fields that a section declares itself. */
export function declaredDefaults({ shape }: Section<Shape> = declaration): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(shape).flatMap(([name, field]) => {
      if ("shape" in field) return [[name, declaredDefaults(field)]];
      return field.default === undefined ? [] : [[name, field.default]];
    }),
  );
}
