import type { Config, RoundRecord, RunResult } from "../src/index.js";
import type { Abscissa } from "../src/report/figures/abscissae.js";
import { abscissae } from "../src/report/figures/abscissae.js";
import type { Desk } from "./askDesk.js";
import { createCurves } from "./curves.js";
import { byId, setText } from "./dom.js";
import { createDrop } from "./drop/drop.js";
import type { Positions } from "./figures.js";
import type { LaneState } from "./lane.js";
import { commandOf, createLaneCard, type LaneCard } from "./laneCard.js";
import type { Fields } from "./protocol.js";
import type { ReportedRun } from "./reporting.js";
import type { Ghost, Runs } from "./runs.js";
import { assignments, laneNames, type Settings } from "./settings.js";
import { createSteps } from "./steps.js";
import { createEnergySplit, createTimeline } from "./timeline/timeline.js";
import { unpackUpdate } from "./update/packed.js";
import { createUpdateFigure } from "./update/update.js";
import type { Page } from "./wanted.js";

let labelOf: (path: string, value: string) => string = (_, value) => value;

/** What the page calls the runs of these settings. */
export function nameOfLanes({ settings, presetValue }: Page, lanes = settings.lanes): string[] {
  return laneNames(lanes, presetValue, labelOf);
}

/** The figures and panels: each is made once and told of what has changed. */
export function createViews(
  { fields }: Fields,
  { page, runs, desk, requestDraw }: { page: Page; runs: Runs; desk: Desk; requestDraw(): void },
) {
  labelOf = (path, value) => {
    const options = fields.find((one) => one.path === path)?.options;
    const named = options?.find(([name]) => name === value)?.[1];
    return named ?? `${path} ${value}`;
  };
  let along: Abscissa = "energy";
  /** Which run and client the figures show, and which round; undefined follows the newest */
  let lane = 0;
  let client = 0;
  let round: number | undefined;
  const cards: LaneCard[] = [];

  const show = (to: Partial<{ lane: number; client: number; round: number | undefined }>) => {
    if (to.lane !== undefined) lane = to.lane;
    if (to.client !== undefined) {
      client = to.client;
      runs.select(client);
    }
    if ("round" in to) round = to.round;
    requestDraw();
  };
  const curves = createCurves(byId("accuracy"), {
    show: (id, at) => show({ lane: Number(id.slice("lane-".length)), round: at }),
  });
  const select = (at: number) => show({ client: at });
  const drop = createDrop(byId("drop"), {
    select,
    moved: (positions) => page.change({ ...page.settings, shared: movedTo(page.settings.shared, positions) }, "moved"),
    compute: (request) => desk.ask({ type: "drop", request }),
  });
  const updateFigure = createUpdateFigure(byId("update"), { select });
  const timeline = createTimeline(byId("timeline"), { select });
  const split = createEnergySplit(byId("split"), { select });
  const steps = createSteps();
  byId("axis").addEventListener("change", () => {
    along = document.querySelector<HTMLInputElement>("#axis input:checked")!.value as Abscissa;
    requestDraw();
  });
  const scrub = byId<HTMLInputElement>("scrub");
  scrub.addEventListener("input", () => {
    const newest = Number(scrub.max);
    show({ round: Number(scrub.value) === newest ? undefined : Number(scrub.value) });
  });

  function update(): void {
    const shown = runs.ran ?? page.settings;
    // Runs that are only wanted have a card too, so that what they will be is seen
    const lanes = page.settings.lanes.length > shown.lanes.length ? page.settings : shown;
    lane = Math.min(lane, lanes.lanes.length - 1);
    const names = nameOfLanes(page, lanes.lanes);
    const states = lanes.lanes.map((_, i) => runs.state(i));
    while (cards.length < lanes.lanes.length) {
      const at = cards.length;
      const card = createLaneCard(at, () => show({ lane: at }));
      cards.push(card);
      byId("lanes").append(card.root);
    }
    for (const [i, card] of cards.entries()) {
      card.root.hidden = i >= lanes.lanes.length;
      if (i >= lanes.lanes.length) continue;
      const state = states[i]!;
      const config = state.config ?? page.config(i);
      const settings = state.phase === "idle" ? assignments(lanes, i) : state.settings;
      card.update(names[i]!, { ...state, config, settings }, i === lane && lanes.lanes.length > 1);
    }
    byId("lanes").classList.toggle("many", names.length > 1);
    const state = states[lane]!;
    const newest = state.rounds.length;
    const at = Math.min(round ?? newest, newest);
    const { limit } = abscissae[along];
    curves.update({
      along,
      curves: [
        ...runs.ghosts.map(ghostCurve),
        ...states.map((one, i) => {
          const config = one.config ?? page.config(i);
          return {
            ...{ id: `lane-${i}`, name: names.length > 1 ? names[i]! : "", rounds: one.rounds, ghost: false },
            limit: config === undefined ? null : limit(config),
          };
        }),
      ],
      shown: round === undefined ? undefined : { curve: `lane-${lane}`, round: at },
    });
    updateRound(state, at);
    scrub.disabled = newest < 2;
    scrub.max = String(Math.max(1, newest));
    scrub.value = String(Math.max(1, at));
    setText(byId("scrub-text"), newest === 0 ? "Round" : `Round ${at} of ${newest}`);
    for (const id of ["save-svg", "save-png"])
      byId<HTMLButtonElement>(id).disabled = states.every((one) => one.rounds.length < 2);
  }

  /** The figures of a round: the network that is wanted, and of what ran the round that is shown. */
  function updateRound(state: Readonly<LaneState>, at: number): void {
    const wanted = page.config(lane);
    const ranHere = state.config !== undefined && !runs.pending(page.settings);
    const config = ranHere ? state.config : (wanted ?? state.config);
    const record = state.rounds[at - 1];
    if (config === undefined) return;
    client = Math.min(client, config.network.clients - 1);
    if (page.large === undefined) {
      const { energy } = config.budgets;
      drop.update({
        config,
        record: ranHere ? record : undefined,
        spent:
          energy === null || record === undefined || !ranHere ? undefined : Math.min(1, record.totals.energy / energy),
        selected: client,
        ...(ranHere && clientsNow(state, record, config)),
        bits: bitsAtFirst,
      });
    }
    const packed = state.updates.get(at);
    const held = packed && unpackUpdate(packed);
    const { quantizer, aggregation } = state.config ?? config;
    updateFigure.update({ update: held, quantizer, aggregation });
    const { facts } = state;
    const ran = { config: state.config ?? config, record, facts };
    steps.update({ ...ran, before: state.rounds[at - 2], update: held, client });
    const low = cards.filter(({ root }) => !root.hidden).length > 1;
    timeline.update({ ...ran, selected: client, low });
    split.update({ ...ran, selected: client, low });
  }

  /** The report's figure of the same runs. */
  async function svg(): Promise<string> {
    const { learningFigure } = await import("../src/report/figures/figures.js");
    const { lanes } = runs.ran ?? page.settings;
    const names = nameOfLanes(page, lanes);
    const groups = lanes.map((_, i) => {
      const { rounds, config } = runs.state(i);
      const final = { energy: rounds.at(-1)?.totals.energy ?? 0, latency: rounds.at(-1)?.totals.latency ?? 0 };
      return { name: names[i]!, runs: [{ rounds, config, final } as unknown as RunResult] };
    });
    return (await learningFigure(groups, along, { document })).svg;
  }

  const png = async (): Promise<Blob> => (await import("./pictures.js")).pngOf(await svg());

  /** What is on the page, for a report or a citation. */
  function reported(): ReportedRun[] {
    const { lanes } = runs.ran ?? page.settings;
    const names = nameOfLanes(page, lanes);
    return lanes.map((_, i) => {
      const { rounds, config, outcome, settings } = runs.state(i);
      return { name: names[i]!, rounds, config, outcome, command: commandOf(settings) };
    });
  }

  return {
    update,
    svg,
    png,
    reported,
    along(axis: Abscissa): void {
      along = axis;
      document.querySelector<HTMLInputElement>(`#axis input[value="${axis}"]`)!.checked = true;
      requestDraw();
    },
  };
}

/** What the drop shows of a run's clients beside the radio. */
function clientsNow({ facts }: Readonly<LaneState>, record: RoundRecord | undefined, { data }: Config) {
  const charge = facts?.charge;
  return {
    // Where examples are dealt out at random, everybody has about the same
    classes: data.split.kind === "iid" ? undefined : facts?.classes,
    examples: facts?.examples,
    battery: charge && record?.perClient.battery?.map((joules, k) => (charge[k]! > 0 ? joules / charge[k]! : 0)),
  };
}

/** About what EMQ spends on the quick preset's network: for powers before anybody has sent anything. */
const bitsAtFirst = 20_000;

/** The settings with everything where it was put, to the decimeter: a link should stay a link. */
function movedTo(shared: Settings, { accessPoints, clients }: Positions): Settings {
  const text = (points: Positions["clients"]) =>
    JSON.stringify(points.map((point) => point.map((x) => Number(x.toFixed(1)))));
  return new Map([
    ...shared,
    ["network.deployment.accessPoints", "given"],
    ["network.deployment.accessPointPositions", text(accessPoints)],
    ["network.deployment.clients", "given"],
    ["network.deployment.clientPositions", text(clients)],
  ]);
}

function ghostCurve({ id, name, rounds }: Ghost) {
  return { id, name, rounds, limit: null, ghost: true };
}
