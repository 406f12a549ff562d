import { basename } from "node:path";
import type { Config } from "../../config/config.js";
import { InputError, RunError } from "../../config/errors.js";
import type { ResultsFolder } from "../../disk/results.js";
import { fingerprint } from "../../federated/fingerprint.js";
import { importChannel, schemeNames } from "../../network/index.js";
import { drawDistributions, drawingFiles } from "../../report/figures/drawing.js";
import { drawDrop } from "../../report/figures/drop.js";
import { efficiencies, rateColumns, rateNotes, rateRows, ratesText } from "../../report/tables/rates.js";
import { csv } from "../../report/tables/table.js";
import { type DropRates, type RatesPlan, ratedNetwork, ratesJobs } from "../../study/jobs/rates.js";
import { rateDrops } from "../../study/run/rates.js";
import type { SharedOptions } from "../commands/options.js";
import { readChannelFile } from "../files/channel.js";
import { openFolder, sayInterrupted } from "../files/folder.js";
import { writeAndShow } from "../files/outputs.js";
import type { Plugins } from "../files/plugins.js";
import { configFrom } from "../files/source.js";
import { storeIn, withStudy } from "../files/study.js";
import { namesOf, wholeNumber, workerCount } from "../terminal/options.js";
import { print, printJson, say } from "../terminal/output.js";

export interface RatesOptions extends SharedOptions {
  channel?: string;
  combining?: string;
  realizations?: string;
  drops: string;
  insist?: true;
}

/** What `reference/README.md`'s cases list: each combiner with the fading weights that go with it. */
const usual = schemeNames.filter((name) => !["l-mmse+n-lsfd", "lp-mmse+lsfd", "mr+lsfd"].includes(name));

export async function rates(source: string | undefined, options: RatesOptions): Promise<void> {
  const { plan, name, plugins } = await planOf(source, options);
  const { channel, ...rest } = plan;
  const folder = openFolder(
    options,
    options.json && options.out === undefined
      ? undefined
      : { path: `results/rates-${name.replace(/[^\w.-]/g, "_")}`, byDefault: "last" },
    { command: "rates", ...rest, ...(channel && { channel: fingerprint(channel) }), sources: plugins.sources },
  );
  const workers = Math.min(workerCount(options.workers), ratesJobs(plan).length);
  const { drops, failures, interrupted } = await withStudy(
    { label: "rates", workers, plugins, ...(await storeIn(folder)) },
    (study) => rateDrops(plan, study),
  );
  if (drops.length === 0) {
    folder?.discard();
    if (failures.length > 0) throw new RunError(`no drop could be rated: ${failures[0]}`);
    throw new RunError("interrupted before the first drop was done: nothing is kept");
  }
  const write = async (open: ResultsFolder): Promise<void> => {
    await writeResults(open, plan, drops);
    if (!interrupted) open.finish();
  };
  await writeAndShow(folder, write, (open) => show(plan, drops, open, options.json === true));
  for (const note of rateNotes(drops, plan.schemes)) say(note);
  if (failures.length > 0) {
    say(`error: ${(plan.drops ?? 1) - drops.length} of ${plan.drops ?? 1} drops could not be rated: ${failures[0]}`);
    process.exitCode = 1;
  }
  if (interrupted) sayInterrupted(`: ${drops.length} of ${plan.drops} drops were done`, folder);
}

function show(plan: RatesPlan, drops: readonly DropRates[], folder: ResultsFolder | undefined, json: boolean): void {
  if (json) {
    const of = plan.schemes.map((scheme) => [scheme, efficiencies(drops, scheme)] as const);
    printJson({
      spectralEfficiency: Object.fromEntries(of.map(([scheme, { value }]) => [scheme, value])),
      interval: Object.fromEntries(of.map(([scheme, { interval }]) => [scheme, interval])),
      drops: drops.length,
      realizations: plan.realizations,
    });
    if (folder !== undefined) say(folder.path);
  } else {
    print(`${ratesText(drops, plan.schemes)}\n`);
    if (folder !== undefined) print(`\n${folder.path}\n`);
  }
}

async function planOf(
  source: string | undefined,
  options: RatesOptions,
): Promise<{ plan: RatesPlan; name: string; plugins: Plugins }> {
  const { config, plugins } = await configFrom(source, options);
  const { network, seed } = config;
  const path = options.channel ?? network.channel;
  if (options.channel !== undefined && (source !== undefined || options.drops !== "1"))
    throw new InputError("--channel", "a channel file is one network: neither a config nor --drops goes with it");
  const schemes =
    options.combining === undefined
      ? path === undefined
        ? [network.combining]
        : usual
      : namesOf("--combining", options.combining);
  const realizations =
    options.realizations === undefined
      ? path === undefined
        ? network.realizations
        : 4000
      : wholeNumber("--realizations", options.realizations, 2, 10_000_000);
  const drops = wholeNumber("--drops", options.drops, 1, 1_000_000);
  const channel = path === undefined ? undefined : await readChannelFile(path);
  if (channel !== undefined) importChannel(channel, path); // what is wrong with it is said under its name
  if (channel === undefined && options.insist !== true) refuseHours(network, schemes, realizations);
  return {
    plan: { network, seed, schemes, realizations, drops, ...(channel && { channel }) },
    name: path === undefined ? (source ?? "drop") : basename(path),
    plugins,
  };
}

/** s of a drop above which it has to be insisted on. */
const patience = 600;
/** Pairs' products of the closed forms, and those of factorizations, that a core of today does in a second, roughly. */
const pairsASecond = 2e7;
const solvedASecond = 5e8;

/** @throws InputError for drops that would take longer than anybody means to wait */
function refuseHours(network: Config["network"], schemes: readonly string[], realizations: number): void {
  const { clients, accessPoints, antennas } = network;
  const all = accessPoints * antennas;
  const jointly = schemes.some((name) => !/^(mr|l-|lp-)/.test(name)) ? realizations : 0;
  const pairs = clients ** 2 * accessPoints * antennas ** 2;
  const seconds = pairs / pairsASecond + (jointly * (all ** 3 / 3 + clients * all ** 2)) / solvedASecond;
  if (seconds <= patience) return;
  throw new InputError(
    "network.clients",
    `${clients} clients, ${accessPoints} access points of ${antennas} antennas: a drop would take about ${Math.round(seconds / 60)} min (allowed: ${patience / 60} min, or any with --insist)`,
  );
}

async function writeResults(folder: ResultsFolder, plan: RatesPlan, drops: readonly DropRates[]): Promise<void> {
  const { schemes } = plan;
  folder.write("rates.csv", csv(rateRows(drops, schemes), rateColumns(drops, schemes, false)));
  const distributions = await drawDistributions({
    title: "Spectral efficiency of the clients",
    x: { label: "spectral efficiency (bit/s/Hz)" },
    series: schemes
      .map((scheme) => ({
        name: scheme,
        values: efficiencies(drops, scheme).value.filter(Number.isFinite),
      }))
      .filter(({ values }) => values.length > 0),
  });
  const drawings = drawingFiles("figures/spectral-efficiency.svg", distributions);
  const first = ratedNetwork(plan, drops[0]!.drop);
  if (first.accessPointPositions.length > 0)
    drawings.push(...drawingFiles("figures/drop.svg", await drawDrop({ title: "The drop", network: first })));
  for (const [path, content] of drawings) folder.write(path, content);
}
