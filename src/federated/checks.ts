import type { Config } from "../config/config.js";
import { InputError } from "../config/errors.js";
import type { Quantizer } from "../config/records.js";
import type { AccountRequest } from "./account.js";
import { withExchange } from "./exchange.js";

/** What goes together in a run, as far as only the parts themselves know it. */

/** A plan that chooses a method's settings needs that method, and no object that stands in for it. */
export function checkParts(config: Config, requests: readonly AccountRequest[], own: boolean): void {
  if (requests.length === 0) throw new InputError("accounts", "there are none");
  if (config.plan.kind === "fixed") return;
  const needs = `was passed as an object, but plan.kind "${config.plan.kind}" chooses for the one of the config`;
  if (own) throw new InputError("quantizer", needs);
  if (requests.some(({ powerMethod }) => powerMethod !== undefined)) throw new InputError("powerMethod", needs);
}

/** @throws InputError for a config in which not all who take part are heard together */
export function checkExchange(method: Quantizer, { waiting, loss, devices }: Config): void {
  if (withExchange(method) === undefined) return;
  const why = `${method.name} looks at all clients' updates at once (allowed:`;
  if (waiting.kind !== "synchronous") throw new InputError("waiting.kind", `"${waiting.kind}": ${why} "synchronous")`);
  if (loss.kind !== "none") throw new InputError("loss.kind", `"${loss.kind}": ${why} "none")`);
  if (devices.battery.enabled) throw new InputError("devices.battery.enabled", `true: ${why} false)`);
}

/** @throws InputError where packets are lost that those after them need */
export function checkDelivery({ name, needsDelivery }: Quantizer, { loss }: Config): void {
  if (needsDelivery !== true || loss.kind === "none" || loss.acknowledged) return;
  const why = `with ${name}, which predicts an update from the one before, both ends must know what was lost`;
  throw new InputError("loss.acknowledged", `false ${why} (allowed: true; or quantizer.prediction=false)`);
}
