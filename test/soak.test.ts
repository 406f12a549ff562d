import { expect, it } from "vitest";
import { catalog } from "../src/parts/catalog.js";
import { parseConfig } from "../src/parts/resolve.js";
import { layers } from "../src/training/layers/registry.js";
import { configGenerator, smallerConfigs, withoutRefused } from "./soak/index.js";
import { layerSettings } from "./soak/layers.js";

it("draws every name that there is, and the same again for a seed", () => {
  const configOf = configGenerator();
  const drawn = Array.from({ length: 700 }, (_, number) => configOf(5, number));
  expect(configOf(5, 7)).toEqual(drawn[7]);
  const whole = drawn.map((config) => parseConfig(config));
  const files = ["mnist", "fashion-mnist", "cifar10", "cifar100", "text"];
  for (const { path, nameField, registry } of catalog) {
    const found = new Set(
      whole.map((config) => path.split(".").reduce<never>((at, key) => at[key], config as never)[nameField]),
    );
    const missing = registry.names.filter((name) => !found.has(name as never) && !files.includes(name));
    expect(missing).toEqual([]);
  }
  expect(Object.keys(layerSettings)).toEqual(Object.keys(layers));
}, 60_000);

it("makes a config smaller field by field, and goes on without what was refused", () => {
  const config = { rounds: 2, network: { clients: 3, pilots: 9 }, quantizer: { name: "laq" } };
  expect(smallerConfigs(config)).toContainEqual({ rounds: 2, network: { clients: 3 }, quantizer: { name: "laq" } });
  expect(smallerConfigs(config)).toContainEqual({ rounds: 2, quantizer: { name: "laq" } });
  expect(withoutRefused(config, "network.pilots: 9 pilots leave none")?.network).toEqual({ clients: 3 });
  expect(withoutRefused(config, "data.name: …")).toBeUndefined();
});
