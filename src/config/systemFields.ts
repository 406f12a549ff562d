import * as z from "zod";
import { both, unless, when } from "./conditions.js";
import {
  type Bounds,
  choice,
  flag,
  given,
  integer,
  notAllowed,
  partName,
  partSection,
  real,
  realSchema,
  section,
} from "./fields.js";

const ownProcessor = when("budgets.compute.cpu.enabled", true);
const withBattery = when("devices.battery.enabled", true);
const harvesting = both(withBattery, unless("devices.battery.harvest.kind", "none"));

/** The distributions that a figure of the devices may be drawn from. */
export const spreadKinds = ["same", "uniform", "log-uniform", "log-normal", "given"] as const;

/**
 * One figure of all devices: the same for all, drawn once for each by the seed, or given one by one.
 * @param same what a device has where all are alike, in words
 */
function spread(
  path: string,
  what: { summary: string; unit: string; same: string; from: number; to: number; bounds?: Bounds },
  condition: typeof ownProcessor,
) {
  const { summary, unit, same, from, to, bounds = { above: 0 } } = what;
  const drawn = both(condition, when(`${path}.distribution`, "uniform", "log-uniform"));
  const values = z.array(realSchema(bounds), {
    error: notAllowed("an array of numbers, one a client"),
  }) as unknown as z.ZodType<readonly number[]>;
  return section(
    summary,
    {
      distribution: choice("same", spreadKinds, `of the clients' ${summary}; same: ${same} for all`, {
        when: condition,
      }),
      minimum: real(from, bounds, 'least of "uniform" and "log-uniform"', { unit, when: drawn }),
      maximum: real(to, bounds, 'largest of "uniform" and "log-uniform"', { unit, when: drawn }),
      deviation: real(
        0.5,
        { minimum: 0, maximum: 5 },
        `of the natural logarithm, of "log-normal"; ${same} is the median`,
        {
          when: both(condition, when(`${path}.distribution`, "log-normal")),
        },
      ),
      values: given(values, `one a client, with "given"; ${unit}`, {
        when: both(condition, when(`${path}.distribution`, "given")),
      }),
    },
    { when: condition },
  );
}

/** How the clients' devices differ: processors, and batteries that run out. */
export const devices = section("how the clients' devices differ", {
  frequency: spread(
    "devices.frequency",
    {
      ...{ summary: "CPU frequency, its highest where frequencies are chosen", unit: "Hz", from: 5e8, to: 2e9 },
      same: "budgets.compute.cpu's",
    },
    ownProcessor,
  ),
  cyclesPerSample: spread(
    "devices.cyclesPerSample",
    { summary: "cycles a sample", unit: "cycles", from: 5e5, to: 2e6, same: "budgets.compute.cpu's" },
    ownProcessor,
  ),
  capacitance: spread(
    "devices.capacitance",
    { summary: "effective capacitance", unit: "W/Hz³", from: 1e-28, to: 4e-28, same: "budgets.compute.cpu's" },
    ownProcessor,
  ),
  battery: section("batteries of the clients", {
    enabled: flag(false, "every client has a battery, and takes part no longer when it is empty"),
    joules: real(0.05, { above: 0 }, "in a full battery, with which a client begins", { unit: "J", when: withBattery }),
    charge: spread(
      "devices.battery.charge",
      {
        ...{ summary: "battery", unit: "J", from: 0.02, to: 0.1, bounds: { minimum: 0 } },
        same: "devices.battery.joules",
      },
      withBattery,
    ),
    horizon: flag(
      false,
      "no client spends more in a round than its share of what is left: its charge over the rounds still to come",
      { when: withBattery },
    ),
    harvest: section("energy harvested", {
      kind: choice("none", ["none", "constant", "random"], "constant: at `power` all the time; random: in bursts", {
        when: withBattery,
      }),
      power: real(1e-3, { minimum: 0 }, "mean, each client", { unit: "W", when: harvesting }),
      probability: real(0.2, { above: 0, maximum: 1 }, "that a round has a burst, which brings power/probability", {
        when: both(withBattery, when("devices.battery.harvest.kind", "random")),
      }),
    }),
  }),
});

/** Who takes part in a round. */
export const selection = partSection(
  "which clients take part in a round, with the rule's own settings beside its name",
  {
    rule: partName(
      "random",
      "which clients take part, server.participation being their share; naming another one resets the settings",
    ),
    weights: choice(
      "share",
      ["share", "unbiased"],
      "what an update counts: its share of the participants' examples; or its share of all examples over its chance to take " +
        "part, so that the expectation is everybody's mean",
    ),
    exploration: real(
      0,
      { minimum: 0, maximum: 1 },
      "probability that a round's participants are drawn uniformly instead of by the rule",
      { when: unless("selection.rule", "random", "all") },
    ),
    forgetAfter: integer(
      0,
      [0, 1e6],
      "rounds away after which both ends forget what a client's quantizer remembers; 0 = never",
    ),
  },
);

const lossy = unless("loss.kind", "none");
const outage = when("loss.kind", "outage");

/** Uploads that do not arrive. */
export const loss = section("uploads that are lost", {
  kind: choice(
    "none",
    ["none", "random", "outage"],
    "random: each attempt with a probability; outage: where the channel is worse than it was taken for, by more than the margin",
  ),
  probability: real(0.1, { minimum: 0, below: 1 }, "that an attempt is lost", { when: when("loss.kind", "random") }),
  margin: real(3, { minimum: 0 }, "the SINR's signal is taken for so much weaker when the rate is set", {
    unit: "dB",
    when: outage,
  }),
  deviation: real(4, { above: 0 }, "of the channel's gain about what it was taken for, normal in dB", {
    unit: "dB",
    when: outage,
  }),
  attempts: integer(1, [1, 100], "times an upload is sent at most; 1 = without retransmission", { when: lossy }),
  acknowledged: flag(
    true,
    "a client learns that its upload was lost: its quantizer's memory goes back, and error feedback keeps the whole update",
    { when: lossy },
  ),
});
