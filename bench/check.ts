import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Record } from "./report.js";

/** By processor, comparison and peer: the ratio of processor times, or of the bests, when it was recorded. */
type Ratios = { [processor: string]: { [comparison: string]: { [peer: string]: number } } };

const file = "bench/ratios.json";

/**
 * What a ratio may lose before it counts as fallen: between runs on one machine ratios scatter by some percent, those of
 * peers in other processes by up to ten.
 */
export const tolerance = 0.15;

const read = (): Ratios => (existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Ratios) : {});

/** Keeps the ratios of a run as what later ones are held against on this processor. */
export function recordRatios({ machine, results }: Record): void {
  const ratios = read();
  const own = { ...ratios[machine.processor] };
  for (const { name, peers } of results)
    if (peers.length > 0)
      own[name] = Object.fromEntries(
        peers.map((peer) => [peer.name, Number((peer.ratio.processor ?? peer.ratio.best).toPrecision(3))]),
      );
  ratios[machine.processor] = Object.fromEntries(Object.entries(own).sort());
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(Object.entries(ratios).sort()), null, 2)}\n`);
  console.log(`${file}: ${results.length} comparisons of ${machine.processor} kept`);
}

/**
 * Holds a run against the committed ratios of its processor. A ratio has fallen when that of processor times, that of the
 * best times and the end of the interval of the turns' median are all more than the tolerance below what is kept: a busy
 * machine spoils one or the other, a slower kernel all of them.
 * @returns whether nothing fell
 */
export function checkRatios({ machine, results }: Record): boolean {
  const kept = read()[machine.processor];
  if (kept === undefined) {
    console.log(`${file} has no ratios of ${machine.processor}: keep some with --keep-ratios`);
    return true;
  }
  let held = 0;
  const fallen: string[] = [];
  for (const { name, peers } of results)
    for (const { name: peer, ratio } of peers) {
      const before = kept[name]?.[peer];
      if (before === undefined) continue;
      const least = before * (1 - tolerance);
      const now = Math.max(ratio.best, ratio.processor ?? 0, ratio.interval?.[1] ?? ratio.median);
      if (now >= least) held++;
      else fallen.push(`${name} beside ${peer}: ${before} before, ${now.toPrecision(3)} now`);
    }
  console.log(`${held} ratios held (within ${100 * tolerance} %), ${fallen.length} fell`);
  for (const line of fallen) console.log(`  ${line}`);
  return fallen.length === 0;
}
