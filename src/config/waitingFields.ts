import { both, unless, when } from "./conditions.js";
import { choice, integer, limit, real, section } from "./fields.js";

const asynchronous = when("waiting.kind", "asynchronous");
const deadline = when("waiting.kind", "deadline");
/** Updates can be stale: of an older model than the one that they are added to. */
const stale = unless("waiting.kind", "synchronous", "semi-synchronous");

/** How long the server waits for its clients, and what it does with what comes late. */
export const waiting = section("how long the server waits, on the simulated clock", {
  kind: choice(
    "synchronous",
    ["synchronous", "deadline", "semi-synchronous", "asynchronous"],
    "synchronous: for all, who begin to send together; deadline: until `deadline`; semi-synchronous: for all, who train as " +
      "many epochs as fit into `period`; asynchronous: for `buffer` updates, whenever begun. All but the first share the radio " +
      "among those who send at the moment",
  ),
  deadline: limit(null, "s from a round's beginning to its end; null = no limit", { when: deadline }),
  late: choice(
    "drop",
    ["drop", "keep"],
    "what comes of an update that is late: it is broken off, or used when it is there",
    {
      when: deadline,
    },
  ),
  period: real(0.1, { above: 0 }, "s for which clients train, at least one epoch", {
    when: when("waiting.kind", "semi-synchronous"),
  }),
  buffer: integer(1, [1, 100_000], "updates of a server step", { when: asynchronous }),
  mixing: choice(
    "updates",
    ["updates", "models"],
    "what the server adds: the updates (FedBuff), or a share of the way to the clients' models (FedAsync)",
    { when: asynchronous },
  ),
  mixingRate: real(0.6, { above: 0, maximum: 1 }, 'α, share of the way with mixing "models"', {
    when: both(asynchronous, when("waiting.mixing", "models")),
  }),
  staleness: section(
    "s(τ), what an update counts that is τ server steps old",
    {
      kind: choice(
        "polynomial",
        ["constant", "polynomial", "hinge", "geometric"],
        "1; (1 + τ)^−exponent; 1 up to `threshold`, then 1 / (1 + exponent (τ − threshold)); factor^τ",
      ),
      exponent: real(0.5, { minimum: 0, maximum: 100 }, 'a of "polynomial" and "hinge"', {
        when: both(stale, when("waiting.staleness.kind", "polynomial", "hinge")),
      }),
      threshold: integer(4, [0, 1e6], 'b of "hinge"', { when: both(stale, when("waiting.staleness.kind", "hinge")) }),
      factor: real(0.5, { minimum: 0, maximum: 1 }, 'of "geometric"', {
        when: both(stale, when("waiting.staleness.kind", "geometric")),
      }),
    },
    { when: stale },
  ),
});
