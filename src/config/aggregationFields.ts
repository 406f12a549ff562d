import { both, either, unless, when } from "./conditions.js";
import { choice, flag, integer, real, section } from "./fields.js";

const overTheAir = when("aggregation.by", "over-the-air");
const truncated = both(overTheAir, when("aggregation.prescaling", "truncated-inversion"));
const partly = both(overTheAir, either(unless("aggregation.share", 1), truncated));
const accessPoints = when("aggregation.by", "access-points");
const counted = both(accessPoints, when("aggregation.fronthaul.counted", true));

/** How the clients' updates become one sum. */
export const aggregation = section("how the clients' updates are added up", {
  by: choice(
    "digital",
    ["digital", "over-the-air", "access-points"],
    "digital: the server decodes every packet; over-the-air: all send their updates as amplitudes at once, and the server " +
      "estimates the sum; access-points: each packet is decoded by one access point, which sends on the sum of its own",
  ),
  prescaling: choice(
    "full",
    ["full", "inversion", "truncated-inversion"],
    "power coefficients: 1 for all; in proportion to (what the update counts)² / gain, the largest being 1; the same of those " +
      "whose gain is not below `threshold`, and 0 of others",
    { when: overTheAir },
  ),
  threshold: real(
    -20,
    { maximum: 0 },
    "dB to the largest gain of those that take part, summed over the access points, below which a client does not send",
    { when: truncated },
  ),
  share: real(
    1,
    { above: 0, maximum: 1 },
    "of the entries that are sent in a round, the same of all clients, drawn by the seed; if others are not kept for later, what is sent counts for them",
    { when: overTheAir },
  ),
  errorFeedback: flag(false, "clients add what they did not send to their next update", { when: partly }),
  entryBits: integer(32, [1, 64], "bits of an entry of a sum on the fronthaul", { when: accessPoints }),
  sampleBits: integer(
    12,
    [1, 64],
    "bits of each real number of a sample, where the fronthaul carries samples instead",
    {
      when: accessPoints,
    },
  ),
  fronthaul: section("the links on which the access points send on their sums", {
    counted: flag(false, "count its time, after the last packet, and its energy", { when: accessPoints }),
    rate: real(1e9, { above: 0 }, "of each link", { unit: "bit/s", when: counted }),
    power: real(0.825, { minimum: 0 }, "W of a link while it carries something", { when: counted }),
    energyPerBit: real(2.5e-10, { minimum: 0 }, "J a bit", { when: counted }),
  }),
});
