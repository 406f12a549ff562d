import { describe, expect, it } from "vitest";
import { stream } from "../../bindings/random.js";
import { aged } from "../../src/network/ageing.js";
import { estimateChannels } from "../../src/network/estimates.js";
import { fadingWeights } from "../../src/network/fadingWeights.js";
import {
  closedFormRates,
  compareSchemes,
  createMovement,
  createNetwork,
  type Network,
  rateModel,
  schemeNames,
  sinr,
  spectralEfficiency,
} from "../../src/network/index.js";
import { maximumRatioMoments } from "../../src/network/maximumRatio.js";
import { distributedRates } from "../../src/network/moments.js";
import { simulateRates } from "../../src/network/monteCarlo.js";
import { alongPrincipalDirections } from "../../src/network/principalDirections.js";
import { paperNetwork } from "./fixtures.js";

const key = { seed: 3, round: 0, drop: 0 };
const scattering = { model: "local-scattering", azimuthSpread: 15, elevationSpread: 15 } as const;
const rician = { enabled: true, kFactor: 3 };
const small = paperNetwork({
  clients: 9,
  accessPoints: 9,
  antennas: 3,
  pilots: 4,
  clusters: "dcc",
  correlation: scattering,
});

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

describe("estimation", () => {
  it("splits the channel's covariance into the estimate's and the error's", () => {
    const network = createNetwork(small, { seed: 1 });
    const { covariance, means, error } = estimateChannels(network);
    const N = network.antennas;
    for (let block = 0; block < network.clients * network.accessPoints; block++)
      for (let a = 0; a < N; a++)
        for (let b = 0; b < N; b++) {
          const at = 2 * ((block * N + a) * N + b);
          let [re, im] = [error[at]!, error[at + 1]!];
          for (let m = 0; m < N; m++) {
            const [x, y] = [2 * ((block * N + a) * N + m), 2 * ((block * N + b) * N + m)];
            re += means[x]! * means[y]! + means[x + 1]! * means[y + 1]!;
            im += means[x + 1]! * means[y]! - means[x]! * means[y + 1]!;
          }
          const scale = covariance[2 * block * N * N]!;
          expect(Math.abs(re - covariance[at]!)).toBeLessThan(1e-12 * scale);
          expect(Math.abs(im - covariance[at + 1]!)).toBeLessThan(1e-12 * scale);
        }
  });
});

describe("principal directions of the pilot signals", () => {
  const N = 3;
  const network = createNetwork(small, { seed: 1 });
  const estimates = estimateChannels(network);
  const { means } = alongPrincipalDirections(network, estimates);
  /** W W^H of a block, or W^H W, added up over blocks */
  const product = (w: Float64Array, blocks: number[], adjointFirst: boolean) => {
    const out = new Float64Array(2 * N * N);
    const at = (block: number, a: number, m: number) => 2 * (block * N * N + (adjointFirst ? m * N + a : a * N + m));
    for (const block of blocks)
      for (let a = 0; a < N; a++)
        for (let b = 0; b < N; b++)
          for (let m = 0; m < N; m++) {
            const [x, y] = [at(block, a, m), at(block, b, m)];
            out[2 * (a * N + b)]! += w[x]! * w[y]! + w[x + 1]! * w[y + 1]!;
            out[2 * (a * N + b) + 1]! += (adjointFirst ? 1 : -1) * (w[x]! * w[y + 1]! - w[x + 1]! * w[y]!);
          }
    return out;
  };

  it("leave the estimates' covariance as it is", () => {
    for (let block = 0; block < network.clients * network.accessPoints; block++) {
      const before = product(estimates.means, [block], false);
      const scale = Math.max(...before);
      product(means, [block], false).forEach((value, i) => {
        expect(Math.abs(value - before[i]!)).toBeLessThan(1e-13 * scale);
      });
    }
  });

  it("do not mix in the power of an access point's pilot", () => {
    for (let l = 0; l < network.accessPoints; l++)
      for (const pilot of new Set(network.pilotIndex)) {
        const users = [...network.pilotIndex.keys()].filter((k) => network.pilotIndex[k] === pilot);
        const gram = product(
          means,
          users.map((k) => l * network.clients + k),
          true,
        );
        const scale = Math.max(...gram);
        for (let a = 0; a < N; a++)
          for (let b = 0; b < N; b++) {
            if (a === b) continue;
            const at = 2 * (a * N + b);
            // Two sweeps do not go on until rounding: a per cent or so is left.
            expect(Math.hypot(gram[at]!, gram[at + 1]!)).toBeLessThan(0.05 * scale);
          }
      }
  });
});

describe("clusters", () => {
  it("every AP serves one client on each used pilot besides those whose strongest AP it is", () => {
    for (let drop = 0; drop < 20; drop++) {
      const { clients: K, accessPoints: L, gain, serves, pilotIndex } = createNetwork(small, { seed: 1, drop });
      for (let k = 0; k < K; k++) {
        const row = gain.subarray(k * L, (k + 1) * L);
        expect(serves[k * L + row.indexOf(Math.max(...row))]).toBe(1);
      }
      for (let l = 0; l < L; l++)
        for (const t of new Set(pilotIndex)) {
          const users = [...pilotIndex.keys()].filter((k) => pilotIndex[k] === t);
          const best = users.reduce((a, b) => (gain[b * L + l]! > gain[a * L + l]! ? b : a));
          expect(serves[best * L + l]).toBe(1);
          for (const k of users) {
            const row = gain.subarray(k * L, (k + 1) * L);
            if (k !== best && serves[k * L + l]) expect(row[l]).toBe(Math.max(...row));
          }
        }
    }
  });
});

describe("receivers", () => {
  const network = createNetwork(small, { seed: 2 });
  const rates = compareSchemes(network, schemeNames, { realizations: 400, key });
  const of = (name: string) => mean(rates[name]!.spectralEfficiency);

  it("stand in their order: more knowledge, more rate", () => {
    expect(of("mmse")).toBeGreaterThanOrEqual(of("p-mmse"));
    expect(of("p-mmse")).toBeGreaterThanOrEqual(of("p-rzf"));
    expect(of("p-rzf")).toBeGreaterThan(of("mr-centralized"));
    expect(of("mmse")).toBeGreaterThan(of("l-mmse+lsfd"));
    for (const local of ["l-mmse", "lp-mmse", "mr"]) {
      expect(of(`${local}+lsfd`)).toBeGreaterThanOrEqual(of(`${local}+n-lsfd`) - 1e-12);
      expect(of(`${local}+n-lsfd`)).toBeGreaterThan(of(local));
    }
  });

  it("do not see a common factor of powers and noise", () => {
    const scaled = { ...network, transmitPower: network.transmitPower * 64, noisePower: network.noisePower * 64 };
    const again = compareSchemes(scaled, schemeNames, { realizations: 400, key });
    for (const name of schemeNames) expect(again[name]).toEqual(rates[name]);
  });

  it("the antenna form solves what the client form does", () => {
    // One AP more or less decides which system is the smaller: 1 AP of 3 antennas against 5 clients, then 2 APs.
    for (const accessPoints of [1, 4]) {
      const config = paperNetwork({ clients: 5, accessPoints, antennas: 3, pilots: 4, correlation: scattering });
      const n = createNetwork(config, { seed: 5 });
      const { mmse, "p-mmse": partial } = compareSchemes(n, ["mmse", "p-mmse"], { realizations: 40, key });
      for (let k = 0; k < 5; k++) expect(partial!.spectralEfficiency[k]).toBeCloseTo(mmse!.spectralEfficiency[k]!, 9);
    }
  });

  it.each(schemeNames)("%s yields a rate model for power allocation", (combining) => {
    const model = rateModel(network, { ...small, combining, realizations: 400 }, { seed: 3 });
    const se = spectralEfficiency(model, undefined, 0.98);
    const other = rates[combining]!;
    for (let k = 0; k < network.clients; k++) {
      // Use-and-then-forget is a lower bound of Theorem 5.1; for distributed schemes it is the same number.
      if (other.interval[k] === 0) expect(se[k]).toBeCloseTo(other.spectralEfficiency[k]!, 10);
      else expect(se[k]).toBeLessThan(other.spectralEfficiency[k]! + 3 * other.interval[k]! + 1e-9);
    }
    const half = sinr(model, new Float64Array(network.clients).fill(0.5));
    expect(half.every((x, k) => x < sinr(model)[k]! && x > 0.25 * sinr(model)[k]!)).toBe(true);
  });
});

describe("maximum ratio in closed form equals its simulation", () => {
  const cases: [string, Partial<typeof small>, "mmse" | "ls" | "element-wise-mmse", number][] = [
    ["MMSE", {}, "mmse", 1],
    ["least squares", {}, "ls", 1],
    ["element-wise MMSE", {}, "element-wise-mmse", 1],
    ["Rician", { rician }, "mmse", 1],
    ["Rician, least squares", { rician }, "ls", 1],
    ["aged", {}, "mmse", 0.8],
    ["aged, element-wise", {}, "element-wise-mmse", 0.8],
  ];
  it.each(cases)("%s", (_, changes, estimator, rho) => {
    const network = createNetwork({ ...small, ...changes }, { seed: 2 });
    const estimates = aged(estimateChannels(network, estimator), rho, network.antennas);
    const moments = maximumRatioMoments(network, estimates);
    const options = { realizations: 6000, key };
    for (const weighting of ["none", "nearly-optimal"] as const) {
      const exact = spectralEfficiency(distributedRates(network, moments, fadingWeights(network, moments, weighting)));
      const [simulated] = simulateRates(
        network,
        estimates,
        [{ operation: "distributed", combiner: "mr", weighting }],
        options,
      );
      for (let k = 0; k < network.clients; k++) {
        const share = 1 - network.pilots / network.coherence;
        // Half a 95 % interval is 2.26 deviations (Student, 9): two halves are 4.5, one in 10⁴ with so few parts.
        expect(Math.abs(simulated!.spectralEfficiency[k]! / share - exact[k]!)).toBeLessThan(
          (2 * simulated!.interval[k]!) / share + 0.002 * exact[k]!,
        );
      }
    }
  });
});

describe("the closed form", () => {
  it("for uncorrelated fading is a case of the general one", () => {
    for (const clusters of ["all", "dcc"] as const) {
      const network = createNetwork(paperNetwork({ clients: 12, clusters }), { seed: 4 });
      const moments = maximumRatioMoments(network, estimateChannels(network));
      const general = sinr(distributedRates(network, moments, fadingWeights(network, moments, "none")));
      sinr(closedFormRates(network)).forEach((value, k) => {
        expect(Math.abs(general[k]! / value - 1)).toBeLessThan(1e-10);
      });
    }
  });
});

/**
 * Explicit channels and pilots in plain numbers, sharing nothing with the kernels: one AP, N = 2 uncorrelated antennas,
 * clients on one pilot, Rician. @returns mean of v_0^H h_i and of its square for each i
 */
function explicit(network: Network, estimator: "mmse" | "ls", draws: number): { mean: number[]; square: number[] } {
  const K = network.clients;
  const N = network.antennas;
  const random = stream(9, "test");
  const snr = network.transmitPower / network.noisePower;
  const power = Array.from(network.gain, (g) => g * snr);
  const los = network.lineOfSight!;
  const out = { mean: new Array<number>(K).fill(0), square: new Array<number>(K).fill(0) };
  const e = network.pilots;
  const total = power.reduce((s, p, i) => s + p * los.scattered[i]!, 0);
  for (let d = 0; d < draws; d++) {
    const phase = power.map(() => 2 * Math.PI * random.uniform());
    const bar = power.map((p, i) =>
      Array.from({ length: N }, (_, n) => {
        const [re, im] = [los.re[i * N + n]!, los.im[i * N + n]!];
        const [c, s] = [Math.cos(phase[i]!), Math.sin(phase[i]!)];
        return [Math.sqrt(p) * (re * c - im * s), Math.sqrt(p) * (re * s + im * c)] as const;
      }),
    );
    const h = power.map((p, i) =>
      Array.from({ length: N }, (_, n) => {
        const scale = Math.sqrt((p * los.scattered[i]!) / 2);
        return [bar[i]![n]![0] + scale * random.normal(), bar[i]![n]![1] + scale * random.normal()] as const;
      }),
    );
    const v = Array.from({ length: N }, (_, n) => {
      const part = (c: 0 | 1) => {
        const y = Math.sqrt(e) * h.reduce((s, x) => s + x[n]![c], 0) + Math.SQRT1_2 * random.normal();
        if (estimator === "ls") return y / Math.sqrt(e);
        const known = Math.sqrt(e) * bar.reduce((s, x) => s + x[n]![c], 0);
        return bar[0]![n]![c] + ((Math.sqrt(e) * power[0]! * los.scattered[0]!) / (e * total + 1)) * (y - known);
      };
      return [part(0), part(1)] as const;
    });
    for (let i = 0; i < K; i++) {
      let [re, im] = [0, 0];
      for (let n = 0; n < N; n++) {
        re += v[n]![0] * h[i]![n]![0] + v[n]![1] * h[i]![n]![1];
        im += v[n]![0] * h[i]![n]![1] - v[n]![1] * h[i]![n]![0];
      }
      out.mean[i]! += re / draws;
      out.square[i]! += (re * re + im * im) / draws;
    }
  }
  return out;
}

describe("Rician fading", () => {
  it.each(["mmse", "ls"] as const)("%s moments equal those of explicit channels and pilots", (estimator) => {
    const config = paperNetwork({ clients: 3, accessPoints: 1, antennas: 2, pilots: 1, rician });
    const network = createNetwork(config, { seed: 1 });
    network.gain = Float64Array.from([4, 2.5, 0.7], (x) => (x * network.noisePower) / network.transmitPower);
    const moments = maximumRatioMoments(network, estimateChannels(network, estimator));
    const draws = 40_000;
    const seen = explicit(network, estimator, draws);
    for (let i = 0; i < 3; i++) {
      // The deviation of |v^H h|² is about twice its mean here: five of its standard errors are 10/√40000 = 5 %; the
      // mean's error is the root of the square over √draws.
      expect(Math.abs(seen.square[i]! / moments.square[i]! - 1)).toBeLessThan(0.05);
      expect(Math.abs(seen.mean[i]! - moments.mean[2 * i]!)).toBeLessThan(5 * Math.sqrt(moments.square[i]! / draws));
    }
  });
});

describe("movement", () => {
  it.each(["straight", "random-waypoint"] as const)("%s: ends for rounds beyond all time", (model) => {
    const config = paperNetwork({ clients: 3, mobility: { model, speed: 40, clock: "rounds", interval: 1 } });
    const movement = createMovement(createNetwork(config, { seed: 1 }), config, { seed: 1 });
    movement.at(1, 0);
    expect(movement.at(2, 1e299).clientPositions.every((x) => x >= 0 && x <= 1000)).toBe(true);
  });

  it.each(["straight", "random-waypoint"] as const)(
    "%s: as far as the seconds allow, inside the area, the same again",
    (model) => {
      // Rounds of 5 and of 10 s in turn
      const begins = (round: number) => 5 * Math.floor(round / 2) + 10 * Math.floor((round - 1) / 2);
      for (const wrapAround of [true, false]) {
        const config = paperNetwork({
          clients: 6,
          wrapAround,
          mobility: { model, speed: 40, clock: "rounds", interval: 1 },
        });
        const network = createNetwork(config, { seed: 1 });
        const movement = createMovement(network, config, { seed: 1 });
        expect(movement.at(1, 0).gain).toEqual(network.gain);
        let before = network.clientPositions;
        for (let round = 2; round < 12; round++) {
          const { clientPositions } = movement.at(round, begins(round));
          const way = 40 * (begins(round) - begins(round - 1));
          for (let k = 0; k < 6; k++) {
            const d = [0, 1].map((axis) => {
              const x = clientPositions[2 * k + axis]! - before[2 * k + axis]!;
              return wrapAround ? x - 1000 * Math.round(x / 1000) : x;
            });
            expect(Math.hypot(d[0]!, d[1]!)).toBeLessThan(way + 1e-6);
            if (model === "straight" && wrapAround) expect(Math.hypot(d[0]!, d[1]!)).toBeCloseTo(way, 6);
          }
          expect(clientPositions.every((x) => x >= 0 && x <= 1000)).toBe(true);
          before = clientPositions;
        }
        const late = movement.at(11, begins(11)).gain;
        movement.at(3, begins(3));
        expect(movement.at(11, begins(11)).gain).toEqual(late);
      }
    },
  );
});
