import type { Network } from "../../src/network/index.js";

/** MODEL's rates of maximum ratio, loop by loop; SINR at full power. */
export function scalarClosedForm(network: Network): number[] {
  const { clients: K, accessPoints: L, antennas: N, gain, pilotIndex, serves } = network;
  const rho = network.transmitPower / network.noisePower;
  const p = network.pilots * rho;
  const beta = (k: number, l: number) => gain[k * L + l]!;
  const mates = (k: number) => [...Array(K).keys()].filter((i) => pilotIndex[i] === pilotIndex[k]);
  const gamma = (k: number, l: number) =>
    serves[k * L + l] ? (p * beta(k, l) ** 2) / (p * mates(k).reduce((s, i) => s + beta(i, l), 0) + 1) : 0;
  return [...Array(K).keys()].map((k) => {
    const sum = (term: (l: number) => number) => [...Array(L).keys()].reduce((s, l) => s + term(l), 0);
    const signal = (N * sum((l) => gamma(k, l))) ** 2;
    let rest = N * sum((l) => gamma(k, l) * beta(k, l)) + (N * sum((l) => gamma(k, l))) / rho;
    for (let j = 0; j < K; j++) {
      if (j === k) continue;
      rest += N * sum((l) => gamma(k, l) * beta(j, l));
      if (pilotIndex[j] === pilotIndex[k]) rest += (N * sum((l) => (gamma(k, l) * beta(j, l)) / beta(k, l))) ** 2;
    }
    return signal / rest;
  });
}
