import quadprog from "quadprog";
import { stream } from "../bindings/random.js";
import type { UploadProblem } from "../src/config/records.js";
import { closedFormRates, createNetwork } from "../src/network/index.js";
import { type QuadraticProgram, solveQp } from "../src/optimize/index.js";
import { defaults } from "../src/parts/defaults.js";
import { allocateBatch, allocatePower } from "../src/power/index.js";
import { type Comparison, inProcess, type Sides } from "./comparison.js";
import { besides } from "./peers/index.js";
import { here } from "./sides.js";

/** Quadratic programs against npm's quadprog; power allocation, cold against warm, SciPy's SLSQP and one by one. */
export const comparisons: Comparison[] = [
  ...[
    [8, 16],
    [16, 48],
    [32, 96],
  ].map(
    ([n, rows]): Comparison => ({
      name: `qp-${n}`,
      what: `quadratic program, n = ${n}, ${rows} rows, cold from arrays to record`,
      work: { amount: 1, unit: "solves" },
      sides: () => quadraticPrograms(n!, rows!),
    }),
  ),
  ...[10, 20, 40].flatMap((clients): Comparison[] =>
    ["joint", "most-rounds", "min-max"].map((method) => ({
      name: `${method}-${clients}`,
      what: `power, ${method}, K = ${clients}, cold`,
      work: { amount: 1, unit: "solves" },
      ...(clients === 20 || method === "joint" ? {} : { full: true as const }),
      sides: () => powers(method, clients),
    })),
  ),
  {
    name: "joint-batch",
    what: "power, joint, K = 20, a drop of 200 in one call",
    work: { amount: 1, unit: "drops" },
    sides: () => {
      const problems = uploads(20, 200);
      return {
        ours: here("here", () => allocateBatch(problems, { method: "joint" }), problems.length),
        peers: [
          here(
            "one by one",
            () => {
              for (const problem of problems) allocatePower(problem, { method: "joint" });
            },
            problems.length,
          ),
        ],
      };
    },
  },
];

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

/** Ten programs in turn, so that no one of them is learned by heart. */
function quadraticPrograms(n: number, m: number): Sides {
  const programs = Array.from({ length: 10 }, (_, seed) => program(n, m, seed));
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
  const warm = ours.map((one) => ({ ...one, activeSet: solveQp(one).activeSet }));
  const copy = (matrix: number[][]): number[][] => matrix.map((row) => row.slice());
  let turn = 0;
  return inProcess(() => solveQp(ours[turn++ % 10]!), {
    "npm quadprog": () => {
      // It overwrites D and the linear term.
      const one = theirs[turn++ % 10]!;
      quadprog.solveQP(copy(one.d), one.linear.slice(), one.a, one.b, 0);
    },
    "ours from its active set": () => solveQp(warm[turn++ % 10]!),
  });
}

/** Drops of the paper's network, with the bits of EMQ at digits 0 and the budgets of the headline comparison. */
export function uploads(clients: number, count: number): UploadProblem[] {
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

async function powers(method: string, clients: number): Promise<Sides> {
  const problems = uploads(clients, 20);
  let turn = 0;
  const next = <T>(list: readonly T[]): T => list[turn++ % list.length]!;
  const options = method === "joint" ? { method, alpha: 0.5 } : { method };
  const later = problems.map((problem) => ({
    problem: nextRound(problem),
    powers: allocatePower(problem, options).power,
  }));
  const warm = here("ours warm, uploads changed by 2 %", () => {
    const { problem, powers } = next(later);
    allocatePower(problem, options, powers);
  });
  const peers = await besides(method === "joint" ? [slsqp(problems[0]!)] : []);
  return {
    ours: here("here", () => allocatePower(next(problems), options)),
    peers: method === "min-max" ? [] : [warm, ...peers.sides],
    free: [peers.free],
  };
}

/** SciPy on the first of the drops, as a file of `cellfed power --problem` has it. */
function slsqp({ rates, bits }: UploadProblem) {
  const K = rates.clients;
  const problem = {
    signal: [...rates.signal],
    selfInterference: [...rates.selfInterference],
    interference: Array.from({ length: K }, (_, k) => [...rates.interference.subarray(k * K, (k + 1) * K)]),
    noise: [...rates.noise],
    bandwidth: rates.bandwidth,
    transmitPower: rates.transmitPower,
    bits: [...bits],
  };
  return { name: "SciPy SLSQP", task: "slsqp-joint", options: { problem } };
}
