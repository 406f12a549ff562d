import type { Config } from "./config.js";
import { InputError, show } from "./errors.js";

/**
 * Where clients send at once, or access points add: what goes with it and what does not.
 * @throws InputError naming the field to change
 */
export function checkAggregation(config: Config): void {
  const { by } = config.aggregation;
  if (by === "over-the-air") checkOverTheAir(config);
  if (by === "access-points" && config.waiting.kind !== "synchronous") {
    throw new InputError(
      "waiting.kind",
      `${show(config.waiting.kind)} adds updates as they come, with aggregation.by "access-points" they come as one sum ` +
        'of each access point (allowed: "synchronous")',
    );
  }
}

/** All send together, as they are, and nobody is heard alone. */
function checkOverTheAir(config: Config): void {
  const { quantizer, plan, waiting, loss, devices, selection, network, budgets } = config;
  const refuse = (path: string, value: unknown, why: string, allowed: string): never => {
    const message = `${show(value)}: with aggregation.by "over-the-air" ${why} (allowed: ${allowed})`;
    throw new InputError(path, message);
  };
  if (quantizer.name !== "identity") {
    refuse("quantizer.name", quantizer.name, "updates are sent as amplitudes, and nothing is quantized", '"identity"');
  }
  if (quantizer.errorFeedback) {
    refuse("quantizer.errorFeedback", true, "nothing is quantized", "false; or aggregation.errorFeedback");
  }
  if (plan.kind !== "fixed") refuse("plan.kind", plan.kind, "there are no bits to choose", '"fixed"');
  if (waiting.kind !== "synchronous") {
    refuse("waiting.kind", waiting.kind, "all send at once, and nobody is late", '"synchronous"');
  }
  if (loss.kind !== "none") refuse("loss.kind", loss.kind, "there are no packets to lose", '"none"');
  if (devices.battery.enabled) {
    refuse("devices.battery.enabled", true, "no update can be taken out of the sum once it is received", "false");
  }
  if (selection.rule === "deadline") {
    refuse("selection.rule", selection.rule, "all uploads take the same time", "any other rule");
  }
  if (selection.rule === "update-norm") {
    refuse("selection.rule", selection.rule, "the server sees no client's update alone", "any other rule");
  }
  if (network.estimator !== "mmse") {
    refuse("network.estimator", network.estimator, "the sum is estimated with MMSE channel estimates", '"mmse"');
  }
  if (network.ageing.enabled) {
    refuse("network.ageing.enabled", true, "the channel stands still in a coherence block", "false");
  }
  if (budgets.compute.cpu.enabled && budgets.compute.cpu.choose) {
    refuse("budgets.compute.cpu.choose", true, "there is no power method that would choose frequencies", "false");
  }
}
