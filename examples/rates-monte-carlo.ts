// What do the worst-off 5 % of the clients get, over a thousand networks, with 16 access points and with 36?
import { closedFormDrops, parseConfig, spectralEfficiency } from "cellfed";

for (const accessPoints of [16, 36]) {
  const { network, seed } = parseConfig({ network: { clients: 10, accessPoints } });
  const drops = closedFormDrops(network, { seed, first: 0, count: 1000 });
  const all = Float64Array.from(drops.flatMap((rates) => [...spectralEfficiency(rates)])).sort();
  console.log(`${accessPoints} access points: ${all[Math.floor(0.05 * all.length)]} bit/s/Hz`);
}
