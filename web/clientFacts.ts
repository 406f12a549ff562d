import { sharesOf } from "../src/federated/shares.js";
import { type Config, type Dataset, drawDevices, labelTable } from "../src/index.js";
import { computeSeconds } from "../src/system/devices.js";
import type { ClientFacts } from "./figures.js";

/** What a run knows of its clients before its first round; one entry a client. @throws InputError where one has no examples */
export function factsOf(config: Config, dataset: Dataset): ClientFacts {
  const shares = sharesOf(dataset, config);
  const devices = drawDevices(config);
  const examples = shares.map(({ length }) => length);
  const mixed = (counts: Int32Array, k: number) => Array.from(counts, (count) => count / examples[k]!);
  return {
    examples,
    classes: dataset.task === "classification" ? labelTable(dataset, shares).map(mixed) : undefined,
    epochSeconds: [...computeSeconds(config, devices, examples)],
    frequency: [...devices.frequency],
    charge: config.devices.battery.enabled ? [...devices.charge] : undefined,
  };
}
