import { exp, log } from "../../bindings/math.js";
import type { Allocation, UploadProblem } from "../config/records.js";
import { priceComputation, priceUpload } from "../power/index.js";

/** What is sent after all, and at which powers, so that nobody uses more than a battery allows. */
export interface Held {
  /** The round without those who do not send */
  problem: UploadProblem;
  power: Float64Array;
  /** Hz [K], where the problem has processors */
  frequency?: Float64Array;
  /** Clients whose battery does not carry their upload at any power: they have computed, and do not send */
  silent: number[];
}

/** Least power that is tried, of what the method gave. */
const leastShare = 1e-6;
/** Halvings of an interval in ln p: 2⁻⁵⁰ of 14 is below what rounding leaves. */
const halvings = 50;

/**
 * Lowers the powers of those whose computation and upload would take more than they may use, one client after the other:
 * what one client lowers only lessens the others' interference, so that nobody whose energy fits loses by it. A client
 * that cannot have its upload at the power where it costs least lowers its frequency instead, where that is chosen; one
 * that cannot even so does not send.
 *
 * @param allowed J [K], computation and upload together
 */
export function holdToBatteries(
  problem: UploadProblem,
  { power: given, frequency: chosen }: Pick<Allocation, "power" | "frequency">,
  allowed: ArrayLike<number>,
): Held {
  const { cpu } = problem;
  const power = given.slice();
  const frequency = cpu && Float64Array.from(chosen ?? cpu.frequency ?? cpu.maximumFrequency);
  const bits = problem.bits.slice();
  const held = { ...problem, bits };
  const silent: number[] = [];
  const computing = (k: number) => (cpu && frequency ? priceComputation(cpu, frequency).computeEnergy[k]! : 0);
  for (let k = 0; k < power.length; k++) {
    if (bits[k] === 0) continue;
    const uploadAt = (p: number) => {
      power[k] = p;
      return priceUpload(held, power).energy[k]!;
    };
    const full = given[k]!;
    if (uploadAt(full) + computing(k) <= allowed[k]!) continue;
    const cheapest = cheapestPower(uploadAt, full);
    const least = uploadAt(cheapest);
    if (cpu !== undefined && least + computing(k) > allowed[k]!) slowDown(problem, frequency!, k, allowed[k]! - least);
    const rest = allowed[k]! - computing(k);
    if (!(least <= rest)) {
      silent.push(k);
      bits[k] = 0;
      power[k] = 0;
    } else power[k] = largestPower(uploadAt, { cheapest, full }, rest);
  }
  return { problem: held, power, ...(frequency && { frequency }), silent };
}

/** The power at which an upload costs least, from full power down: with circuit power it is not the lowest. */
function cheapestPower(energy: (power: number) => number, full: number): number {
  let [low, high] = [log(full * leastShare), log(full)];
  for (let i = 0; i < 2 * halvings; i++) {
    const [a, b] = [low + (high - low) / 3, high - (high - low) / 3];
    if (energy(exp(a)) <= energy(exp(b))) high = b;
    else low = a;
  }
  return exp(low);
}

/** The largest power from the cheapest to full that costs no more than `most`: the energy grows between them. */
function largestPower(
  energy: (power: number) => number,
  { cheapest, full }: { cheapest: number; full: number },
  most: number,
): number {
  let [low, high] = [log(cheapest), log(full)];
  for (let i = 0; i < halvings; i++) {
    const middle = (low + high) / 2;
    if (energy(exp(middle)) <= most) low = middle;
    else high = middle;
  }
  const found = exp(low);
  return energy(found) <= most ? found : cheapest;
}

/** The highest frequency at which computation takes no more than `joules`: ½ α w f² = E; no lower than its least. */
function slowDown({ cpu }: UploadProblem, frequency: Float64Array, k: number, joules: number): void {
  const { capacitance, cyclesPerSample, samples, minimumFrequency } = cpu!;
  const work = 0.5 * capacitance[k]! * cyclesPerSample[k]! * samples[k]!;
  const most = work > 0 && joules > 0 ? Math.sqrt(joules / work) * (1 - 2 ** -50) : 0;
  frequency[k] = Math.max(minimumFrequency[k]!, Math.min(frequency[k]!, most));
}
