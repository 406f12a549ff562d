import { log10, pow } from "../../bindings/math.js";
import { stream } from "../../bindings/random.js";
import type { RateModel, UploadProblem } from "../../src/config/records.js";

/**
 * A drop of the paper's network, written out plainly from the model (sections 1 to 3) so that these tests do not
 * lean on src/network: 16 access points on a jittered grid, 4 antennas, MR closed form, everyone served by all.
 */
export function drop(seed: number, clients: number): RateModel {
  const random = stream(seed, "test", clients);
  const accessPoints = 16;
  const antennas = 4;
  const coherence = 200;
  const pilots = Math.min(clients, 10);
  const noise = pow(10, (-174 + 7 + 10 * log10(20e6) - 30) / 10);
  const snr = 0.1 / noise;
  const grid = Array.from({ length: accessPoints }, (_, l) => [
    125 + 250 * (l % 4) + 125 * (random.uniform() - 0.5),
    125 + 250 * Math.floor(l / 4) + 125 * (random.uniform() - 0.5),
  ]);
  const wrapped = (a: number, b: number): number => Math.min(Math.abs(a - b), 1000 - Math.abs(a - b));
  const gain = Array.from({ length: clients }, () => {
    const x = 1000 * random.uniform();
    const y = 1000 * random.uniform();
    return grid.map(([ax, ay]) => {
      const distance = Math.sqrt(wrapped(x, ax!) ** 2 + wrapped(y, ay!) ** 2 + 100);
      return pow(10, (-30.5 - 36.7 * log10(distance) + 4 * random.normal()) / 10);
    });
  });
  const pilot: number[] = [];
  for (let k = 0; k < clients; k++) {
    if (k < pilots) {
      pilot.push(k);
      continue;
    }
    const best = gain[k]!.indexOf(Math.max(...gain[k]!));
    const load = new Array<number>(pilots).fill(0);
    for (let i = 0; i < k; i++) load[pilot[i]!]! += gain[i]![best]!;
    pilot.push(load.indexOf(Math.min(...load)));
  }
  const pp = pilots * snr;
  const gamma = gain.map((row, k) =>
    row.map((beta, l) => {
      let sum = 0;
      for (let i = 0; i < clients; i++) if (pilot[i] === pilot[k]) sum += gain[i]![l]!;
      return (pp * beta * beta) / (pp * sum + 1);
    }),
  );
  const total = (f: (l: number) => number): number => {
    let sum = 0;
    for (let l = 0; l < accessPoints; l++) sum += f(l);
    return sum;
  };
  const model: RateModel = {
    clients,
    signal: new Float64Array(clients),
    selfInterference: new Float64Array(clients),
    interference: new Float64Array(clients * clients),
    noise: new Float64Array(clients),
    bandwidth: 20e6 * (1 - pilots / coherence),
    transmitPower: 0.1,
  };
  for (let k = 0; k < clients; k++) {
    const sum = total((l) => gamma[k]![l]!);
    model.signal[k] = (antennas * sum) ** 2;
    model.selfInterference[k] = antennas * total((l) => gamma[k]![l]! * gain[k]![l]!);
    model.noise[k] = (antennas * sum) / snr;
    for (let j = 0; j < clients; j++) {
      if (j === k) continue;
      const coherent =
        pilot[j] === pilot[k] ? (antennas * total((l) => (gamma[k]![l]! * gain[j]![l]!) / gain[k]![l]!)) ** 2 : 0;
      model.interference[k * clients + j] = antennas * total((l) => gamma[k]![l]! * gain[j]![l]!) + coherent;
    }
  }
  return model;
}

/** The comparison of the reference medians: S_k ~ U(1.05, 1.3)·d bits, ℓ_c = 0.075 s, 0.5 J (K ≤ 20) or 1 J and 5 s. */
export function roundProblem(seed: number, clients: number): UploadProblem {
  const random = stream(seed, "test", clients, 1);
  return {
    rates: drop(seed, clients),
    bits: Float64Array.from({ length: clients }, () => Math.round(462410 * (1.05 + 0.25 * random.uniform()))),
    computeLatency: 0.075,
    budgets: { energy: clients <= 20 ? 0.5 : 1, latency: 5 },
  };
}
