import { expect, test } from "vitest";
import type { SettingSpec, SettingsSpec } from "../../src/config/settings.js";
import { catalog, kindSettings, type PartKind } from "../../src/parts/catalog.js";

/** Longest line of the formatter. */
const width = 120;

test("src/parts/partTypes.ts has the parts as they are declared (`npx vitest run --project release test/parts/partTypes.test.ts -u` renews it)", async () => {
  await expect(partTypes()).toMatchFileSnapshot("../../src/parts/partTypes.ts");
});

/** The types of the parts' names and settings: a program cannot draw them from registries that grow while it runs. */
function partTypes(): string {
  const of = (kind: PartKind["kind"]) => catalog.find((one) => one.kind === kind)!;
  const quantizers = of("quantizer");
  const each = quantizers.registry.parts.map((part) =>
    [
      `  /** ${sentence(part.summary ?? part.name)} */`,
      `  ${key(part.name)}: {`,
      ...settingLines(quantizers.settingsOf(part), "    "),
      "  };",
    ].join("\n"),
  );
  return `${[
    "// The names of the parts that come with the library and their settings, as these declare them.\n// Written by test/parts/partTypes.test.ts, which says how to renew it.",
    ["/** The settings of every quantizer, by its name. */", "export interface QuantizerSettings {", ...each, "}"].join(
      "\n",
    ),
    settingsInterface("PowerMethodSettings", "power methods", of("powerMethod")),
    settingsInterface("LocalOptimizerSettings", "local optimizers", of("optimizer")),
    settingsInterface("ServerRuleSettings", "server rules", of("serverRule")),
    settingsInterface("SelectionRuleSettings", "selection rules", of("selectionRule")),
    union("PowerMethodName", "power method", of("powerMethod").registry.names),
    union("LocalOptimizerName", "local optimizer", of("optimizer").registry.names),
    union("ServerRuleName", "server rule", of("serverRule").registry.names),
    union("SelectionRuleName", "selection rule", of("selectionRule").registry.names),
    union("ReceiverName", "receiver", of("receiver").registry.names),
    union("DatasetName", "data set", of("dataset").registry.names),
  ].join("\n\n")}\n`;
}

function settingsInterface(name: string, what: string, kind: PartKind): string {
  return [
    `/** Every setting that some of the ${what} have. */`,
    `export interface ${name} {`,
    ...settingLines(kindSettings(kind), "  ", (setting) => sameDefault(kind, setting)),
    "}",
  ].join("\n");
}

/** Whether all parts that have the setting use the same where it is not given. */
function sameDefault({ registry, settingsOf }: PartKind, setting: string): boolean {
  return new Set(registry.parts.flatMap((part) => settingsOf(part)[setting]?.default ?? [])).size === 1;
}

function settingLines(settings: SettingsSpec, indent: string, tellsDefault = (_: string) => true): string[] {
  return Object.entries(settings).flatMap(([name, spec]) => [
    `${indent}/** ${sentence(aboutSetting(spec, tellsDefault(name)))} */`,
    `${indent}${key(name)}?: ${typeOf(spec)} | undefined;`,
  ]);
}

function aboutSetting({ summary, unit, default: usual }: SettingSpec, tellsDefault: boolean): string {
  const about = [summary, unit].filter((part) => part !== undefined).join(", ");
  return tellsDefault ? `${about}; ${JSON.stringify(usual)} where not given` : about;
}

function typeOf({ default: usual, choices }: SettingSpec): string {
  return choices?.map((name) => JSON.stringify(name)).join(" | ") ?? typeof usual;
}

/** A union as the formatter writes it. */
function union(name: string, what: string, names: readonly string[]): string {
  const parts = names.map((one) => JSON.stringify(one));
  const line = `export type ${name} = ${parts.join(" | ")};`;
  const text = line.length <= width ? line : `export type ${name} =\n${parts.map((part) => `  | ${part}`).join("\n")};`;
  return `/** A ${what} that comes with the library. */\n${text}`;
}

function sentence(text: string): string {
  return text.replaceAll("*/", "* /");
}

function key(name: string): string {
  return /^[a-z]\w*$/i.test(name) ? name : JSON.stringify(name);
}
