import * as z from "zod";
import { both, either, unless, when, whenAbove, whenAbsent } from "./conditions.js";
import {
  choice,
  flag,
  given,
  integer,
  integerSchema,
  notAllowed,
  partName,
  real,
  realSchema,
  section,
  text,
} from "./fields.js";

const coordinate = realSchema({});
const position = z.tuple([coordinate, coordinate], { error: notAllowed("a pair [x, y] in m") });
const positions = z.array(position, { error: notAllowed("an array of pairs [x, y] in m") }) as z.ZodType<
  readonly (readonly [number, number])[]
>;
const pilots = z.array(integerSchema(0, 1e6), {
  error: notAllowed("an array of pilot numbers, one a client"),
}) as z.ZodType<readonly number[]>;

/** A channel file is used instead of a drop, with the sizes and powers that it says itself. */
const drawn = whenAbsent("network.channel");
const logDistance = when("network.pathLoss.model", "log-distance");
const threeSlope = when("network.pathLoss.model", "three-slope");
const shadowed = whenAbove("network.shadowing.deviation", 0);
const correlated = unless("network.correlation.model", "uncorrelated");
const moving = unless("network.mobility.model", "none");
const ageing = when("network.ageing.enabled", true);

/** The cell-free network: where everything stands, the channel, the receivers. */
export const network = section("cell-free network", {
  clients: integer(20, [1, 100_000], "K", {
    cost: "the pairs of that many, which interfere, take 80 GB",
  }),
  accessPoints: integer(16, [1, 10_000], "L", {
    when: drawn,
    cost: "with 5000 clients the gains of that many take 400 MB",
  }),
  antennas: integer(4, [1, 256], "N, antennas of an access point", { when: drawn }),
  area: real(1000, { above: 0 }, "side of the square area", { unit: "m", when: drawn }),
  wrapAround: flag(true, "distances around the area's edges", { when: drawn }),
  deployment: section(
    "positions",
    {
      accessPoints: choice("grid", ["grid", "uniform", "given"], "where the access points stand"),
      jitter: real(62.5, { minimum: 0 }, "uniform jitter of the grid, ± m on each axis", {
        when: when("network.deployment.accessPoints", "grid"),
      }),
      clients: choice("uniform", ["uniform", "given"], "where the clients are"),
      accessPointPositions: given(positions, '[x, y] in m, one an access point, with "given"', {
        when: when("network.deployment.accessPoints", "given"),
      }),
      clientPositions: given(positions, '[x, y] in m, one a client, with "given"', {
        when: when("network.deployment.clients", "given"),
      }),
    },
    { when: drawn },
  ),
  heightDifference: real(10, { minimum: 0 }, "access points above the clients", { unit: "m", when: drawn }),
  pathLoss: section(
    "path loss: intercept − slope · log10(d / 1 m)",
    {
      model: choice("log-distance", ["log-distance", "three-slope"], "path loss"),
      intercept: real(-30.5, {}, "dB at 1 m", { when: logDistance }),
      slope: real(36.7, { minimum: 0 }, "dB per decade", { when: logDistance }),
      threeSlopeLoss: real(140.7, {}, 'dB at 1 km, of "three-slope" (Ngo et al. 2017)', { when: threeSlope }),
      nearBreakpoint: real(10, { above: 0 }, 'm, of "three-slope"', { when: threeSlope }),
      farBreakpoint: real(50, { above: 0 }, 'm, of "three-slope"', { when: threeSlope }),
    },
    { when: drawn },
  ),
  shadowing: section(
    "shadow fading",
    {
      deviation: real(4, { minimum: 0 }, "dB"),
      correlation: choice("none", ["none", "clients"], "shadowing correlated over the clients or independent", {
        when: shadowed,
      }),
      decorrelation: real(9, { above: 0 }, "distance over which the correlation halves", {
        unit: "m",
        when: both(shadowed, either(when("network.shadowing.correlation", "clients"), moving)),
      }),
    },
    { when: drawn },
  ),
  bandwidth: real(20e6, { above: 0 }, "", { unit: "Hz", when: drawn }),
  noise: section(
    "thermal noise at an access point",
    { density: real(-174, {}, "", { unit: "dBm/Hz" }), figure: real(7, {}, "noise figure", { unit: "dB" }) },
    { when: drawn },
  ),
  coherence: integer(200, [2, 1e6], "τ_c, samples of a coherence block", { when: either(drawn, ageing) }),
  pilots: integer(0, [0, 1e6], "τ_p, samples; 0 = min(clients, 10)", {
    when: drawn,
    cost: "the signals of that many at 50 access points take 400 MB",
  }),
  pilotAssignment: choice("greedy", ["greedy", "random", "given"], "pilots of the clients", { when: drawn }),
  pilotIndex: given(pilots, 'pilot of each client from 0, with "given"', {
    when: both(drawn, when("network.pilotAssignment", "given")),
  }),
  transmitPower: real(0.1, { above: 0 }, "W, pilots and data at coefficient 1", { when: drawn }),
  clusters: choice("all", ["all", "dcc"], "which access points serve a client: all, or the user-centric clusters", {
    when: drawn,
  }),
  correlation: section(
    "spatial correlation",
    {
      model: choice(
        "uncorrelated",
        ["uncorrelated", "local-scattering", "local-scattering-small-angle"],
        "spatial correlation at an access point",
      ),
      azimuthSpread: real(15, { above: 0, maximum: 180 }, "", { unit: "degrees", when: correlated }),
      elevationSpread: real(15, { above: 0, maximum: 90 }, "", { unit: "degrees", when: correlated }),
    },
    { when: drawn },
  ),
  rician: section(
    "line of sight",
    {
      enabled: flag(false, "Rician instead of Rayleigh fading"),
      kFactor: real(5, {}, "K-factor", { unit: "dB", when: when("network.rician.enabled", true) }),
    },
    { when: drawn },
  ),
  estimator: choice("mmse", ["mmse", "ls", "element-wise-mmse"], "channel estimation"),
  combining: partName("mr", 'receiver that the rates come from; "mr" is the closed form'),
  realizations: integer(100, [1, 1e9], "channel realizations of Monte Carlo rates", {
    // What maximum ratio at the access points needs is known in closed form.
    when: unless("network.combining", "mr", "mr+n-lsfd", "mr+lsfd"),
  }),
  mobility: section("mobility", {
    model: choice("none", ["none", "straight", "random-waypoint"], "how clients move between rounds"),
    speed: real(1, { minimum: 0 }, "", { unit: "m/s", when: either(moving, ageing) }),
    clock: choice("rounds", ["rounds", "interval"], "clients move for as long as a round takes, or for the interval", {
      when: moving,
    }),
    interval: real(1, { above: 0 }, "between two rounds", {
      unit: "s",
      when: both(moving, when("network.mobility.clock", "interval")),
    }),
  }),
  ageing: section("Jakes' channel ageing", {
    enabled: flag(false, "channel ageing inside a coherence block; the speed is the mobility's"),
    carrier: real(2e9, { above: 0 }, "carrier", { unit: "Hz", when: ageing }),
    sampleTime: real(5e-6, { above: 0 }, "s between two samples of the coherence block", { when: ageing }),
  }),
  channel: text("channel file instead of a drop"),
});
