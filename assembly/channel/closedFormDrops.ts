/**
 * Maximum ratio's closed form for a run of drops: positions, shadowing, gains, greedy pilots, the five arrays, all from
 * the random streams that src/network/create.ts reads, in its order of operations, so that the bits are the same.
 *
 * Uncorrelated fading, uniform clients, independent shadowing, every AP serves every client.
 *
 * out: where the first drop's arrays go, the others' behind them. scratch: `dropBytes`, and those of `closedFormRates`.
 * @returns how many drops are done: less than count when a drop's gains are not numbers or add up to more than 10¹²⁰
 */
import { normalsFill, philoxFill } from "../random";
import { ClosedForm, closedFormRates } from "./closedFormRates";
import { Propagation, linkGains } from "./linkGains";
import { Links } from "./links";

/** What a drop is drawn from. */
@unmanaged
export class DropModel extends Propagation {
  /** The AP's uniform numbers: low + width·u, m */
  low: f64;
  width: f64;
  /** Of the APs' grid, m */
  spacing: f64;
  /** Side of the area, m */
  area: f64;
  /** Of the shadowing, dB */
  deviation: f64;
  /** τ_p ρ */
  pilotEnergy: f64;
  /** ρ */
  snr: f64;
  /** The seed's two words */
  key0: u32;
  key1: u32;
  /** c3 of the streams of positions and of shadowing; the drop is c1, c2 is 0 for APs and 1 for clients */
  positions: u32;
  shadowing: u32;
  clients: i32;
  accessPoints: i32;
  antennas: i32;
  pilots: i32;
  /** APs on a side of their grid, 0 without one */
  gridSide: i32;
}

/** Bytes of scratch before those of `closedFormRates`. */
export function dropBytes(model: DropModel): i32 {
  const clients = model.clients, accessPoints = model.accessPoints, links = clients * accessPoints;
  return records + 8 * (2 * accessPoints + 2 * clients + 2 * links + model.pilots + 4) + 4 * clients + links + 16;
}

/** Two records stand at the start of the scratch. */
const records: i32 = 48;

export function closedFormDrops(first: u32, count: i32, model: DropModel, out: ClosedForm, scratch: usize): i32 {
  const clients = model.clients, accessPoints = model.accessPoints;
  const linkCount = <usize>clients * <usize>accessPoints;
  const links = changetype<Links>(scratch);
  const now = changetype<ClosedForm>(scratch + 32);
  const places = scratch + records;
  const clientPlaces = places + ((<usize>accessPoints) << 4);
  const shadow = clientPlaces + ((<usize>clients) << 4);
  const gain = shadow + (((linkCount + 3) >> 2) << 5);
  const held = gain + (linkCount << 3);
  const pilot = held + ((<usize>model.pilots) << 3);
  const serves = pilot + ((<usize>clients) << 2);
  const rest = (serves + linkCount + 15) & ~15;
  links.accessPoints = accessPoints;
  links.clients = clients;
  links.antennas = model.antennas;
  links.pilots = model.pilots;
  links.pilotOf = pilot;
  now.signal = out.signal;
  now.self = out.self;
  now.interference = out.interference;
  now.noise = out.noise;
  memory.fill(serves, 1, linkCount);
  for (let d = 0; d < count; d++) {
    const drop = first + <u32>d;
    place(drop, 0, model, accessPoints, model.low, model.width, places, rest);
    if (model.gridSide > 0) addGrid(model, places);
    place(drop, 1, model, clients, 0.0, model.area, clientPlaces, rest);
    normalsFill(model.key0, model.key1, drop, 0, model.shadowing, 0, <i32>((linkCount + 3) >> 2), shadow);
    for (let i: usize = 0; i < linkCount << 3; i += 16)
      v128.store(shadow + i, f64x2.mul(v128.load(shadow + i), f64x2.splat(model.deviation)));
    linkGains(accessPoints, clients, model, places, clientPlaces, shadow, gain);
    let sum = 0.0;
    for (let i: usize = 0; i < linkCount; i++) sum += load<f64>(gain + (i << 3));
    if (!(sum <= 1e120)) return d;
    greedyPilots(links, gain, held);
    closedFormRates(model.pilotEnergy, model.snr, links, gain, serves, now, rest);
    now.signal += (<usize>clients) << 3;
    now.self += (<usize>clients) << 3;
    now.noise += (<usize>clients) << 3;
    now.interference += (<usize>clients * clients) << 3;
  }
  return count;
}

/** Each AP's jitter becomes its place beside its point of the grid. */
function addGrid(model: DropModel, places: usize): void {
  const side = model.gridSide, spacing = model.spacing;
  for (let l = 0; l < model.accessPoints; l++) {
    const at = places + ((<usize>l) << 4);
    store<f64>(at, load<f64>(at) + (<f64>(l % side) + 0.5) * spacing);
    store<f64>(at, load<f64>(at, 8) + (<f64>(l / side) + 0.5) * spacing, 8);
  }
}

/** low + width·u for the x and y of `count` places: a block of four words each. `words`: room for them (here the scratch of the
 * closed form, 16 (K + 1) (L + 1) bytes or more). */
function place(
  drop: u32, c2: u32, model: DropModel, count: i32, low: f64, width: f64, out: usize, words: usize,
): void {
  philoxFill(model.key0, model.key1, drop, c2, model.positions, 0, count, words);
  for (let i: usize = 0; i < <usize>count << 1; i++) {
    const high = load<u32>(words + (i << 3)) >> 5;
    const u = (<f64>high * 67108864.0 + <f64>(load<u32>(words + (i << 3), 4) >> 6)) / 9007199254740992.0;
    store<f64>(out + (i << 3), low + width * u);
  }
}

/** [B] Algorithm 4.1, as `greedyPilots` of src/network/pilots.ts, into the links' record. held: f64 [pilots]. */
function greedyPilots(links: Links, gain: usize, held: usize): void {
  const clients = links.clients, accessPoints = links.accessPoints, pilots = links.pilots, pilot = links.pilotOf;
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
