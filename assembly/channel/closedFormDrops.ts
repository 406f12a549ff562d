/**
 * Maximum ratio's closed form for a run of drops: positions, shadowing, gains, greedy pilots, the five arrays, all from
 * the random streams that src/network/create.ts reads, in its order of operations, so that the bits are the same.
 *
 * Uncorrelated fading, uniform clients, independent shadowing, every AP serves every client. c3 of the streams of
 * positions and of shadowing; the drop is c1, c2 is 0 for APs and 1 for clients.
 * side: APs on a side of their grid, 0 without one.
 * model: f64 of low and width of the APs' uniform numbers, spacing of the grid, side of the area, side where it wraps (0
 * where not), height², intercept, slope, deviation of shadowing in dB, τ_p ρ, ρ.
 * signal, self, noise: [count][K]; interference: [count][K][K].
 * scratch: 8·(2·L + 2·K + 2·K·L + pilots + 4) + 4·K + K·L bytes, rounded up to 16, and those of `closedFormRates`.
 * @returns how many drops are done: less than count when a gain is not finite
 */
import { normalsFill, philoxFill } from "../random";
import { closedFormRates } from "./closedFormRates";
import { linkGains } from "./linkGains";

export function closedFormDrops(
  key0: u32, key1: u32, positionsC3: u32, shadowC3: u32, first: u32, count: i32, clients: i32, accessPoints: i32,
  antennas: i32, pilots: i32, side: i32, model: usize, signal: usize, self: usize, interference: usize, noise: usize,
  scratch: usize,
): i32 {
  const links = <usize>clients * <usize>accessPoints;
  const places = scratch;
  const clientPlaces = places + ((<usize>accessPoints) << 4);
  const shadow = clientPlaces + ((<usize>clients) << 4);
  const gain = shadow + (((links + 3) >> 2) << 5);
  const held = gain + (links << 3);
  const pilot = held + ((<usize>pilots) << 3);
  const serves = pilot + ((<usize>clients) << 2);
  const rest = (serves + links + 15) & ~15;
  const area = load<f64>(model, 24);
  const deviation = load<f64>(model, 64);
  memory.fill(serves, 1, links);
  for (let d = 0; d < count; d++) {
    const c1 = first + <u32>d;
    place(key0, key1, c1, 0, positionsC3, accessPoints, load<f64>(model), load<f64>(model, 8), places, rest);
    for (let l = 0; l < (side > 0 ? accessPoints : 0); l++) {
      const at = places + ((<usize>l) << 4);
      const spacing = load<f64>(model, 16);
      store<f64>(at, load<f64>(at) + (<f64>(l % side) + 0.5) * spacing);
      store<f64>(at, load<f64>(at, 8) + (<f64>(l / side) + 0.5) * spacing, 8);
    }
    place(key0, key1, c1, 1, positionsC3, clients, 0.0, area, clientPlaces, rest);
    normalsFill(key0, key1, c1, 0, shadowC3, 0, <i32>((links + 3) >> 2), shadow);
    for (let i: usize = 0; i < links << 3; i += 16)
      v128.store(shadow + i, f64x2.mul(v128.load(shadow + i), f64x2.splat(deviation)));
    linkGains(
      places, accessPoints, clientPlaces, clients, load<f64>(model, 32), load<f64>(model, 40), load<f64>(model, 48),
      load<f64>(model, 56), shadow, gain,
    );
    let sum = 0.0;
    for (let i: usize = 0; i < links; i++) sum += load<f64>(gain + (i << 3));
    if (!(sum - sum == 0.0)) return d;
    greedyPilots(gain, clients, accessPoints, pilots, held, pilot);
    closedFormRates(
      gain, pilot, serves, clients, accessPoints, antennas, pilots, load<f64>(model, 72), load<f64>(model, 80), signal,
      self, interference, noise, rest,
    );
    signal += (<usize>clients) << 3;
    self += (<usize>clients) << 3;
    noise += (<usize>clients) << 3;
    interference += (<usize>clients * clients) << 3;
  }
  return count;
}

/** low + width·u for the x and y of `count` places: a block of four words each. `words`: room for them (here the scratch of the
 * closed form, 16 (K + 1) (L + 1) bytes or more). */
function place(
  key0: u32, key1: u32, c1: u32, c2: u32, c3: u32, count: i32, low: f64, width: f64, out: usize, words: usize,
): void {
  philoxFill(key0, key1, c1, c2, c3, 0, count, words);
  for (let i: usize = 0; i < <usize>count << 1; i++) {
    const high = load<u32>(words + (i << 3)) >> 5;
    const u = (<f64>high * 67108864.0 + <f64>(load<u32>(words + (i << 3), 4) >> 6)) / 9007199254740992.0;
    store<f64>(out + (i << 3), low + width * u);
  }
}

/** [B] Algorithm 4.1, as `greedyPilots` of src/network/pilots.ts. held: f64 [pilots]; pilot: i32 [K]. */
function greedyPilots(gain: usize, clients: i32, accessPoints: i32, pilots: i32, held: usize, pilot: usize): void {
  for (let k = 0; k < clients; k++) {
    let best = k;
    if (k >= pilots) {
      const own = gain + ((<usize>k * accessPoints) << 3);
      let master: usize = 0;
      for (let l: usize = 8; l < <usize>accessPoints << 3; l += 8)
        if (load<f64>(own + l) > load<f64>(own + master)) master = l;
      memory.fill(held, 0, (<usize>pilots) << 3);
      for (let i = 0; i < k; i++) {
        const at = held + ((<usize>load<i32>(pilot + ((<usize>i) << 2))) << 3);
        store<f64>(at, load<f64>(at) + load<f64>(gain + ((<usize>i * accessPoints) << 3) + master));
      }
      best = 0;
      for (let t = 1; t < pilots; t++)
        if (load<f64>(held + ((<usize>t) << 3)) < load<f64>(held + ((<usize>best) << 3))) best = t;
    }
    store<i32>(pilot + ((<usize>k) << 2), best);
  }
}
