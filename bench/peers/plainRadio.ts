import type { Complex } from "../../bindings/matrix.js";
import type { Network } from "../../src/network/index.js";

/** The radio's computations as one writes them in JavaScript with typed arrays and no further thought. */

export function plainMultiply(a: Complex, b: Complex, n: number): Complex {
  const re = new Float64Array(n * n);
  const im = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++) {
      const [x, y] = [a.re[i * n + k]!, a.im[i * n + k]!];
      for (let j = 0; j < n; j++) {
        re[i * n + j]! += x * b.re[k * n + j]! - y * b.im[k * n + j]!;
        im[i * n + j]! += x * b.im[k * n + j]! + y * b.re[k * n + j]!;
      }
    }
  return { re, im };
}

/** @returns the lower factor, planar */
export function plainCholesky(re: Float64Array, im: Float64Array, n: number): Complex {
  const lr = new Float64Array(n * n);
  const li = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    let d = re[j * n + j]!;
    for (let k = 0; k < j; k++) d -= lr[j * n + k]! * lr[j * n + k]! + li[j * n + k]! * li[j * n + k]!;
    const root = Math.sqrt(d);
    lr[j * n + j] = root;
    for (let i = j + 1; i < n; i++) {
      let x = re[i * n + j]!;
      let y = im[i * n + j]!;
      for (let k = 0; k < j; k++) {
        const [ar, ai, br, bi] = [lr[i * n + k]!, li[i * n + k]!, lr[j * n + k]!, li[j * n + k]!];
        x -= ar * br + ai * bi;
        y -= ai * br - ar * bi;
      }
      lr[i * n + j] = x / root;
      li[i * n + j] = y / root;
    }
  }
  return { re: lr, im: li };
}

let state = 1;

/** xorshift32 and the textbook's Box–Muller. */
export function plainNormals(out: Float64Array): void {
  const uniform = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 0.5) / 4294967296;
  };
  for (let i = 0; i < out.length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(uniform()));
    const angle = 2 * Math.PI * uniform();
    out[i] = radius * Math.cos(angle);
    out[i + 1] = radius * Math.sin(angle);
  }
}

/**
 * P-MMSE of every client over uncorrelated channels: estimates, the system in the clients it suppresses, SINR.
 * @returns the mean of log2(1 + SINR) [K]
 */
export function plainPartialMmse(network: Network, realizations: number): Float64Array {
  const { clients: K, accessPoints: L, antennas: N, pilots, gain, pilotIndex, serves } = network;
  const snr = network.transmitPower / network.noisePower;
  const load = new Float64Array(pilots * L);
  for (let k = 0; k < K; k++)
    for (let l = 0; l < L; l++) load[pilotIndex[k]! * L + l]! += pilots * snr * gain[k * L + l]!;
  const estimate = new Float64Array(K * L);
  const error = new Float64Array(K * L);
  const all = new Float64Array(L).fill(1);
  for (let k = 0; k < K; k++)
    for (let l = 0; l < L; l++) {
      const beta = snr * gain[k * L + l]!;
      const variance = (pilots * beta * beta) / (load[pilotIndex[k]! * L + l]! + 1);
      estimate[k * L + l] = Math.sqrt(variance);
      error[k * L + l] = beta - variance;
      all[l]! += error[k * L + l]!;
    }
  const sets = Array.from({ length: K }, (_, k) => {
    const aps = [...Array(L).keys()].filter((l) => serves[k * L + l]);
    const clients = [...Array(K).keys()].filter((i) => aps.some((l) => serves[i * L + l]));
    return { aps, clients, noise: aps.map((l) => clients.reduce((s, i) => s + error[i * L + l]!, 1)) };
  });
  const white = new Float64Array(2 * L * pilots * N);
  const [hr, hi] = [new Float64Array(K * L * N), new Float64Array(K * L * N)];
  const mean = new Float64Array(K);
  for (let r = 0; r < realizations; r++) {
    plainNormals(white);
    for (let k = 0; k < K; k++)
      for (let l = 0; l < L; l++)
        for (let n = 0; n < N; n++) {
          const from = 2 * ((l * pilots + pilotIndex[k]!) * N + n);
          const scale = Math.SQRT1_2 * estimate[k * L + l]!;
          hr[(k * L + l) * N + n] = scale * white[from]!;
          hi[(k * L + l) * N + n] = scale * white[from + 1]!;
        }
    for (let k = 0; k < K; k++) {
      const { aps, clients, noise } = sets[k]!;
      const s = clients.length;
      const [gr, gi] = [new Float64Array(s * s), new Float64Array(s * s)];
      for (let i = 0; i < s; i++)
        for (let j = 0; j <= i; j++) {
          let re = i === j ? 1 : 0;
          let im = 0;
          for (let a = 0; a < aps.length; a++)
            for (let n = 0; n < N; n++) {
              const [x, y] = [(clients[i]! * L + aps[a]!) * N + n, (clients[j]! * L + aps[a]!) * N + n];
              re += (hr[x]! * hr[y]! + hi[x]! * hi[y]!) / noise[a]!;
              im += (hr[x]! * hi[y]! - hi[x]! * hr[y]!) / noise[a]!;
            }
          gr[i * s + j] = re;
          gi[i * s + j] = im;
        }
      const factor = plainCholesky(gr, gi, s);
      const [xr, xi] = [new Float64Array(s), new Float64Array(s)];
      xr[clients.indexOf(k)] = 1;
      for (let i = 0; i < s; i++) {
        for (let j = 0; j < i; j++) {
          const [lr, li] = [factor.re[i * s + j]!, factor.im[i * s + j]!];
          xr[i]! -= lr * xr[j]! - li * xi[j]!;
          xi[i]! -= lr * xi[j]! + li * xr[j]!;
        }
        xr[i]! /= factor.re[i * s + i]!;
        xi[i]! /= factor.re[i * s + i]!;
      }
      for (let i = s - 1; i >= 0; i--) {
        for (let j = i + 1; j < s; j++) {
          const [lr, li] = [factor.re[j * s + i]!, factor.im[j * s + i]!];
          xr[i]! -= lr * xr[j]! + li * xi[j]!;
          xi[i]! -= lr * xi[j]! - li * xr[j]!;
        }
        xr[i]! /= factor.re[i * s + i]!;
        xi[i]! /= factor.re[i * s + i]!;
      }
      let rest = 0;
      const [vr, vi] = [new Float64Array(aps.length * N), new Float64Array(aps.length * N)];
      for (let a = 0; a < aps.length; a++)
        for (let n = 0; n < N; n++) {
          const to = a * N + n;
          for (let i = 0; i < s; i++) {
            const x = (clients[i]! * L + aps[a]!) * N + n;
            vr[to]! += (hr[x]! * xr[i]! - hi[x]! * xi[i]!) / noise[a]!;
            vi[to]! += (hr[x]! * xi[i]! + hi[x]! * xr[i]!) / noise[a]!;
          }
          rest += all[aps[a]!]! * (vr[to]! * vr[to]! + vi[to]! * vi[to]!);
        }
      let wanted = 0;
      for (let i = 0; i < K; i++) {
        let [re, im] = [0, 0];
        for (let a = 0; a < aps.length; a++)
          for (let n = 0; n < N; n++) {
            const [to, x] = [a * N + n, (i * L + aps[a]!) * N + n];
            re += vr[to]! * hr[x]! + vi[to]! * hi[x]!;
            im += vr[to]! * hi[x]! - vi[to]! * hr[x]!;
          }
        if (i === k) wanted = re * re + im * im;
        else rest += re * re + im * im;
      }
      mean[k]! += Math.log2(1 + wanted / rest) / realizations;
    }
  }
  return mean;
}
