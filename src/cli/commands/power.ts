import { Command } from "commander";
import { InputError, unknownName } from "../../config/errors.js";
import type { Allocation, UploadProblem } from "../../config/records.js";
import type { FrontPoint } from "../../power/index.js";
import { printJson, say } from "../terminal/output.js";

interface Options {
  problem: string;
  method: string;
  alpha?: string;
  minimumRate?: string;
  exponent?: string;
  figure?: string | boolean;
  json?: true;
}

/** `cellfed power`: one upload problem through the power-allocation methods. */
export function powerCommand(): Command {
  return new Command("power")
    .description("allocate the powers of one upload by one method, several or all, and draw the energy-latency front")
    .requiredOption("--problem <file>", "JSON: the rate model, the bits, the compute latency and the budgets")
    .option("--method <names>", "methods with commas between them, or all", "all")
    .option("--alpha <number>", "weight of energy, 0 to 1, of joint and coordinate")
    .option("--minimum-rate <number>", "bit/s for every client, of sum-rate")
    .option("--exponent <number>", "of fractional")
    .option("--figure <file>", "where the front goes (default: power.svg beside the table, none with --json)")
    .option("--no-figure", "no figure")
    .option("--json", "print the allocations as JSON")
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { allocatePower, energyLatencyFront, parseProblem, powerMethodNames, totals } = await import(
    "../../power/index.js"
  );
  const { readBytes, writeBytes } = await import("../files/vectors.js");
  const problem = await within(options.problem, async () => parseProblem(json(await readBytes(options.problem))));
  const settings = {
    ...numeric("alpha", "--alpha", options.alpha),
    ...numeric("minimumRate", "--minimum-rate", options.minimumRate),
    ...numeric("exponent", "--exponent", options.exponent),
  };
  const asked = options.method.split(",").map((name) => name.trim());
  const all = asked.includes("all");
  const unknown = asked.find((name) => name !== "all" && !powerMethodNames.includes(name));
  if (unknown !== undefined) {
    throw new InputError("--method", unknownName("power method", unknown, [...powerMethodNames, "all"]));
  }
  const names = all ? powerMethodNames : asked;
  const allocations: [string, Allocation][] = [];
  for (const method of names) {
    if (all && method === "most-rounds" && problem.budgets === undefined) {
      say("most-rounds is left out: the problem has no budgets");
      continue;
    }
    allocations.push([method, allocatePower(problem, { method, ...settings })]);
  }
  const figure =
    options.figure === false ? undefined : typeof options.figure === "string" ? options.figure : "power.svg";
  const wanted = figure !== undefined && (options.json !== true || typeof options.figure === "string");
  const drawn = wanted && allocations.some(([, { status }]) => status !== "infeasible");
  if (wanted && !drawn) say("no figure: no method serves every client");
  if (drawn) {
    const svg = await frontFigure(problem, energyLatencyFront(problem), allocations);
    await writeBytes(figure, new TextEncoder().encode(svg));
  }
  if (options.json === true) {
    return printJson(
      Object.fromEntries(
        allocations.map(([method, { status, power, latency, energy, rate, iterations, reason }]) => [
          method,
          { status, power, latency, energy, rate, iterations, ...(reason === undefined ? {} : { reason }) },
        ]),
      ),
    );
  }
  const { textTable } = await import("../../report/tables/table.js");
  const rows = allocations.map(([method, allocation]) => ({
    method,
    ...allocation,
    ...totals(problem, allocation),
    slowest: Math.max(...allocation.latency),
  }));
  process.stdout.write(
    `${textTable(rows, [
      { label: "method", value: ({ method }) => method },
      { label: "max latency (s)", value: ({ slowest }) => slowest },
      { label: "energy (J)", value: ({ energy }) => energy },
      { label: "rounds", value: ({ rounds }) => (problem.budgets === undefined ? null : rounds) },
      { label: "iterations", value: ({ iterations }) => iterations },
      { label: "status", value: ({ status, reason }) => (reason === undefined ? status : `${status}: ${reason}`) },
    ])}\n`,
  );
  if (drawn) say(`front: ${figure}`);
}

/** The front as a line, every method that serves everyone as a point of it or above it. */
async function frontFigure(
  problem: UploadProblem,
  front: readonly FrontPoint[],
  allocations: readonly [string, Allocation][],
): Promise<string> {
  const { lineFigure } = await import("../../report/figures/charts.js");
  const point = ({ latency, energy }: Allocation) => ({
    latency: Math.max(...latency),
    energy: energy.reduce((sum, value) => sum + value, 0),
  });
  const points = allocations
    .filter(([, { status }]) => status !== "infeasible")
    .map(([name, allocation]) => ({ name, ...point(allocation) }));
  // Least energy takes hours; the front is drawn as far as the methods reach, and some way in any case.
  const least = front.length > 0 ? point(front[0]!.allocation).latency : 0;
  const end = Math.max(20 * least, ...points.map(({ latency }) => latency));
  const line = front.map(({ allocation }) => point(allocation)).filter(({ latency }) => latency <= end);
  const series = [
    { name: "front (joint, α from 0 to 1)", x: line.map((at) => at.latency), y: line.map((at) => at.energy) },
    ...points.map(({ name, latency, energy }) => ({ name, x: [latency], y: [energy] })),
  ].filter(({ x }) => x.length > 0);
  return lineFigure({
    title: `Energy and latency of one upload, ${problem.rates.clients} clients`,
    x: { label: "slowest upload (s)", scale: "log" },
    y: { label: "energy (J)", scale: "log" },
    series,
  });
}

function json(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new InputError("JSON", (error as Error).message, { cause: error });
  }
}

/** Errors of a file's fields say which file. */
async function within<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof InputError) || error.path === file) throw error;
    throw new InputError(file, error.message, { cause: error });
  }
}

function numeric(name: string, flag: string, text: string | undefined): Record<string, number> {
  if (text === undefined) return {};
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new InputError(flag, `"${text}" is not a number`);
  return { [name]: value };
}
