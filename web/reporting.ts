import type { Config, RoundRecord, RunResult } from "../src/index.js";
import { abscissae } from "../src/report/figures/abscissae.js";
import { learningFigure } from "../src/report/figures/figures.js";
import { htmlReport, type Section, tableOf } from "../src/report/pages/html.js";
import { roundColumnsOf } from "../src/report/tables/run.js";
import { version } from "../src/version.js";
import { percent, quantity, significant } from "./format.js";
import type { Outcome } from "./protocol.js";

/** A run as it is reported. */
export interface ReportedRun {
  name: string;
  config: Config | undefined;
  rounds: readonly RoundRecord[];
  outcome: Outcome | undefined;
  /** The command line that runs the same */
  command: string;
}

/** One self-contained page of what has run: figures over joules, seconds, rounds and bits, endings, every round. */
export async function pageReport(runs: readonly ReportedRun[], address: string): Promise<string> {
  const ran = runs.filter(({ rounds, config }) => rounds.length > 0 && config !== undefined);
  const groups = ran.map(({ name, rounds, config }) => {
    const { energy = 0, latency = 0 } = rounds.at(-1)?.totals ?? {};
    return { name, runs: [{ rounds, config, final: { energy, latency } } as unknown as RunResult] };
  });
  const figures: Section[] = [];
  if (groups.some(({ runs: [one] }) => one!.rounds.length > 1)) {
    for (const along of ["energy", "latency", "round", "bits"] as const) {
      const { svg } = await learningFigure(groups, along, { document });
      figures.push({ heading: `Accuracy over ${abscissae[along].over}`, content: [{ svg }] });
    }
  }
  return htmlReport({
    title: "A run of the cellfed lab",
    lead: ran.map(({ name }) => name).join("; ") || "Nothing has run.",
    sections: [
      { heading: "Runs", content: [{ table: endings(ran) }, ...ran.map(({ command }) => ({ text: command }))] },
      ...figures,
      ...ran.map(({ name, rounds }) => ({
        heading: `Rounds of ${name}`,
        content: [{ table: tableOf(rounds, roundColumnsOf(rounds)) }],
      })),
      ...ran.slice(1).map(({ name, config }) => ({
        heading: `Config of ${name}`,
        content: [{ text: JSON.stringify(config) }],
      })),
    ],
    ...(ran[0] && { config: ran[0].config }),
    ...(ran[0]?.outcome && { fingerprint: ran.map(({ outcome }) => outcome?.fingerprint.results ?? "–").join(", ") }),
    versions: { cellfed: version, engine: navigator.userAgent, link: address },
  });
}

function endings(runs: readonly ReportedRun[]) {
  return {
    columns: [
      "run",
      "rounds",
      "accuracy",
      "energy",
      "time",
      "nominal bits",
      "bits an entry",
      "ended",
      "fingerprint",
    ].map((label) => ({ label })),
    rows: runs.map(({ name, rounds, outcome }) => {
      const last = rounds.at(-1)!;
      const accuracy = rounds.findLast((record) => record.accuracy !== null)?.accuracy ?? null;
      return [
        name,
        rounds.length,
        accuracy === null ? null : percent(accuracy),
        quantity(last.totals.energy, "J"),
        quantity(last.totals.latency, "s"),
        quantity(last.totals.nominalBits, "bit"),
        outcome === undefined ? null : significant(outcome.final.nominalBitsPerEntry),
        outcome?.ended.reason ?? "not ended",
        outcome?.fingerprint.results.slice(0, 16) ?? null,
      ];
    }),
  };
}
