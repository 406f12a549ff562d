import quadprog from "quadprog";
import { stream } from "../bindings/random.js";
import type { UploadProblem } from "../src/config/records.js";
import { closedFormRates, createNetwork } from "../src/network/index.js";
import { type QuadraticProgram, solveQp } from "../src/optimize/index.js";
import { defaults } from "../src/parts/defaults.js";
import { allocateBatch, allocatePower } from "../src/power/index.js";
import { textTable } from "../src/report/tables/table.js";
import { interleave, type Measured } from "./measure.js";

/** Quadratic programs against npm's quadprog; the SQP and the exact methods of power allocation; their scaling. */
export function run(): void {
  quadraticPrograms();
  powers();
  scaling();
  batch();
  console.log(
    "\nSciPy's SLSQP beside it: python3 bench/peers/slsqp.py --power problem.json (a file of `cellfed power`)",
  );
}

const micro = (seconds: number): string => `${(1e6 * seconds).toFixed(1)} µs`;
const milli = (seconds: number): string => `${(1e3 * seconds).toFixed(3)} ms`;

/** A strictly convex program with a feasible point and about half as many active rows as variables. */
function program(n: number, m: number, seed: number) {
  const random = stream(seed, "test", n, m);
  const normal = (count: number): number[] => Array.from({ length: count }, () => random.normal());
  const root = Array.from({ length: n }, () => normal(n));
  const hessian = root.map((_, i) =>
    root.map((_, j) => root.reduce((sum, row) => sum + row[i]! * row[j]!, 0) / n + (i === j ? 1 : 0)),
  );
  const linear = normal(n).map((value) => 5 * value);
  const inside = normal(n);
  const rows = Array.from({ length: m }, () => normal(n));
  const right = rows.map((row) => row.reduce((sum, c, j) => sum + c * inside[j]!, 0) - random.uniform());
  return { hessian, linear, rows, right };
}

function quadraticPrograms(): void {
  const table = [
    [8, 16],
    [16, 48],
    [32, 96],
  ].map(([n, m]) => {
    // Ten programs in turn, so that no one of them is learned by heart.
    const programs = Array.from({ length: 10 }, (_, seed) => program(n!, m!, seed));
    const ours = programs.map(
      ({ hessian, linear, rows, right }): QuadraticProgram => ({
        hessian: Float64Array.from(hessian.flat()),
        linear: Float64Array.from(linear),
        inequality: { matrix: Float64Array.from(rows.flat()), values: Float64Array.from(right) },
      }),
    );
    const theirs = programs.map(({ hessian, linear, rows, right }) => ({
      d: [[], ...hessian.map((row) => [0, ...row])],
      linear: [0, ...linear.map((value) => -value)],
      a: [[], ...linear.map((_, j) => [0, ...rows.map((row) => row[j]!)])],
      b: [0, ...right],
    }));
    const solved = ours.map((one) => solveQp(one));
    const warm = ours.map((one, i) => ({ ...one, activeSet: solved[i]!.activeSet }));
    const copy = (matrix: number[][]): number[][] => matrix.map((row) => row.slice());
    let turn = 0;
    const measured = interleave([
      {
        name: "quadprog",
        run() {
          // It overwrites D and the linear term.
          const one = theirs[turn++ % 10]!;
          quadprog.solveQP(copy(one.d), one.linear.slice(), one.a, one.b, 0);
        },
      },
      { name: "solveQp", run: () => solveQp(ours[turn++ % 10]!) },
      { name: "warm", run: () => solveQp(warm[turn++ % 10]!) },
    ]);
    const changes = solved.reduce((sum, { iterations }) => sum + iterations, 0) / 10;
    const active = solved.reduce((sum, { activeSet }) => sum + activeSet.length, 0) / 10;
    return { n, m, changes, active, measured };
  });
  console.log("\nQuadratic programs, cold from arrays to record (ten of each size in turn)");
  console.log(
    textTable(table, [
      { label: "n", value: ({ n }) => n! },
      { label: "rows", value: ({ m }) => m! },
      { label: "active", value: ({ active }) => active },
      { label: "changes", value: ({ changes }) => changes },
      { label: "npm quadprog", value: ({ measured }) => micro(measured[0]!.seconds) },
      { label: "solveQp", value: ({ measured }) => micro(measured[1]!.seconds) },
      { label: "times as fast", value: ({ measured }) => measured[1]!.ratio, digits: 1 },
      { label: "from its active set", value: ({ measured }) => micro(measured[2]!.seconds) },
    ]),
  );
}

/** Drops of the paper's network, with the bits of EMQ at digits 0 and the budgets of the headline comparison. */
function uploads(clients: number, count: number): UploadProblem[] {
  return Array.from({ length: count }, (_, seed) => {
    const network = createNetwork({ ...defaults.network, clients }, { seed });
    const random = stream(seed, "test", clients);
    return {
      rates: closedFormRates(network),
      bits: Float64Array.from({ length: clients }, () => Math.round(462410 * (1.05 + 0.25 * random.uniform()))),
      computeLatency: 0.075,
      budgets: { energy: clients <= 20 ? 0.5 : 1, latency: 5 },
    };
  });
}

/** The next round's: every upload a few per cent larger or smaller. */
function nextRound(problem: UploadProblem): UploadProblem {
  return { ...problem, bits: problem.bits.map((b, k) => Math.round(b * (0.98 + 0.01 * ((7 * k) % 5)))) };
}

function powers(): void {
  const rows = [10, 20, 40].flatMap((clients) => {
    const problems = uploads(clients, 20);
    let turn = 0;
    const next = <T>(list: readonly T[]): T => list[turn++ % list.length]!;
    const methods = [
      { name: "joint", options: { method: "joint", alpha: 0.5 } },
      { name: "most-rounds", options: { method: "most-rounds" } },
      { name: "min-max", options: { method: "min-max" } },
    ];
    return methods.map(({ name, options }) => {
      const cold = problems.map((problem) => allocatePower(problem, options));
      const later = problems.map((problem, i) => ({ problem: nextRound(problem), powers: cold[i]!.power }));
      const [first, second] = interleave(
        [
          { name: "cold", run: () => allocatePower(next(problems), options) },
          {
            name: "warm",
            run: () => {
              const { problem, powers } = next(later);
              allocatePower(problem, options, powers);
            },
          },
        ],
        { rounds: 5, secondsEach: 0.1 },
      ) as [Measured, Measured];
      const iterations = cold.reduce((sum, one) => sum + one.iterations, 0) / cold.length;
      return { clients, name, iterations, first, second };
    });
  });
  console.log("\nPower allocation: cold, and warm from the last round's powers (uploads changed by ±2 %)");
  console.log(
    textTable(rows, [
      { label: "K", value: ({ clients }) => clients },
      { label: "method", value: ({ name }) => name },
      { label: "iterations", value: ({ iterations }) => iterations },
      { label: "cold", value: ({ first }) => milli(first.seconds) },
      { label: "warm", value: ({ second, name }) => (name === "min-max" ? null : milli(second.seconds)) },
    ]),
  );
}

function scaling(): void {
  const rows = [10, 20, 40, 100, 200, 400, 1000].map((clients) => {
    const problems = uploads(clients, 4);
    let turn = 0;
    const candidate = (name: string, options: { method: string; alpha?: number }) => ({
      name,
      run: () => allocatePower(problems[turn++ % 4]!, options),
    });
    const measured = interleave(
      [
        candidate("min-max", { method: "min-max" }),
        candidate("joint", { method: "joint", alpha: 0.5 }),
        candidate("most-rounds", { method: "most-rounds" }),
      ],
      { rounds: 3, secondsEach: 0.1 },
    );
    return { clients, measured };
  });
  console.log("\nScaling, cold");
  console.log(
    textTable(rows, [
      { label: "K", value: ({ clients }) => clients },
      ...[0, 1, 2].map((i) => ({
        label: rows[0]!.measured[i]!.name,
        value: ({ measured }: (typeof rows)[number]) => milli(measured[i]!.seconds),
      })),
    ]),
  );
}

function batch(): void {
  const problems = uploads(20, 1000);
  const one = (): void => {
    for (const problem of problems) allocatePower(problem, { method: "joint" });
  };
  const [single, together] = interleave(
    [
      { name: "one by one", run: one },
      { name: "allocateBatch", run: () => allocateBatch(problems, { method: "joint" }) },
    ],
    { rounds: 3, secondsEach: 0.5 },
  ) as [Measured, Measured];
  console.log(
    `\n1000 drops of K = 20, joint: ${milli(single.seconds / 1000)} a drop one by one, ` +
      `${milli(together.seconds / 1000)} in one call`,
  );
}
