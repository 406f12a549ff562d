import { InputError, unknownName } from "../../config/errors.js";
import { methodText, type NamedMethod, parseMethods } from "../../config/grammar.js";
import { parseJson } from "../../config/json.js";
import type { Allocation, UploadProblem } from "../../config/records.js";
import { readInput } from "../../disk/input.js";
import {
  energyLatencyFront,
  parseProblem,
  powerMethod,
  powerMethodNames,
  powerMethodSettings,
  totals,
} from "../../power/index.js";
import { drawingFiles } from "../../report/figures/drawing.js";
import { frontFigure } from "../../report/figures/front.js";
import { textTable } from "../../report/tables/table.js";
import type { SharedOptions } from "../commands/options.js";
import { writeAndShow, writeFiles } from "../files/outputs.js";
import { loadPlugins } from "../files/plugins.js";
import { endedBySignals } from "../terminal/interruption.js";
import { print, printJson, say } from "../terminal/output.js";

export interface PowerOptions extends Pick<SharedOptions, "plugin" | "json"> {
  problem: string;
  method: string;
  alpha?: string;
  minimumRate?: string;
  exponent?: string;
  figure?: string | boolean;
}

/** A method's answer, under the name that it was asked for by. */
interface Answer {
  label: string;
  minimizes: string | undefined;
  allocation: Allocation;
}

export async function power(options: PowerOptions): Promise<void> {
  await loadPlugins(options.plugin);
  const problem = await readProblem(options.problem);
  const answers = methodsOf(options, problem).map(({ label, method }): Answer => {
    const { minimizes, allocate } = powerMethod(method);
    return { label, minimizes, allocation: endedBySignals(() => allocate(problem)) };
  });
  let figure: string | undefined;
  const draw = async (): Promise<void> => {
    figure = await drawFront(options, problem, answers);
  };
  await writeAndShow(answers, draw, () => show(options, problem, answers));
  if (figure !== undefined) say(`front: ${figure}`);
}

function show(options: PowerOptions, problem: UploadProblem, answers: readonly Answer[]): void {
  if (options.json === true) {
    printJson(
      Object.fromEntries(
        answers.map(
          ({
            label,
            minimizes,
            allocation: { status, power: powers, latency, energy, rate, iterations, reason, ...computation },
          }) => [
            label,
            {
              status,
              power: powers,
              latency,
              energy,
              rate,
              ...computation,
              iterations,
              ...(reason === undefined ? {} : { reason }),
              ...(minimizes === undefined ? {} : { minimizes }),
            },
          ],
        ),
      ),
    );
    return;
  }
  const rows = answers.map(({ label, minimizes, allocation }) => ({
    label,
    minimizes: minimizes ?? "",
    ...allocation,
    ...totals(problem, allocation),
    slowest: Math.max(...allocation.latency),
  }));
  const told = rows.some(({ minimizes }) => minimizes !== "");
  print(
    `${textTable(rows, [
      { label: "method", value: ({ label }) => label },
      { label: "max latency (s)", value: ({ slowest }) => slowest },
      { label: "energy (J)", value: ({ energy }) => energy },
      { label: "rounds", value: ({ rounds }) => (problem.budgets === undefined ? null : rounds) },
      { label: "iterations", value: ({ iterations }) => iterations },
      { label: "status", value: ({ status, reason }) => (reason === undefined ? status : `${status}: ${reason}`) },
      ...(told ? [{ label: "minimizes", value: ({ minimizes }: (typeof rows)[number]) => minimizes }] : []),
    ])}\n`,
  );
}

/**
 * The methods asked for, each with its settings: those in its name, then those of the flags that it has.
 * @throws InputError for a name or a setting that there is not, and for a flag that no method takes
 */
function methodsOf(
  options: PowerOptions,
  problem: UploadProblem,
): { label: string; method: { method: string } & NamedMethod["settings"] }[] {
  const asked = parseMethods(options.method, "--method");
  const all = asked.some(({ name }) => name === "all");
  const named = all ? powerMethodNames.map((name): NamedMethod => ({ name, settings: {} })) : asked;
  for (const { name, settings } of named) {
    if (!powerMethodNames.includes(name))
      throw new InputError("--method", unknownName("power method", name, [...powerMethodNames, "all"]));
    const known = Object.keys(powerMethodSettings(name));
    const unknown = Object.keys(settings).find((setting) => !known.includes(setting));
    if (unknown !== undefined)
      throw new InputError(
        "--method",
        known.length === 0
          ? `${name} has no settings, and so no "${unknown}"`
          : unknownName(`setting of ${name}`, unknown, known),
      );
  }
  const flags = flagSettings(options);
  for (const [setting, { flag }] of Object.entries(flags)) {
    if (named.some(({ name }) => setting in powerMethodSettings(name))) continue;
    const takers = powerMethodNames.filter((name) => setting in powerMethodSettings(name));
    throw new InputError(flag, `no effect on ${options.method} (allowed with: ${takers.join(", ")})`);
  }
  return named.flatMap(({ name, settings }) => {
    const unlimited = problem.roundEnergy === undefined && problem.clientEnergy === undefined;
    if (
      all &&
      problem.budgets === undefined &&
      (name === "most-rounds" || (name === "joint-computation" && unlimited))
    ) {
      say(`${name} is left out: the problem has no budgets`);
      return [];
    }
    const own = Object.entries(flags).filter(([setting]) => setting in powerMethodSettings(name));
    const given = Object.fromEntries(own.map(([setting, { value }]) => [setting, value]));
    return [{ label: methodText({ name, settings }), method: { method: name, ...given, ...settings } }];
  });
}

/** What the flags say that are older than `method:setting=value`. */
function flagSettings(options: PowerOptions): Record<string, { flag: string; value: number }> {
  const given = [
    ["alpha", "--alpha", options.alpha],
    ["minimumRate", "--minimum-rate", options.minimumRate],
    ["exponent", "--exponent", options.exponent],
  ] as const;
  return Object.fromEntries(
    given.flatMap(([setting, flag, text]) => {
      if (text === undefined) return [];
      const value = text.trim() === "" ? Number.NaN : Number(text);
      if (!Number.isFinite(value)) throw new InputError(flag, `"${text}" is not a number`);
      return [[setting, { flag, value }]];
    }),
  );
}

/** @returns where the figure is, if one was wanted and there was something to draw */
async function drawFront(
  { figure, json }: PowerOptions,
  problem: UploadProblem,
  answers: readonly Answer[],
): Promise<string | undefined> {
  if (figure === false || (json === true && typeof figure !== "string")) return undefined;
  if (answers.every(({ allocation }) => allocation.status === "infeasible")) {
    say("no figure: no method serves every client");
    return undefined;
  }
  const file = typeof figure === "string" ? figure : "power.svg";
  const points = answers.map(({ label, allocation }) => [label, allocation] as const);
  const front = endedBySignals(() => energyLatencyFront(problem));
  const drawing = drawingFiles(file, await frontFigure(problem, front, points));
  writeFiles(drawing.map(([path, content]) => ({ flag: "--figure", path, content })));
  return file;
}

/** Errors of a file's fields say which file. */
export async function readProblem(file: string): Promise<UploadProblem> {
  const problem = parseJson((await readInput(file)).toString("utf8"), file);
  try {
    return parseProblem(problem);
  } catch (error) {
    if (!(error instanceof InputError) || error.path === file) throw error;
    throw new InputError(file, error.message, { cause: error });
  }
}
