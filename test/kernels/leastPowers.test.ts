import { describe, expect, it } from "vitest";
import { borrowPower, type PowerWorkspace, returnPower } from "../../bindings/power.js";
import { stream } from "../../bindings/random.js";
import { solveLinear } from "../reference/activeSets.js";

/** Up to 64 by elimination, above by iteration. */
const sizes = [1, 2, 3, 5, 8, 17, 64, 65, 90];

interface Model {
  signal: number[];
  noise: number[];
  demand: number[];
  couplings: number[][];
}

/** Interference of a few per cent of the noise at full power from each of the others, whatever their number. */
function model(n: number): Model {
  const random = stream(n, "test", 31);
  const list = (low: number, high: number): number[] =>
    Array.from({ length: n }, () => low + (high - low) * random.uniform());
  return {
    signal: list(1, 9),
    noise: list(0.1, 1),
    demand: list(0.5, 1.5),
    couplings: Array.from({ length: n }, (_, k) =>
      Array.from({ length: n }, (_, j) => (j === k ? 0.2 : random.integer(4) === 0 ? 0 : (2 * random.uniform()) / n)),
    ),
  };
}

function borrow({ signal, noise, demand, couplings }: Model): PowerWorkspace {
  const workspace = borrowPower(signal.length);
  const views = workspace.views();
  views.signal.set(signal);
  views.noise.set(noise);
  views.demand.set(demand);
  views.couplings.fill(0);
  for (const [k, row] of couplings.entries()) views.couplings.set(row, k * workspace.stride);
  views.held.fill(0);
  views.power.fill(1);
  return workspace;
}

const times = (rows: readonly number[][], x: readonly number[]): number[] =>
  rows.map((row) => row.reduce((sum, value, j) => sum + value * x[j]!, 0));

/** M p = g I, M p′ = g′ D, M p″ = g″ D + 2 g′ C p′, rows of held powers replaced by what holds them. */
function plainPowers({ signal, noise, demand, couplings }: Model, eta: number, held: readonly number[]) {
  const g = demand.map((c) => Math.expm1(eta * c));
  const isHeld = (k: number): boolean => held[k]! > 0;
  const system = couplings.map((row, k) =>
    row.map((value, j) => (isHeld(k) ? (j === k ? 1 : 0) : (j === k ? signal[k]! : 0) - g[k]! * value)),
  );
  const power = solveLinear(
    system,
    g.map((value, k) => (isHeld(k) ? held[k]! : value * noise[k]!)),
  );
  if (power === undefined || power.some((p) => !(p > 0))) return undefined;
  const received = times(couplings, power);
  const slopes = demand.map((c, k) => (isHeld(k) ? 0 : c * (g[k]! + 1)));
  const growth = solveLinear(
    system,
    slopes.map((slope, k) => slope * (received[k]! + noise[k]!)),
  )!;
  const receivedGrowth = times(couplings, growth);
  const bend = solveLinear(
    system,
    slopes.map((slope, k) => slope * (demand[k]! * (received[k]! + noise[k]!) + 2 * receivedGrowth[k]!)),
  )!;
  return { power, growth, bend, received, receivedGrowth };
}

describe("least powers for a common η", () => {
  it.each(sizes)("n = %i: solve the linear system and its derivatives, until no powers do", (n) => {
    const plain = model(n);
    const workspace = borrow(plain);
    const none = new Array<number>(n).fill(0);
    const reached: boolean[] = [];
    for (const eta of [0.01, 0.1, 0.3, 0.6, 1, 1.5, 2, 3, 5, 9]) {
      const expected = plainPowers(plain, eta, none);
      expect([eta, workspace.minimalPowers(eta, 2)]).toEqual([eta, expected !== undefined]);
      reached.push(expected !== undefined);
      if (expected === undefined) continue;
      const views = workspace.views();
      for (const [name, precision] of [
        ["power", 1e-11],
        ["received", 1e-11],
        ["growth", 1e-9],
        ["receivedGrowth", 1e-9],
        ["bend", 1e-4], // a guess of the next step is made of it, no more
      ] as const)
        expected[name].forEach((value, k) => {
          // A client whom nobody disturbs receives nothing
          expect([name, Math.abs(views[name][k]! - value) <= precision * Math.abs(value)]).toEqual([name, true]);
        });
    }
    expect(new Set(reached).size).toBe(2);
    returnPower(workspace);
  });

  it.each(sizes)("n = %i: held powers stay, the others answer to them", (n) => {
    const plain = model(n);
    const workspace = borrow(plain);
    const held = plain.signal.map((_, k) => (k % 3 === 0 ? 0.25 : 0));
    workspace.views().held.set(held);
    expect(workspace.minimalPowers(0.1, 2)).toBe(true);
    const { power, growth } = workspace.views();
    const expected = plainPowers(plain, 0.1, held)!;
    for (let k = 0; k < n; k++) {
      expect(Math.abs(power[k]! / expected.power[k]! - 1)).toBeLessThan(1e-11);
      expect(Math.abs(growth[k]! - expected.growth[k]!)).toBeLessThan(1e-9 * (held[k]! > 0 ? 1 : expected.growth[k]!));
    }
    returnPower(workspace);
  });

  it("does not depend on what the workspace was used for before, to the bit", () => {
    const answer = (): number[] => {
      const workspace = borrow(model(90));
      workspace.minimalPowers(0.3, 2);
      const { power, growth, bend } = workspace.views();
      const all = [...power, ...growth, ...bend];
      returnPower(workspace);
      return all;
    };
    const first = answer();
    const between = borrow({ ...model(90), demand: new Array<number>(90).fill(50) });
    between.minimalPowers(3, 2);
    between.views().right.fill(1e300);
    between.charge();
    returnPower(between);
    expect(answer()).toEqual(first);
  });
});

describe("products with the couplings, and the bordered system", () => {
  it.each(sizes)("n = %i", (n) => {
    const plain = model(n);
    const workspace = borrow(plain);
    const random = stream(n, "test", 32);
    const list = (low: number, high: number): number[] =>
      Array.from({ length: n }, () => low + (high - low) * random.uniform());
    const views = workspace.views();
    const [power, prices] = [list(0, 1), list(0, 1)];
    views.power.set(power);
    views.right.set(prices);
    workspace.receive();
    workspace.charge();
    const transposed = plain.couplings.map((_, j) => plain.couplings.map((row) => row[j]!));
    for (const [actual, expected] of [
      [views.received, times(plain.couplings, power)],
      [views.unknown, times(transposed, prices)],
    ] as const)
      expected.forEach((value, k) => {
        expect(Math.abs(actual[k]! - value)).toBeLessThanOrEqual(1e-13 * n * value);
      });

    const m = n >> 1;
    const [own, factor, scale, border, right] = [list(0.5, 2), list(0, 0.3), list(0.5, 1), list(0.5, 1), list(-1, 1)];
    views.own.set(own);
    views.rowFactor.set(factor);
    views.scale.set(scale);
    views.border.set(border);
    views.right.set(right);
    const system = plain.couplings.map((row, k) =>
      row.map((value, j) => (j === m ? border[k]! : j === k ? own[k]! : -factor[k]! * value * scale[j]!)),
    );
    const expected = solveLinear(system, right)!;
    expect(workspace.solveBordered(m, 1e-13)).toBeLessThan(1e-12);
    const size = Math.max(...expected.map(Math.abs));
    expected.forEach((value, k) => {
      expect(Math.abs(views.unknown[k]! - value)).toBeLessThan(1e-9 * size);
    });
    returnPower(workspace);
  });
});
