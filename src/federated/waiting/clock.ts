/**
 * The simulated clock of clients that compute and send while others do, over a radio that those share who send at that
 * moment. A queue of three kinds of events: a computation ends, an upload ends, and whatever the caller waits for comes.
 * Whenever the set of those who send changes, powers are asked for anew, and what is left of every upload goes on at the
 * new rate: between two events rates are constant, so that nothing is approximated.
 */

/** What a client does. Idle ones wait for a model. */
export const idle = 0;
export const computing = 1;
export const sending = 2;

/** Where the clients stand: plain data, part of a training's state. Arrays are [K]. */
export interface ClockState {
  /** s since the run began, and since the server's last step */
  seconds: number;
  elapsed: number;
  /** J since the server's last step */
  spent: number;
  phase: Uint8Array;
  /** s of computation left, and what it draws meanwhile in W */
  left: Float64Array;
  draw: Float64Array;
  /** Bits of the upload left */
  bits: Float64Array;
  /** Power coefficients, W and bit/s of those who send, since the set of these changed last */
  power: Float64Array;
  watts: Float64Array;
  rate: Float64Array;
  /** Somebody has begun or ceased to send since powers were asked for */
  changed: boolean;
  /** Clients whose uploads have ended and that are not yet used, in the order in which they came */
  arrived: number[];
  /** What computing and sending are paid from, where there are batteries */
  batteries?: ClockBatteries;
}

/** The clients' batteries while time passes: plain data. Arrays are [K]. */
export interface ClockBatteries {
  /** J that each holds now, and at most */
  left: Float64Array;
  readonly charge: Float64Array;
  /** J of these that the work under way may still use */
  allowed: Float64Array;
  /** W that come in */
  harvest: Float64Array;
  /** Clients that have given up since their batteries do not carry the rest, in the order in which they did */
  out: number[];
}

/** What those who send may use until their set changes. */
export interface Shares {
  /** Coefficients, what is drawn while sending in W, and bit/s [K]; those of silent clients do not count */
  power: Float64Array;
  watts: Float64Array;
  rate: Float64Array;
  /** Those whose batteries do not carry what they have left at any power: they send no more */
  silent?: readonly number[];
}

/** What is asked of the radio at a moment. */
export interface Asked {
  /** Bits left [K], 0 of silent clients */
  bits: Float64Array;
  /** s and J since the server's last step */
  elapsed: number;
  spent: number;
  /** Powers of before [K]; undefined where nobody has sent yet */
  previous: Float64Array | undefined;
  /** J that each may use for its bits [K], where there are batteries */
  allowed?: Float64Array;
}

/** Part of a client's time: s since the server's last step. */
export interface Span {
  client: number;
  does: "computing" | "sending";
  from: number;
  to: number;
}

/** What a stretch of time took: arrays are [K]. */
export interface Meter {
  /** s and J of sending, circuit power included */
  sending: Float64Array;
  energy: Float64Array;
  /** Σ p dt while sending, s at full power */
  atFullPower: Float64Array;
  /** J of computing */
  computing: Float64Array;
  spans: Span[];
}

/** What a client begins with. */
export interface Work {
  /** s until it sends: download and computation */
  seconds: number;
  /** J of the computation, drawn evenly over it */
  joules: number;
  /** 0: nothing to send, its update is there when it has computed */
  bits: number;
}

/**
 * Uploads that would end within this of one another, relative to the time until then, end together, when the last of
 * them does: where a power method lets all end at once, it does so to its own precision.
 */
export const together = 1e-6;

/** @param charge J in each battery [K], where there are any */
export function emptyClock(clients: number, charge?: Float64Array): ClockState {
  const zeros = () => new Float64Array(clients);
  const batteries = charge && { left: charge.slice(), charge, allowed: charge.slice(), harvest: zeros(), out: [] };
  return {
    ...(batteries && { batteries }),
    ...{ seconds: 0, elapsed: 0, spent: 0, phase: new Uint8Array(clients), left: zeros(), draw: zeros() },
    ...{ bits: zeros(), power: zeros(), watts: zeros(), rate: zeros(), changed: false, arrived: [] },
  };
}

export function emptyMeter(clients: number): Meter {
  const zeros = () => new Float64Array(clients);
  return { sending: zeros(), energy: zeros(), atFullPower: zeros(), computing: zeros(), spans: [] };
}

/** An idle client gets to work. Energy of a computation that takes no time is spent at once. */
export function begin(clock: ClockState, meter: Meter, client: number, { seconds, joules, bits }: Work): void {
  clock.bits[client] = bits;
  clock.left[client] = seconds;
  clock.draw[client] = seconds > 0 ? joules / seconds : 0;
  if (seconds > 0) {
    clock.phase[client] = computing;
    return;
  }
  meter.computing[client] = meter.computing[client]! + joules;
  clock.spent += joules;
  if (clock.batteries !== undefined) pay(clock.batteries, client, joules, 0);
  computed(clock, client);
}

/** A client's work is broken off; what it has cost is spent. */
export function breakOff(clock: ClockState, client: number): void {
  if (clock.phase[client] === sending) clock.changed = true;
  clock.phase[client] = idle;
  clock.left[client] = 0;
  clock.bits[client] = 0;
}

/** The server has made a step: the next one's time and energy begin. */
export function newStep(clock: ClockState): void {
  clock.elapsed = 0;
  clock.spent = 0;
}

/** How long time is to pass. */
export interface Wait {
  /** Powers and rates for those who send; asked whenever their set has changed */
  share(asked: Asked): Shares | { refused: string };
  /** s since the server's last step */
  until: number;
  /** Whether so many updates that have arrived are enough */
  enough(arrived: number): boolean;
}

/**
 * Lets time pass until enough has arrived, it is late enough, or nobody is at work any more.
 * @returns why it cannot go on, where nobody can be had to serve those who send
 */
export function advance(clock: ClockState, meter: Meter, { share, until, enough }: Wait): string | undefined {
  while (!enough(clock.arrived.length) && clock.elapsed < until) {
    const refused = clock.changed ? divide(clock, share) : undefined;
    if (refused !== undefined) return refused;
    const next = nextEvent(clock);
    if (next === Number.POSITIVE_INFINITY) return undefined;
    const left = until - clock.elapsed;
    pass(clock, meter, Math.min(next, left));
    if (left <= next) clock.elapsed = until;
    for (let client = 0; client < clock.phase.length; client++) {
      if (clock.phase[client] === computing && clock.left[client] === 0) computed(clock, client);
      else if (clock.phase[client] === sending && clock.bits[client] === 0) arrive(clock, client);
    }
  }
  return undefined;
}

/** Asks for the powers of those who send now; whoever cannot pay for any gives up. */
function divide(clock: ClockState, share: Wait["share"]): string | undefined {
  clock.changed = false;
  const bits = clock.bits.map((left, client) => (clock.phase[client] === sending ? left : 0));
  if (bits.every((left) => left === 0)) return undefined;
  const previous = clock.power.some((power) => power > 0) ? clock.power : undefined;
  const { elapsed, spent, batteries } = clock;
  const shares = share({ bits, elapsed, spent, previous, ...(batteries && { allowed: payable(batteries) }) });
  if ("refused" in shares) return shares.refused;
  clock.power = Float64Array.from(shares.power);
  clock.watts = Float64Array.from(shares.watts);
  clock.rate = Float64Array.from(shares.rate);
  // The others have their powers as if these had been silent all along, so that nobody is asked again.
  for (const client of shares.silent ?? []) {
    clock.phase[client] = idle;
    clock.bits[client] = 0;
    batteries?.out.push(client);
  }
  return undefined;
}

/** J that each may use [K]: so much less than it has that an upload that waits to end with others is paid for too. */
function payable({ left, allowed }: ClockBatteries): Float64Array {
  return left.map((joules, client) => Math.min(joules, allowed[client]!) / (1 + together));
}

/** s until the next computation or upload ends; Infinity where nobody is at work. */
function nextEvent({ phase, left, bits, rate }: ClockState): number {
  let next = Number.POSITIVE_INFINITY;
  for (let client = 0; client < phase.length; client++) {
    if (phase[client] === computing) next = Math.min(next, left[client]!);
    if (phase[client] === sending) next = Math.min(next, bits[client]! / rate[client]!);
  }
  let last = next;
  for (let client = 0; client < phase.length; client++) {
    if (phase[client] !== sending) continue;
    const ends = bits[client]! / rate[client]!;
    if (ends <= next * (1 + together)) last = Math.max(last, ends);
  }
  return last;
}

/** So much time passes, in which nothing happens but at its end. */
function pass(clock: ClockState, meter: Meter, seconds: number): void {
  const { phase, left, draw, bits, power, watts, rate, elapsed, batteries } = clock;
  let joules = 0;
  for (let client = 0; client < phase.length; client++) {
    let spent = 0;
    if (phase[client] === computing) {
      const ends = left[client]! <= seconds * (1 + together);
      spent = draw[client]! * (ends ? left[client]! : seconds);
      meter.computing[client] = meter.computing[client]! + spent;
      joules += spent;
      left[client] = ends ? 0 : left[client]! - seconds;
      mark(meter, client, "computing", elapsed, elapsed + seconds);
    }
    if (phase[client] === sending) {
      spent = watts[client]! * seconds;
      meter.sending[client] = meter.sending[client]! + seconds;
      meter.energy[client] = meter.energy[client]! + spent;
      meter.atFullPower[client] = meter.atFullPower[client]! + power[client]! * seconds;
      joules += spent;
      const ends = bits[client]! / rate[client]! <= seconds * (1 + together);
      bits[client] = ends ? 0 : bits[client]! - rate[client]! * seconds;
      mark(meter, client, "sending", elapsed, elapsed + seconds);
    }
    if (batteries !== undefined) pay(batteries, client, spent, seconds);
  }
  clock.spent += joules;
  clock.elapsed += seconds;
  clock.seconds += seconds;
}

/** Out of a battery while energy comes in: both go on evenly, so that what exceeds its charge is lost at the end at the latest. */
function pay(
  { left, charge, allowed, harvest }: ClockBatteries,
  client: number,
  joules: number,
  seconds: number,
): void {
  const rest = left[client]! - joules + harvest[client]! * seconds;
  left[client] = Math.min(charge[client]!, Math.max(0, rest));
  allowed[client] = allowed[client]! - joules;
}

function computed(clock: ClockState, client: number): void {
  if (clock.bits[client] === 0) arrive(clock, client);
  else {
    clock.phase[client] = sending;
    clock.changed = true;
  }
}

function arrive(clock: ClockState, client: number): void {
  if (clock.phase[client] === sending) clock.changed = true;
  clock.phase[client] = idle;
  clock.arrived.push(client);
}

/** What goes on without a break is one span. */
function mark({ spans }: Meter, client: number, does: Span["does"], from: number, to: number): void {
  const last = spans.findLast((span) => span.client === client);
  if (last?.does === does && last.to === from) last.to = to;
  else spans.push({ client, does, from, to });
}
