import { minimize, type QuadraticProgram, solveQp } from "../../../src/optimize/index.js";
import { type ProblemCase, randomProblem } from "./problems.js";
import { type ProgramCase, randomProgram } from "./programs.js";

/** How the cases of one class ended. */
export interface Tally {
  cases: number;
  right: number;
  /** "numerical", "iteration-limit": no answer, and said so */
  numerical: number;
  unfinished: number;
  /** A status or a value that is not so */
  false: number;
}

export interface FuzzResult {
  tallies: Map<string, Tally>;
  /** What was false, a line a case */
  failures: string[];
  /** Programs in even units with their answers, for other solvers to check */
  programs: { name: string; program: QuadraticProgram; status: string; value: number }[];
}

/**
 * Random quadratic programs and smooth problems whose answers are known by construction (optima with their multipliers
 * given first, closed forms, Farkas weights, rays), in turn: redundant, degenerate, badly scaled, started far away,
 * without derivatives, infeasible, unbounded.
 */
export function fuzzOptimize(cases: number, seed: number, onCase?: (done: number) => void): FuzzResult {
  const result: FuzzResult = { tallies: new Map(), failures: [], programs: [] };
  for (let number = 0; number < cases; number++) {
    const drawn = (seed * 1_000_003 + number) % 2 ** 31;
    const isProgram = number % 2 === 0;
    const one = isProgram ? randomProgram(drawn) : randomProblem(drawn);
    const outcome = isProgram ? judgeProgram(one as ProgramCase, result) : judgeProblem(one as ProblemCase);
    const name = `${isProgram ? "solveQp" : "minimize"}: ${one.name.split(/ \(|, n/)[0]}`;
    const tally = result.tallies.get(name) ?? { cases: 0, right: 0, numerical: 0, unfinished: 0, false: 0 };
    result.tallies.set(name, tally);
    tally.cases++;
    tally[outcome.as]++;
    if (outcome.as === "false") result.failures.push(`case ${number} of seed ${seed}, ${one.name}: ${outcome.why}`);
    onCase?.(number + 1);
  }
  return result;
}

interface Outcome {
  as: "right" | "numerical" | "unfinished" | "false";
  why?: string;
}

function judgeProgram({ name, program, expect }: ProgramCase, { programs }: FuzzResult): Outcome {
  const { status, value } = solveQp(program);
  if (name.endsWith("±0") || name.endsWith("±1")) programs.push({ name, program, status, value });
  return judge(status, value, expect, 1e-3);
}

function judgeProblem({ problem, expect }: ProblemCase): Outcome {
  const { status, value, violation, multipliers } = minimize(problem);
  const outcome = judge(status, value, expect, 0.1);
  if (outcome.as !== "right" || expect.status !== "converged") return outcome;
  for (const { variable, force } of expect.fixed ?? []) {
    const found = multipliers.lower[variable]! - multipliers.upper[variable]!;
    if (!(Math.abs(found - force) <= 1e-4))
      return { as: "false", why: `multiplier ${found} of x[${variable}], which is pulled by ${force}` };
  }
  return violation <= 1e-5 ? outcome : { as: "false", why: `converged with a violation of ${violation}` };
}

/** Values may differ by 1e-6 of the value, or of the given share of its terms where these cancel. */
function judge(status: string, value: number, expect: ProgramCase["expect"], share: number): Outcome {
  if (status === "numerical") return { as: "numerical" };
  if (status === "iteration-limit") return { as: "unfinished" };
  if (status !== expect.status) return { as: "false", why: `${status} (${value}), but it is ${expect.status}` };
  if (expect.status !== "converged") return { as: "right" };
  const size = Math.max(Math.abs(expect.value), share * expect.terms);
  if (Math.abs(value - expect.value) <= 1e-6 * size) return { as: "right" };
  return { as: "false", why: `converged at ${value}, but the least is ${expect.value}` };
}

/** Classes as rows of a table, and what is wrong with them: false answers, "numerical" in 1 % of the solvable ones. */
export function reportOf({ tallies, failures }: FuzzResult): { table: string; wrong: string[] } {
  const wrong = failures.slice(0, 20);
  const columns = ["cases", "right", "numerical", "unfinished", "false"] as const;
  const rows = [...tallies].sort().map(([name, tally]) => [name, ...columns.map((column) => String(tally[column]))]);
  const table = [["class", ...columns], ...rows]
    .map(([name, ...counts]) => name!.padEnd(36) + counts.map((count) => count.padStart(11)).join(""))
    .join("\n");
  for (const solver of ["solveQp", "minimize"]) {
    const solvable = [...tallies].filter(([name]) => name.startsWith(solver) && !/infeasible|unbounded/.test(name));
    const sum = (column: "cases" | "numerical"): number =>
      solvable.reduce((total, [, tally]) => total + tally[column], 0);
    if (sum("numerical") > 0 && sum("numerical") >= 0.01 * sum("cases"))
      wrong.push(`${solver}: "numerical" in ${sum("numerical")} of ${sum("cases")} that have a solution`);
  }
  return { table, wrong };
}
