import type { Config } from "../config/config.js";
import { InputError } from "../config/errors.js";

/** Bytes of the largest array that engines have, and of all the memory of the kernels: beyond them nothing can be insisted on. */
const mostArray = 2 ** 33;
const mostKernels = 2 ** 32;
/** Bytes of the kernels' memory that gains, a model and an update need beside the pairs of clients, at least. */
const spared = 2 ** 28;

/** Numbers of an example, at least: the regression's features. */
const leastFeatures = 10;

/**
 * That a config can be computed at all, known before anything is begun.
 * @throws InputError with the field, what it would cost and the limit
 */
export function checkReason({ network, data }: Config): void {
  for (const field of ["trainExamples", "testExamples"] as const) {
    const bytes = 4 * (features[data.name] ?? leastFeatures) * data[field];
    if (bytes <= mostArray) continue;
    const most = Math.floor((data[field] * mostArray) / bytes);
    throw new InputError(
      `data.${field}`,
      `${data[field]} examples take ${gigabytes(bytes)} GB (allowed: ${most}, which take ${gigabytes(mostArray)} GB)`,
    );
  }
  const pairs = 32 * network.clients ** 2;
  if (pairs > mostKernels - spared) {
    const most = Math.floor(Math.sqrt((mostKernels - spared) / 32));
    throw new InputError(
      "network.clients",
      `${network.clients} clients interfere in pairs, which take ${gigabytes(pairs)} GB where powers are allocated (allowed: ${most} clients, ${gigabytes(mostKernels - spared)} GB)`,
    );
  }
  if (network.channel !== undefined) return;
  const { clients, accessPoints, antennas } = network;
  const bytes = 16 * clients * accessPoints * antennas ** 2;
  if (bytes > mostKernels) {
    throw new InputError(
      "network.clients",
      `${clients} clients × ${accessPoints} access points × ${antennas}² antennas take ${gigabytes(bytes)} GB of correlations (allowed: ${gigabytes(mostKernels)} GB; fewer clients, accessPoints or antennas)`,
    );
  }
}

const features: Readonly<Record<string, number>> = {
  glyphs: 256,
  mnist: 784,
  "fashion-mnist": 784,
  cifar10: 3072,
  cifar100: 3072,
};

function gigabytes(bytes: number): string {
  const size = bytes / 1e9;
  return size >= 1e6 ? size.toExponential(1) : Number(size.toPrecision(2)).toString();
}
