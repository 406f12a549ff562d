import type { Config } from "../../config/config.js";
import { InputError, show } from "../../config/errors.js";
import type { Quantizer } from "../../config/records.js";
import { receivers } from "../../network/index.js";

/** Whether all clients send at once, as amplitudes: then there are no packets, and the radio is in what is learned. */
export const isOverTheAir = ({ aggregation }: Pick<Config, "aggregation">): boolean =>
  aggregation.by === "over-the-air";

/** Whether each packet is decoded by one access point. */
export const isByAccessPoints = ({ aggregation }: Pick<Config, "aggregation">): boolean =>
  aggregation.by === "access-points";

/**
 * @param own whether the quantizer was handed in as an object
 * @throws InputError for parts that an aggregation has no use for
 */
export function checkAggregationParts(config: Config, quantizer: Quantizer, own: boolean): void {
  if (isOverTheAir(config) && own) {
    throw new InputError(
      "quantizer",
      'was passed as an object, but with aggregation.by "over-the-air" nothing is quantized (allowed: "identity")',
    );
  }
  if (!isByAccessPoints(config)) return;
  const place = 'with aggregation.by "access-points"';
  if (quantizer.exchange !== undefined) {
    throw new InputError(
      "quantizer.name",
      `"${quantizer.name}" looks at all clients' updates, but ${place} each access point knows its own alone`,
    );
  }
  checkLocal(config, "network.combining");
}

/** @throws InputError for a receiver that needs more than one access point */
export function checkLocal({ network: { combining } }: Pick<Config, "network">, path: string): void {
  const receiver = receivers.named(combining, path);
  if (!("scheme" in receiver)) return;
  const { scheme } = receiver;
  if (scheme.operation === "distributed" && scheme.weighting === "none") return;
  const local = receivers.parts.filter(
    (one) => "scheme" in one && one.scheme.operation === "distributed" && one.scheme.weighting === "none",
  );
  throw new InputError(
    path,
    `${show(combining)} combines what several access points hear, but with aggregation.by "access-points" each decodes ` +
      `by itself (allowed: ${local.map(({ name }) => name).join(", ")})`,
  );
}

/**
 * What is priced without training has uploads of so many bits, each decoded.
 * @throws InputError
 */
export function checkPricedAlone(config: Config): void {
  if (isByAccessPoints(config)) checkLocal(config, "network.combining");
  if (!isOverTheAir(config)) return;
  throw new InputError(
    "aggregation.by",
    '"over-the-air" has no uploads of so many bits: what a round takes and brings shows when it is trained ' +
      '(allowed here: "digital", "access-points")',
  );
}
