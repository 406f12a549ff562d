import { log1p } from "../../bindings/math.js";
import { InputError } from "../config/errors.js";
import type { RateModel } from "../config/records.js";
import { describe } from "./limits.js";

/**
 * SINR_k(p) [K] of a rate model; all coefficients 1 where `power` is left out. A client without signal has 0.
 * @throws InputError for coefficients that are not K numbers of 0 to 1, or a model whose arrays do not fit together
 */
export function sinr(rates: RateModel, power?: ArrayLike<number>): Float64Array {
  checkModel(rates);
  const K = rates.clients;
  if (power !== undefined) checkPower(power, K);
  const out = new Float64Array(K);
  for (let k = 0; k < K; k++) {
    const own = power?.[k] ?? 1;
    const signal = rates.signal[k]! * own;
    let sum = rates.selfInterference[k]! * own + rates.noise[k]!;
    for (let j = 0; j < K; j++) if (j !== k) sum += rates.interference[k * K + j]! * (power?.[j] ?? 1);
    if (!(signal > 0)) continue; // with neither signal nor noise 0/0, which for small ones is 0
    if (!(sum > 0))
      throw new InputError(`rates.noise[${k}]`, `${rates.noise[k]}, and no interference: the signal has no limit`);
    out[k] = signal / sum;
  }
  return out;
}

/**
 * Spectral efficiency [K] in bit/s/Hz: share · log2(1 + SINR_k(p)).
 * @param power coefficients in [0, 1]; full power where left out
 * @param share the prelog 1 − τ_p/τ_c where it is to be counted (`rates.bandwidth` has it already)
 * @throws InputError as `sinr`
 * @example
 * const { network, seed } = parseConfig({ network: { clients: 2 } });
 * const rates = closedFormRates(createNetwork(network, { seed }));
 * const [alone] = spectralEfficiency(rates, [1, 0]);
 * const [together] = spectralEfficiency(rates, [1, 1]);
 * alone! > together!; // → true
 */
export function spectralEfficiency(rates: RateModel, power?: ArrayLike<number>, share = 1): Float64Array {
  if (!(typeof share === "number" && share >= 0 && share <= 1))
    throw new InputError("share", `${describe(share)} is not a share of the coherence block (allowed: 0 to 1)`);
  return sinr(rates, power).map((x) => (share * log1p(x)) / Math.LN2);
}

function checkPower(power: ArrayLike<number>, K: number): void {
  if (power?.length !== K)
    throw new InputError("power", `${power?.length ?? describe(power)} coefficients for ${K} clients`);
  for (let k = 0; k < K; k++)
    if (!(typeof power[k] === "number" && power[k]! >= 0 && power[k]! <= 1))
      throw new InputError(`power[${k}]`, `${describe(power[k])} is not a power coefficient (allowed: 0 to 1)`);
}

/** The arrays of a rate model: of the right lengths, numbers of at least 0. @throws InputError naming the element */
export function checkModel(rates: RateModel, path = "rates"): void {
  if (typeof rates !== "object" || rates === null) throw new InputError(path, `${describe(rates)} is not a rate model`);
  const K = rates.clients;
  if (!Number.isInteger(K) || K < 1)
    throw new InputError(`${path}.clients`, `${describe(K)} is not a whole number of at least 1`);
  for (const name of ["signal", "selfInterference", "interference", "noise"] as const) {
    const array = rates[name];
    const wanted = name === "interference" ? K * K : K;
    if (array?.length !== wanted)
      throw new InputError(`${path}.${name}`, `${array?.length ?? "no"} numbers instead of ${wanted}`);
    for (let i = 0; i < wanted; i++)
      if (!(array[i]! >= 0 && array[i]! < Number.POSITIVE_INFINITY))
        throw new InputError(`${path}.${name}[${i}]`, `${describe(array[i])} is not a finite number of at least 0`);
  }
}
