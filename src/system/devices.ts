import { exp, log } from "../../bindings/math.js";
import { stream } from "../../bindings/random.js";
import { completeConfig } from "../config/arguments.js";
import type { Config } from "../config/config.js";
import { InputError } from "../config/errors.js";

/** The clients' devices, each figure [K]. */
export interface Devices {
  /** Whether each client's computation is billed by itself: processors differ, or their energy comes from batteries */
  differ: boolean;
  /** f_k, Hz: what a device computes at, or its highest where frequencies are chosen */
  frequency: Float64Array;
  /** c_k, cycles a sample */
  cyclesPerSample: Float64Array;
  /** α_k, effective capacitance */
  capacitance: Float64Array;
  /** J in the battery at the start; Infinity without batteries */
  charge: Float64Array;
}

type DeviceConfig = Pick<Config, "seed" | "network" | "budgets" | "devices">;
type Spread = Config["devices"]["frequency"];

/** Never renumber: a number here is part of every published result. */
const figures = { frequency: 0, cyclesPerSample: 1, capacitance: 2, charge: 3 } as const;

/**
 * The devices of a config: drawn by the seed, the same in every round and drop; one client's do not depend on how many
 * others there are.
 * @throws InputError for as many given values as there are not clients
 * @example
 * const config = parseConfig({
 *   network: { clients: 3 },
 *   budgets: { compute: { cpu: { enabled: true } } },
 *   devices: { frequency: { distribution: "given", values: [1e9, 2e9, 5e8] } },
 * });
 * [...drawDevices(config).frequency]; // → [1000000000,2000000000,500000000]
 */
export function drawDevices(config: DeviceConfig): Devices {
  completeConfig("config", config);
  const { seed, network, budgets, devices } = config;
  const { cpu } = budgets.compute;
  const { battery } = devices;
  const draw = (figure: keyof typeof figures, spread: Spread, same: number, path: string) =>
    drawSpread(spread, { seed, index: figures[figure], clients: network.clients, same, path });
  const processors = [devices.frequency, devices.cyclesPerSample, devices.capacitance];
  return {
    differ: cpu.enabled && (battery.enabled || processors.some(({ distribution }) => distribution !== "same")),
    frequency: draw(
      "frequency",
      devices.frequency,
      cpu.choose ? cpu.maximumFrequency : cpu.frequency,
      "devices.frequency",
    ),
    cyclesPerSample: draw("cyclesPerSample", devices.cyclesPerSample, cpu.cyclesPerSample, "devices.cyclesPerSample"),
    capacitance: draw("capacitance", devices.capacitance, cpu.capacitance, "devices.capacitance"),
    charge: battery.enabled
      ? draw("charge", battery.charge, battery.joules, "devices.battery.charge")
      : new Float64Array(network.clients).fill(Number.POSITIVE_INFINITY),
  };
}

function drawSpread(
  { distribution, minimum, maximum, deviation, values }: Spread,
  { seed, index, clients, same, path }: { seed: number; index: number; clients: number; same: number; path: string },
): Float64Array {
  if (distribution === "given") {
    if (values === undefined) throw new InputError(`${path}.values`, 'missing, with distribution "given"');
    if (values.length !== clients) {
      throw new InputError(`${path}.values`, `${values.length} values given, but network.clients is ${clients}`);
    }
    return Float64Array.from(values);
  }
  if (distribution !== "same" && distribution !== "log-normal" && !(minimum <= maximum)) {
    throw new InputError(`${path}.minimum`, `${minimum} is above ${path}.maximum, which is ${maximum}`);
  }
  if (distribution === "log-uniform" && minimum === 0) {
    throw new InputError(`${path}.minimum`, '0 is not allowed with distribution "log-uniform" (allowed: above 0)');
  }
  return Float64Array.from({ length: clients }, (_, client) => {
    const random = stream(seed, "devices", client, index);
    if (distribution === "uniform") return minimum + (maximum - minimum) * random.uniform();
    if (distribution === "log-uniform") return exp(log(minimum) + (log(maximum) - log(minimum)) * random.uniform());
    return distribution === "log-normal" ? same * exp(deviation * random.normal()) : same;
  });
}

/**
 * s that each client computes in a round [K], at the frequency that its device has.
 * @param examples processed by each, over its local epochs
 */
export function computeSeconds(
  { budgets }: Pick<Config, "budgets">,
  { frequency, cyclesPerSample }: Pick<Devices, "frequency" | "cyclesPerSample">,
  examples: ArrayLike<number>,
): Float64Array {
  const { cpu, latencyPer1250 } = budgets.compute;
  return Float64Array.from(examples, (count, client) =>
    cpu.enabled ? (cyclesPerSample[client]! * count) / frequency[client]! : (latencyPer1250 * count) / 1250,
  );
}

/**
 * J that each client's computation takes at least in a round [K]: at the frequency that its device has, or the lowest
 * where frequencies are chosen. Without the CPU model computation takes no energy.
 * @param examples processed by each, over its local epochs
 */
export function computeJoules(
  { budgets }: Pick<Config, "budgets">,
  { frequency, cyclesPerSample, capacitance }: Pick<Devices, "frequency" | "cyclesPerSample" | "capacitance">,
  examples: ArrayLike<number>,
): Float64Array {
  const { enabled, choose, minimumFrequency } = budgets.compute.cpu;
  return Float64Array.from(examples, (count, k) => {
    const f = choose ? Math.min(minimumFrequency, frequency[k]!) : frequency[k]!;
    return enabled ? 0.5 * capacitance[k]! * cyclesPerSample[k]! * count * f * f : 0;
  });
}
