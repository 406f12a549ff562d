import { checkAggregation } from "./aggregationChecks.js";
import { checkAmount, checkAmountsIn } from "./amounts.js";
import type { Config } from "./config.js";
import { InputError, show } from "./errors.js";

/**
 * What the fields must be to one another, each of them being allowed by itself.
 * @throws InputError naming the field to change and the one it disagrees with
 */
export function checkTogether(config: Config): void {
  checkSizes(config);
  checkPilots(config);
  checkPositions(config);
  checkData(config);
  checkModel(config);
  checkTraining(config);
  checkPlan(config);
  checkAggregation(config);
  checkBatteryPowers(config);
  checkWaiting(config);
  checkFrequencies(config);
  checkDownlink(config);
}

/** What the power methods compute with. */
function checkSizes({ budgets, aggregation, devices, network }: Config): void {
  checkAmountsIn("budgets", budgets);
  checkAmountsIn("aggregation.fronthaul", aggregation.fronthaul);
  checkAmountsIn("devices", devices);
  checkAmount("network.bandwidth", network.bandwidth);
  checkAmount("network.transmitPower", network.transmitPower);
}

function checkPilots({ network }: Config): void {
  const { clients, coherence, pilotIndex } = network;
  const pilots = network.pilots === 0 ? Math.min(clients, 10) : network.pilots;
  if (pilots >= coherence) {
    throw new InputError(
      "network.pilots",
      `${pilots} pilots leave no samples for data (allowed: fewer than network.coherence, which is ${coherence})`,
    );
  }
  if (network.pilotAssignment !== "given") return;
  if (pilotIndex === undefined) throw new InputError("network.pilotIndex", 'missing, with pilotAssignment "given"');
  if (pilotIndex.length !== clients) {
    throw new InputError("network.pilotIndex", `${pilotIndex.length} pilots given for ${clients} clients`);
  }
  const wrong = pilotIndex.findIndex((pilot) => pilot >= pilots);
  if (wrong >= 0) {
    throw new InputError(
      `network.pilotIndex.${wrong}`,
      `${pilotIndex[wrong]} is not allowed (allowed: 0 to ${pilots - 1}, there being ${pilots} pilots)`,
    );
  }
}

function checkPositions({ network }: Config): void {
  for (const [what, count] of [
    ["accessPoints", network.accessPoints],
    ["clients", network.clients],
  ] as const) {
    if (network.deployment[what] !== "given") continue;
    const field = what === "clients" ? "clientPositions" : "accessPointPositions";
    const path = `network.deployment.${field}`;
    const positions = network.deployment[field];
    if (positions === undefined) throw new InputError(path, `missing, with deployment.${what} "given"`);
    if (positions.length !== count) {
      throw new InputError(path, `${positions.length} positions given, but network.${what} is ${count}`);
    }
    const outside = positions.findIndex(([x, y]) => x < 0 || y < 0 || x > network.area || y > network.area);
    if (outside >= 0) {
      throw new InputError(
        `${path}.${outside}`,
        `${show(positions[outside])} is outside the area (allowed: 0 to ${network.area} m, network.area)`,
      );
    }
  }
}

function checkData({ data, network }: Config): void {
  if (data.trainExamples > 0 && data.trainExamples < network.clients) {
    throw new InputError(
      "data.trainExamples",
      `${data.trainExamples} examples cannot be shared by ${network.clients} clients (network.clients)`,
    );
  }
  if (data.split.kind === "file" && data.split.file === undefined) {
    throw new InputError("data.split.file", 'missing, with split kind "file"');
  }
  if (data.name === "text" && data.file === undefined) {
    throw new InputError("data.file", 'missing, with data set "text"');
  }
}

function checkModel({ model }: Config): void {
  if (model.preset === "custom" && model.layers === undefined) {
    throw new InputError("model.layers", 'missing, with model preset "custom"');
  }
  if (model.preset !== "custom" && model.layers !== undefined) {
    throw new InputError("model.layers", `not used with preset "${model.preset}" (allowed: with preset "custom")`);
  }
}

function checkTraining({ training }: Config): void {
  const { increment, maximum } = training.adaptiveEpochs;
  if (increment > 0 && maximum < training.localEpochs) {
    throw new InputError(
      "training.adaptiveEpochs.maximum",
      `${maximum} is below training.localEpochs, which is ${training.localEpochs}`,
    );
  }
}

function checkFrequencies({ budgets }: Config): void {
  const { choose, minimumFrequency, maximumFrequency } = budgets.compute.cpu;
  if (choose && minimumFrequency > maximumFrequency) {
    throw new InputError(
      "budgets.compute.cpu.minimumFrequency",
      `${minimumFrequency} Hz is above budgets.compute.cpu.maximumFrequency, which is ${maximumFrequency} Hz`,
    );
  }
}

function checkDownlink({ downlink, budgets, network }: Config): void {
  if (downlink.quantizer.channelAware === true) {
    throw new InputError(
      "downlink.quantizer.channelAware",
      "true is not allowed (allowed: false; all clients get the same packet)",
    );
  }
  const { enabled, transmission } = budgets.downlink;
  if (enabled && transmission !== "fixed-rate" && network.estimator !== "mmse") {
    throw new InputError(
      "network.estimator",
      `${show(network.estimator)} is not "mmse", which budgets.downlink.transmission ${show(transmission)} is known for`,
    );
  }
}

/** The quantizers whose resolution can be planned with the powers. */
export const plannedQuantizers = ["emq", "rate-distortion", "induced"] as const;

/** What is chosen together is a resolution that can be, and the most-rounds powers, for a share of budgets that there must be. */
function checkPlan({ plan, quantizer, power, budgets }: Config): void {
  if (plan.kind === "fixed") return;
  const needs = `which plan.kind "${plan.kind}" needs`;
  if (!plannedQuantizers.some((name) => name === quantizer.name)) {
    const names = plannedQuantizers.map(show);
    const allowed = `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
    throw new InputError("quantizer.name", `${show(quantizer.name)} is not ${allowed}, one of ${needs}`);
  }
  if (quantizer.errorFeedback || (quantizer.schedule ?? "constant") !== "constant") {
    const field = quantizer.errorFeedback ? "errorFeedback" : "schedule";
    throw new InputError(
      `quantizer.${field}`,
      `${show(quantizer[field])} does not go with plan.kind "${plan.kind}", which chooses resolutions itself`,
    );
  }
  if (power.method !== "most-rounds") {
    throw new InputError("power.method", `${show(power.method)} is not "most-rounds", ${needs}`);
  }
  if (budgets.energy === null && budgets.latency === null) {
    throw new InputError("budgets", `neither an energy nor a latency budget is set, one of ${needs}`);
  }
}

/** Batteries in the program of a power method: there must be some. */
function checkBatteryPowers({ power, devices }: Config): void {
  if (power.batteries !== true || devices.battery.enabled) return;
  throw new InputError("power.batteries", "true, but there are none (allowed: with devices.battery.enabled true)");
}

/** What waits on the simulated clock begins and ends with each client, not with a round. */
function checkWaiting(config: Config): void {
  const { waiting, network, server, plan, budgets, selection, power } = config;
  if (waiting.kind === "synchronous") return;
  const place = `with waiting.kind "${waiting.kind}"`;
  if (plan.kind !== "fixed") {
    throw new InputError(
      "plan.kind",
      `${show(plan.kind)} plans rounds in which all send together, there are none ${place}`,
    );
  }
  if (budgets.compute.cpu.enabled && budgets.compute.cpu.choose) {
    throw new InputError(
      "budgets.compute.cpu.choose",
      `true chooses frequencies for rounds in which all send together, there are none ${place}`,
    );
  }
  if (selection.weights === "unbiased") {
    throw new InputError(
      "selection.weights",
      `"unbiased" is by the chances to begin, but ${place} what counts is who arrives (allowed: "share")`,
    );
  }
  const { quantizer } = config.downlink;
  if (quantizer.name !== "identity") {
    throw new InputError(
      "downlink.quantizer",
      `${show(quantizer.name)} is sent to all at once, but ${place} each begins when it can (allowed: "identity")`,
    );
  }
  const { enabled, transmission } = budgets.downlink;
  if (enabled && transmission !== "fixed-rate") {
    throw new InputError(
      "budgets.downlink.transmission",
      `${show(transmission)} is at the rates of a round, not ${place} (allowed: "fixed-rate")`,
    );
  }
  if (power.batteries === true) {
    throw new InputError(
      "power.batteries",
      `true counts the rounds that charges last for, and ${place} powers are asked for moment by moment (allowed: false)`,
    );
  }
  if (waiting.kind !== "asynchronous") return;
  const { clients } = network;
  if (waiting.buffer > clients) {
    throw new InputError(
      "waiting.buffer",
      `${waiting.buffer} updates never come together (allowed: 1 to ${clients}, network.clients): each client has one under way`,
    );
  }
  if (selection.rule === "all") return;
  const begin = Math.max(1, Math.round(server.participation * clients));
  if (waiting.buffer > begin) {
    throw new InputError(
      "waiting.buffer",
      `${waiting.buffer} updates never come together (allowed: 1 to ${begin}, of ${clients} clients the share ` +
        `server.participation of ${server.participation}): nobody else is at work`,
    );
  }
}
