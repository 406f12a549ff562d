// How does a channel from elsewhere (measured, ray-traced, of a MATLAB script) do? Rates, then a training over it.
import { compareSchemes, importChannel, simulate } from "cellfed";

const network = importChannel({
  ...{ accessPoints: 4, antennas: 2, clients: 3, pilots: 3, coherence: 200 },
  ...{ bandwidth: 20e6, noisePower: 4e-13, transmitPower: 0.1 },
  // β, a row a client, a column an access point
  gain: [
    [1e-9, 3e-11, 2e-11, 5e-12],
    [2e-11, 8e-10, 4e-11, 1e-11],
    [6e-12, 2e-11, 5e-11, 9e-10],
  ],
});
const rates = compareSchemes(network, ["mr", "p-mmse"], { realizations: 100, key: { seed: 1, round: 0, drop: 0 } });
for (const [name, { spectralEfficiency }] of Object.entries(rates)) console.log(name, [...spectralEfficiency]);

const config = { preset: "quick", rounds: 3, data: { trainExamples: 300 }, network: { clients: 3 } } as const;
const { final } = await simulate(config, { network });
console.log(`${final.latency} s for ${final.rounds} rounds`);
