import { describe, expect, it } from "vitest";
import type { Config } from "../../src/config/config.js";
import { parseConfig } from "../../src/index.js";
import { catalog } from "../../src/parts/catalog.js";
import { withoutEffect } from "../../src/parts/effect.js";
import { configPaths, valueAt, withValue } from "../../src/parts/paths.js";
import { citeConfig, statements } from "../../src/report/citing/paragraph.js";
import { sources } from "../../src/report/citing/sources.js";
import { configGenerator } from "../soak/configs.js";

/** A config in words: complete, to the last digit, and with an entry for everything it cites. */

const generate = configGenerator();
const configs = Array.from({ length: 30 }, (_, number) => parseConfig(generate(20, number)));

/** Another value that a field may hold, whatever the other fields say; undefined where there is none at hand. */
function another(value: unknown, path: string): unknown {
  if (typeof value === "boolean") return !value;
  if (typeof value === "number") return value === 0 ? 1001 : value * 1.5;
  if (value === null) return 0.5;
  return path.endsWith("file") ? `${value}-2` : undefined;
}

const leaves = configPaths().filter((path) => !configPaths().some((other) => other.startsWith(`${path}.`)));
const told = (path: string) =>
  statements.some(({ tells }) => tells.some((one) => path === one || path.startsWith(`${one}.`)));

it("changes with every field that a sentence tells and that has an effect", () => {
  const tried = new Set<string>();
  const unsaid = new Set<string>();
  for (const config of configs) {
    for (const path of leaves.filter(told)) {
      const value = another(valueAt(config, path), path);
      if (value === undefined || withoutEffect(config, [path]).length > 0) continue;
      tried.add(path);
      const changed = withValue<Config>(config, path, value);
      const texts = [changed, config].map((one) => withoutFingerprint(citeConfig(one).text));
      if (texts[0] === texts[1]) unsaid.add(path);
    }
  }
  expect([...unsaid]).toEqual([]);
  expect(tried.size).toBeGreaterThan(50);
});

function withoutFingerprint(text: string): string {
  return text.replace(/fingerprint is \w+/, "");
}

it("lists at the end what no sentence tells", () => {
  const config = parseConfig({ evaluation: { every: 3 } });
  const unknown = withValue(config, "budgets.somethingNew", 4);
  expect(citeConfig(unknown).text).toContain("budgets.somethingNew = 4");
  expect(citeConfig(config).text).not.toContain("Other settings");
});

it("is whole in every form, for any config", () => {
  for (const config of configs) {
    const { text, markdown, latex, bibtex, keys } = citeConfig(config, { seeds: [1, 2], engine: { node: "Node v24" } });
    expect(text).not.toMatch(/undefined|NaN|\[object|\$|@| {2}|\.\./);
    expect(markdown.split("$").length % 2).toBe(1);
    expect(latex.split("$").length % 2).toBe(1);
    expect(`${latex}${bibtex}`).toMatch(/^[\n -~]*$/);
    expect(keys.length).toBeGreaterThan(2);
    for (const key of keys) expect(bibtex).toContain(`{${key},\n`);
    expect(bibtex.split("{").length).toBe(bibtex.split("}").length);
  }
});

it("gives numbers as they are", () => {
  const { text } = citeConfig(
    parseConfig({ network: { bandwidth: 12_345_678.9, area: 1e-7 + 1000, ageing: { enabled: true } } }),
  );
  for (const said of ["12.3456789 MHz", "1000.0000001 m", "2 GHz, 5 μs a sample", "L = 5 local epochs"])
    expect(text).toContain(said);
});

it("says what was measured where, and over which seeds", () => {
  const { text } = citeConfig(parseConfig({ preset: "quick" }), { seeds: [1, 4, 9], engine: { node: "Node v24.1.0" } });
  expect(text).toContain("over the seeds 1, 4, 9");
  expect(text).toMatch(/numerics \d+; Node v24\.1\.0/);
});

describe.each(catalog.map((kind) => [kind.kind, kind] as const))("%s", (_, { path, nameField, registry }) => {
  const texts = registry.names.map((name) =>
    withoutFingerprint(citeConfig(withValue<Config>(parseConfig({}), `${path}.${nameField}`, name)).text),
  );
  it.each(registry.names)("%s is told apart from the others", (name) => {
    const mine = texts[registry.names.indexOf(name)];
    expect(texts.filter((text) => text === mine)).toHaveLength(1);
  });
});

it("no source stands there for nothing", () => {
  const cited = new Set(
    catalog.flatMap(({ path, nameField, registry }) =>
      registry.names.flatMap(
        (name) => citeConfig(withValue<Config>(parseConfig({}), `${path}.${nameField}`, name)).keys,
      ),
    ),
  );
  const others = [
    { data: { split: "dirichlet" } },
    { training: { proximal: 1 } },
    { model: "lenet" },
    { quantizer: { name: "emq", errorFeedback: true } },
    { quantizer: { name: "qsgd", schedule: "loss" } },
  ] as const;
  for (const one of others) for (const key of citeConfig(parseConfig(one)).keys) cited.add(key);
  expect(Object.keys(sources).filter((key) => !cited.has(key))).toEqual([]);
});
