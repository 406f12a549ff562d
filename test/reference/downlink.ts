import { plainNormals } from "../../bench/peers/plainRadio.js";
import type { DownlinkSettings } from "../../src/network/downlink.js";
import type { Network } from "../../src/network/index.js";

/** A complex 2 × 2 matrix or column, numbers as [re, im]. */
type Complex = readonly [number, number];
const times = ([a, b]: Complex, [c, d]: Complex): Complex => [a * c - b * d, a * d + b * c];
const plus = ([a, b]: Complex, [c, d]: Complex): Complex => [a + c, b + d];
const conjugate = ([a, b]: Complex): Complex => [a, -b];
const scaled = (x: number, [a, b]: Complex): Complex => [x * a, x * b];
type Matrix = readonly [Complex, Complex, Complex, Complex];
const apply = ([a, b, c, d]: Matrix, [x, y]: readonly Complex[]): Complex[] => [
  plus(times(a, x!), times(b, y!)),
  plus(times(c, x!), times(d, y!)),
];
const product = (m: Matrix, [a, b, c, d]: Matrix): Matrix => {
  const [x, z] = apply(m, [a, c]);
  const [y, w] = apply(m, [b, d]);
  return [x!, y!, z!, w!];
};
function inverse([a, b, c, d]: Matrix): Matrix {
  const [re, im] = plus(times(a, d), scaled(-1, times(b, c)));
  const over = scaled(1 / (re * re + im * im), [re, -im]);
  return [times(d, over), scaled(-1, times(b, over)), scaled(-1, times(c, over)), times(a, over)];
}
/** L with L L^H = R */
function root([a, , c, d]: Matrix): Matrix {
  const first = Math.sqrt(a[0]);
  const low = scaled(1 / first, c);
  return [[first, 0], [0, 0], low, [Math.sqrt(Math.max(0, d[0] - low[0] ** 2 - low[1] ** 2)), 0]];
}

/**
 * What the access points of a network send and its clients hear, drawn and counted: channels, pilots, estimates, beams.
 * Two antennas each. Errors are standard errors by the jackknife over twenty parts.
 */
export function simulatedDownlink(
  network: Network,
  { transmission, transmitPower, powerExponent, correlation = 1 }: DownlinkSettings,
  draws: number,
): { sinr: number[]; error: number[] } {
  const { clients: K, accessPoints: L, gain, pilotIndex, serves, pilots, noisePower } = network;
  const { correlation: spatial, lineOfSight } = network;
  const clients = [...Array(K).keys()];
  const links = clients.flatMap((k) => [...Array(L).keys()].map((l) => k * L + l));
  const pilotEnergy = (pilots * network.transmitPower) / noisePower;
  const covariance = links.map((link): Matrix => {
    const scale = gain[link]! * (lineOfSight?.scattered[link] ?? 1);
    const at = (i: number): Complex =>
      spatial === undefined
        ? [i === 0 || i === 3 ? scale : 0, 0]
        : [scale * spatial.re[4 * link + i]!, scale * spatial.im[4 * link + i]!];
    return [at(0), at(1), at(2), at(3)];
  });
  const roots = covariance.map(root);
  const line = links.map((link): Complex[] =>
    [0, 1].map((n) =>
      lineOfSight === undefined
        ? [0, 0]
        : scaled(Math.sqrt(gain[link]!), [lineOfSight.re[2 * link + n]!, lineOfSight.im[2 * link + n]!]),
    ),
  );
  const estimator = links.map((link): Matrix => {
    const [k, l] = [Math.floor(link / L), link % L];
    const mates = clients.filter((j) => pilotIndex[j] === pilotIndex[k]);
    const psi = [0, 1, 2, 3].map((i) =>
      mates.reduce((sum, j) => plus(sum, scaled(pilotEnergy, covariance[j * L + l]![i]!)), [
        i === 0 || i === 3 ? 1 : 0,
        0,
      ] as Complex),
    ) as unknown as Matrix;
    return product(covariance[link]!, inverse(psi));
  });
  /** E‖ĥ‖² */
  const strength = links.map((link) => {
    const estimate = product(estimator[link]!, covariance[link]!);
    const seen = line[link]!.reduce((sum, [a, b]) => sum + a * a + b * b, 0);
    return pilotEnergy * (estimate[0][0] + estimate[3][0]) + seen;
  });
  const share = links.map((link) => {
    const l = link % L;
    const own = (k: number) => (serves[k * L + l] ? strength[k * L + l]! ** powerExponent : 0);
    return own(Math.floor(link / L)) / clients.reduce((sum, k) => sum + own(k), 0);
  });
  const groups = transmission === "broadcast" ? [clients] : clients.map((k) => [k]);
  const batches = 20;
  const normals = new Float64Array(10 * K * L + 4 * pilots * L);
  const beamPower = groups.map(() => Array.from({ length: L }, () => 0));
  const drawn: { batch: number; received: Complex[][][] }[] = [];
  for (let draw = 0; draw < draws; draw++) {
    plainNormals(normals);
    let next = 0;
    const normal = (): Complex => [normals[next++]! / Math.SQRT2, normals[next++]! / Math.SQRT2];
    const scattered = links.map((link) => apply(roots[link]!, [normal(), normal()]));
    const fresh = links.map((link) => apply(roots[link]!, [normal(), normal()]));
    const phase = links.map((): Complex => {
      const [x, y] = normal();
      const size = Math.hypot(x, y);
      return [x / size, y / size];
    });
    const noise = Array.from({ length: pilots * L }, () => [normal(), normal()]);
    const estimate = links.map((link) => {
      const [k, l] = [Math.floor(link / L), link % L];
      let pilot: Complex[] = noise[pilotIndex[k]! * L + l]!;
      for (const j of clients)
        if (pilotIndex[j] === pilotIndex[k])
          pilot = pilot.map((value, n) => plus(value, scaled(Math.sqrt(pilotEnergy), scattered[j * L + l]![n]!)));
      return apply(estimator[link]!, pilot).map((value, n) =>
        plus(scaled(Math.sqrt(pilotEnergy), value), times(phase[link]!, line[link]![n]!)),
      );
    });
    const channel = links.map((link) =>
      scattered[link]!.map((value, n) =>
        plus(
          plus(scaled(correlation, value), scaled(Math.sqrt(1 - correlation ** 2), fresh[link]![n]!)),
          times(phase[link]!, line[link]![n]!),
        ),
      ),
    );
    const received = groups.map((members, s) => {
      return clients.map((k) =>
        Array.from({ length: L }, (_, l): Complex => {
          const beam = [0, 1].map((n) =>
            members.reduce(
              (sum, j) => {
                const link = j * L + l;
                return plus(sum, scaled(Math.sqrt(share[link]! / strength[link]!), estimate[link]![n]!));
              },
              [0, 0] as Complex,
            ),
          );
          if (k === 0) beamPower[s]![l]! += beam.reduce((sum, [a, b]) => sum + (a * a + b * b) / draws, 0);
          return beam.reduce((sum, value, n) => plus(sum, times(conjugate(channel[k * L + l]![n]!), value)), [
            0, 0,
          ] as Complex);
        }),
      );
    });
    drawn.push({ batch: Math.floor((draw * batches) / draws), received });
  }
  // Scaled to what an access point radiates for the signal, as it was drawn
  const factor = groups.map((members, s) =>
    Array.from({ length: L }, (_, l) => {
      const part = transmission === "broadcast" ? 1 : share[members[0]! * L + l]!;
      return beamPower[s]![l]! > 0 ? Math.sqrt((part * transmitPower) / noisePower / beamPower[s]![l]!) : 0;
    }),
  );
  const moments = Array.from({ length: batches }, () =>
    groups.map(() => clients.map(() => ({ re: 0, im: 0, square: 0, count: 0 }))),
  );
  for (const { batch, received } of drawn)
    for (const [s, of] of received.entries())
      for (const [k, parts] of of.entries()) {
        const [re, im] = parts.reduce((sum, part, l) => plus(sum, scaled(factor[s]![l]!, part)), [0, 0] as Complex);
        const into = moments[batch]![s]![k]!;
        into.re += re;
        into.im += im;
        into.square += re * re + im * im;
        into.count++;
      }
  const sinrWithout = (left: number | undefined, k: number): number => {
    let [signal, all] = [0, 1];
    for (const [s, members] of groups.entries()) {
      const kept = moments.filter((_, batch) => batch !== left).map((batch) => batch[s]![k]!);
      const sum = (of: "re" | "im" | "square" | "count") => kept.reduce((total, one) => total + one[of], 0);
      const count = sum("count");
      all += sum("square") / count;
      if (members.includes(k)) signal = (sum("re") / count) ** 2 + (sum("im") / count) ** 2;
    }
    return signal / (all - signal);
  };
  const sinr = clients.map((k) => sinrWithout(undefined, k));
  const error = clients.map((k) => {
    const without = moments.map((_, batch) => sinrWithout(batch, k));
    const mean = without.reduce((sum, one) => sum + one, 0) / batches;
    return Math.sqrt(((batches - 1) / batches) * without.reduce((sum, one) => sum + (one - mean) ** 2, 0));
  });
  return { sinr, error };
}
