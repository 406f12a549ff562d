import type { Config } from "../../config/config.js";
import { checkPricedAlone } from "../../federated/aggregation/checks.js";
import { fingerprint, withoutDefaults } from "../../federated/fingerprint.js";
import { defaults } from "../../parts/defaults.js";
import { numerics } from "../../version.js";
import type { Job } from "../jobs/job.js";
import type { PriceBlockPayload } from "../jobs/priceBlock.js";
import type { DropsAsked } from "../jobs/priceDrops.js";
import { sourcesOf } from "../jobs/sources.js";
import type { Cell, Grid } from "./grid.js";

/** What a part of a study asks of pricing. */
export interface PricedGrid {
  name: string;
  grid: Grid;
  bitsPerEntry: DropsAsked["bitsPerEntry"];
}

/**
 * Drops of a block. It belongs to the key, so it depends on nothing but the number of clients: a study that is made
 * longer finds its blocks again. A block takes some hundredths of a second, beside which what a job costs is little.
 */
export function dropsOfBlock(clients: number): number {
  return Math.max(4, Math.round(dropsAtTwenty * Math.min(4, (20 / clients) ** 2)));
}

const dropsAtTwenty = 200;

/** Cells that differ in power method and budgets alone: they are priced on the same drops and uploads. */
interface Radio {
  config: Config;
  hash: string;
  cells: { cell: Cell; hash: string }[];
}

/** Blocks of drops, each under every power method and budget of the grid at once. */
export function priceBlockJobs({ name, grid, bitsPerEntry }: PricedGrid): Job<PriceBlockPayload>[] {
  const radios = radiosOf(grid, bitsPerEntry);
  for (const { config } of radios) checkPricedAlone(config);
  return grid.seeds.flatMap((seed) =>
    radios.flatMap((radio) => {
      const size = dropsOfBlock(radio.config.network.clients);
      const cases = radio.cells.map(({ cell }) => ({ power: cell.config.power, budgets: limitsOf(cell.config) }));
      const config = { ...radio.config, seed };
      return Array.from({ length: Math.ceil(grid.drops / size) }, (_, block): Job<PriceBlockPayload> => {
        const first = block * size;
        const count = Math.min(size, grid.drops - first);
        const yields = radio.cells.map(({ hash }) => blockKey(hash, seed, first, count));
        return {
          kind: "priceBlock",
          key: `${fingerprint([radio.hash, radio.cells.map(({ hash }) => hash)])}-${seed}-${first}-${count}`,
          name: `${name}, seed ${seed}, drops ${first} to ${first + count - 1}`,
          yields,
          cost: count * cases.length * examplesPerPrice(config),
          payload: { config, drops: { first, count }, bitsPerEntry, cases },
        };
      });
    }),
  );
}

/** Where the prices of a cell's drops stand: keys of its blocks under a seed, in the order of the drops. */
export function priceBlockKeys({ grid, bitsPerEntry }: PricedGrid): (cell: Cell, seed: number) => string[] {
  const hashes = new Map(
    radiosOf(grid, bitsPerEntry).flatMap(({ cells }) => cells.map(({ cell, hash }) => [cell, hash])),
  );
  return (cell, seed) => {
    const size = dropsOfBlock(cell.config.network.clients);
    return Array.from({ length: Math.ceil(grid.drops / size) }, (_, block) => {
      const first = block * size;
      return blockKey(hashes.get(cell)!, seed, first, Math.min(size, grid.drops - first));
    });
  };
}

function blockKey(hash: string, seed: number, first: number, count: number): string {
  return `${hash}-${seed}-${first}-${count}`;
}

function radiosOf({ cells }: Grid, bitsPerEntry: DropsAsked["bitsPerEntry"]): Radio[] {
  const radios = new Map<string, Radio>();
  for (const cell of cells) {
    const config = radioOf(cell.config);
    const hash = fingerprint({ radio: withoutDefaults(config), bitsPerEntry, numerics });
    const radio = radios.get(hash) ?? { config, hash, cells: [] };
    radios.set(hash, radio);
    const { power } = cell.config;
    const sources = sourcesOf("powerMethod", [power.method]);
    radio.cells.push({ cell, hash: fingerprint([hash, asKeyed(power), limitsOf(cell.config), sources]) });
  }
  return [...radios.values()];
}

/** A config with what the cells of a radio may have otherwise at its default. */
function radioOf(config: Config): Config {
  const { energy, latency } = defaults.budgets;
  return { ...config, seed: 0, power: defaults.power, budgets: { ...config.budgets, energy, latency } };
}

function limitsOf({ budgets: { energy, latency } }: Config) {
  return { energy, latency };
}

/** Examples that would be trained in about the time in which one drop is priced: it grows with K². */
function examplesPerPrice({ network }: Config): number {
  return 10 * (network.clients / 20) ** 2;
}

/** As the keys of prices know it: a setting that came later stands in them only where it is not as it was before. */
function asKeyed({ batteries, ...power }: Config["power"]): Config["power"] {
  return batteries === true ? { ...power, batteries } : power;
}
