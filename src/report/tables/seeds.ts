import type { Ending, RunResult } from "../../federated/result.js";
import { meanInterval } from "../../study/analysis/intervals.js";
import { endings, kernelFacts, methodName, modelFact, ofBudget } from "./run.js";
import { formatNumber } from "./table.js";

/** The closing table of the same config under several seeds: means with 95 % intervals. */
export function seedsFacts(results: readonly RunResult[]): [label: string, value: string][] {
  const first = results[0]!;
  const { budgets } = first.config;
  const of = (value: (run: RunResult) => number | null, scale = 1, digits?: number): string => {
    const values = results.map(value).filter((one) => one !== null);
    if (values.length === 0) return "–";
    const { mean, halfWidth } = meanInterval(values.map((one) => scale * one));
    return halfWidth === null
      ? formatNumber(mean, digits)
      : `${formatNumber(mean, digits)} ± ${formatNumber(halfWidth, digits)}`;
  };
  const ends = countEndings(results);
  return [
    ["seeds", results.map(({ config }) => config.seed).join(", ")],
    ["accuracy", `${of(({ final }) => final.accuracy, 100, 2)} %`],
    ["test loss", of(({ final }) => final.testLoss, 1, 4)],
    ["rounds", `${of(({ final }) => final.rounds, 1, 1)}, ended by ${ends}`],
    ["energy", `${of(({ final }) => final.energy)} J${ofBudget(budgets.energy, "J")}`],
    ["latency", `${of(({ final }) => final.latency)} s${ofBudget(budgets.latency, "s")}`],
    ...(first.config.aggregation.by === "over-the-air"
      ? ([["over the air", `no bits; ${of(meanUses)} channel uses a round`]] satisfies [string, string][])
      : ([
          ["nominal bits", `${of(({ final }) => final.nominalBitsPerEntry, 1, 3)} per entry`],
          ["wire bits", `${of(({ final }) => final.wireBitsPerEntry, 1, 3)} per entry`],
        ] satisfies [string, string][])),
    ...(first.final.downlinkWireBitsPerEntry === undefined
      ? []
      : ([
          ["downlink", `${of(({ final }) => final.downlinkWireBitsPerEntry ?? null, 1, 3)} wire bits per entry`],
        ] satisfies [string, string][])),
    ["model", modelFact(first.config, first.parameters)],
    ["method", methodName(first.config)],
    ...kernelFacts(first.config),
    [
      "intervals",
      results.length > 1 ? `95 % of the mean over ${results.length} seeds (Student's t)` : "none: one seed",
    ],
  ];
}

const meanUses = ({ rounds }: RunResult): number | null =>
  rounds.length === 0 ? null : rounds.reduce((sum, { air }) => sum + (air?.uses ?? 0), 0) / rounds.length;

function countEndings(results: readonly RunResult[]): string {
  const counts = new Map<Ending, number>();
  for (const { ended } of results) counts.set(ended.by, (counts.get(ended.by) ?? 0) + 1);
  return [...counts].map(([by, count]) => (counts.size === 1 ? endings[by] : `${endings[by]} (${count})`)).join(", ");
}
