import type { DropCallbacks, DropState, Figure, Positions } from "../figures.js";
import { atMostEvery } from "../pacing.js";
import { eachFrame, followWidth, say, set, textScale } from "../svg.js";
import { type Asking, latestOnly } from "./asking.js";
import type { DropAnswer, DropRequest } from "./compute.js";
import { listen, type Point } from "./dragging.js";
import { createFrame, type Frame } from "./frame.js";
import type { Scale } from "./geometry.js";
import type { Places } from "./marks.js";
import { accessPointWords, affordable, clientWords, type DropView, summarize, waiting } from "./words.js";
import "./drop.css";
import { percent, significant } from "../format.js";

/** Places on a side of the radio map. */
const side = 48;
/** px around the area, where points at its edge have room */
const margin = 14;

/** ms between two questions that another round asks by itself. */
const betweenBits = 500;

/** What the figure knows between two draws. */
interface Known {
  stage: { readonly width: number };
  state?: DropState;
  answer?: DropAnswer;
  places?: Places;
  /** Places were dragged that the config does not have yet */
  moved: boolean;
  /** Something is held */
  live: boolean;
  /** As they were when it was taken */
  before?: Places;
  /** What is pointed at: a point, or a place of the map in m */
  attended?: Point | readonly [number, number];
  /** What was let go and is to be told of once its rates are there */
  announce?: Point;
  failure?: string;
  summary: string;
}

let made = 0;

/**
 * The drop to be touched: access points and clients on a radio map, links as wide as their share in a client's combined
 * gain. Whatever is dragged moves at once; rates, powers, affordable rounds and the map follow from the worker.
 */
export function createDrop(host: HTMLElement, callbacks: DropCallbacks): Figure<DropState> {
  const frame = createFrame(`drop-${++made}`);
  host.append(frame.root);
  const drawing = eachFrame(() => draw(frame, known));
  const stage = followWidth(frame.stage, drawing.ask);
  const known: Known = { stage, moved: false, live: false, summary: "" };
  const asking = latestOnly<DropRequest, DropAnswer>(
    (request) => callbacks.compute<DropAnswer>(request),
    (answer, overtaken) => {
      known.answer = answer;
      delete known.failure;
      // What is drawn is ahead of an answer to an older question
      if (!known.moved && (!overtaken || known.places === undefined)) known.places = placesOf(answer);
      drawing.ask();
    },
    (error) => {
      known.failure = error instanceof Error ? error.message : String(error);
      drawing.ask();
    },
  );
  const stopListening = touch(frame, known, { callbacks, asking, ask: drawing.ask });
  const stopTheme = onTheme(frame.map.recolor);
  /** Another round's bits change how many rounds are affordable, and nothing that is drawn */
  const following = atMostEvery(betweenBits, () => asking.ask(requestOf(known)));
  let asked: DropRequest | undefined;
  let network = "";
  return {
    get summary() {
      return known.summary;
    },
    update(state) {
      const { config } = state;
      if (config !== known.state?.config) {
        const now = JSON.stringify([config.network, config.seed]);
        if (now !== network) known.moved = known.live = false;
        network = now;
      }
      known.state = state;
      const wanted = requestOf(known);
      if (!samePlaces(wanted, asked)) asking.ask(wanted);
      else if (wanted.bits !== asked?.bits || wanted.localEpochs !== asked?.localEpochs) following.ask();
      asked = wanted;
      drawing.ask();
    },
    destroy() {
      stopListening();
      stopTheme();
      stage.stop();
      drawing.stop();
      asking.stop();
      frame.root.remove();
    },
  };
}

/** Whether two requests are of the same drop but for what another round changes: nothing is changed within a config. */
function samePlaces(a: DropRequest, b: DropRequest | undefined): boolean {
  return a.config === b?.config && a.positions === b.positions && a.examples === b.examples && a.live === b.live;
}

function placesOf({ accessPointPositions, clientPositions }: DropAnswer): Places {
  const pairs = (from: Float64Array) =>
    Array.from({ length: from.length / 2 }, (_, i): [number, number] => [from[2 * i]!, from[2 * i + 1]!]);
  return { accessPoints: pairs(accessPointPositions), clients: pairs(clientPositions) };
}

function copyOf({ accessPoints, clients }: Places): Places {
  return { accessPoints: accessPoints.map(([x, y]) => [x, y]), clients: clients.map(([x, y]) => [x, y]) };
}

function requestOf({ state, places, moved, live }: Known): DropRequest {
  const { config, record, bits, examples } = state!;
  const sent = config.budgets.bits === "wire" ? record?.perClient.wireBits : record?.perClient.nominalBits;
  return {
    config,
    positions: moved ? (places as Positions) : undefined,
    bits: sent?.length === config.network.clients ? sent : bits,
    localEpochs: record?.localEpochs,
    taken: record?.air && { latency: record.latency, energy: record.energy },
    examples: examples?.length === config.network.clients ? examples : undefined,
    live,
    side,
  };
}

/** Hands, pointers and keys. */
function touch(
  frame: Frame,
  known: Known,
  { callbacks, asking, ask }: { callbacks: DropCallbacks; asking: Asking<DropRequest>; ask(): void },
): () => void {
  const again = () => asking.ask(requestOf(known));
  return listen(frame.marks, {
    scale: () => scaleOf(known),
    wrapAround: () => known.answer?.wrapAround ?? false,
    place: ({ kind, index }) => known.places![kind][index]!,
    move({ kind, index }, place) {
      if (known.places![kind][index] === undefined) return;
      if (!known.live) known.before = copyOf(known.places!);
      known.live = known.moved = true;
      known.places![kind][index] = place;
      known.attended = { kind, index };
      again();
      ask();
    },
    settle(point) {
      if (!known.live) return;
      known.live = false;
      known.announce = point;
      again();
      callbacks.moved(copyOf(known.places!));
    },
    cancel() {
      if (known.before === undefined || !known.live) return;
      known.places = known.before;
      known.live = false;
      again();
      ask();
    },
    select: (client) => callbacks.select(client),
    attend(what) {
      if (what === undefined) delete known.attended;
      else known.attended = what;
      // Heard with the focus, not a frame later
      if (known.state && known.answer && what && "kind" in what) label(frame, viewOf(known), what);
      ask();
    },
  });
}

function scaleOf({ stage, answer }: Known): Scale {
  const space = margin * textScale();
  return { size: Math.max(1, stage.width - 2 * space), margin: space, area: answer?.area || 1 };
}

function viewOf({ state, answer, moved }: Known): DropView {
  const { record, spent, selected, classes, battery } = state!;
  const recorded = !moved && record !== undefined && record.perClient.power.length === answer!.pilotIndex.length;
  const { power, latency, energy } = recorded ? record.perClient : answer!.allocation;
  return { answer: answer!, power, latency, energy, recorded, spent, selected, classes, battery };
}

function draw(frame: Frame, known: Known): void {
  say(frame.failure, known.failure ?? "");
  frame.root.classList.toggle("failed", known.failure !== undefined);
  frame.root.classList.toggle("held", known.live);
  const { answer, places, state } = known;
  frame.root.classList.toggle("empty", answer === undefined);
  if (answer === undefined || places === undefined || state === undefined) return;
  const view = viewOf(known);
  const scale = scaleOf(known);
  frame.marks.draw(view, places, scale, textScale());
  reachable(frame);
  // In shares, so that paper may make it smaller
  const edge = (100 * scale.margin) / (scale.size + 2 * scale.margin);
  Object.assign(frame.map.canvas.style, {
    inset: `${edge}%`,
    width: `${100 - 2 * edge}%`,
    height: `${100 - 2 * edge}%`,
  });
  frame.paint(view.answer.map, known.live);
  frame.explain({ classes: view.classes !== undefined, battery: view.battery !== undefined });
  known.summary = summarize(view);
  say(frame.summary, known.summary);
  const spent = view.spent === undefined ? "" : ` ${percent(view.spent)} of the joules are spent.`;
  const approximate = view.answer.exact ? "" : " While held: as with maximum ratio.";
  say(frame.sum, `${affordable(view.answer)}${spent} ${waiting(view)}${approximate}`);
  say(frame.detail, detail(known, view));
  if (known.attended && "kind" in known.attended) label(frame, view, known.attended);
  if (known.announce !== undefined && !known.live) {
    say(frame.status, `${words(view, known.announce)} ${affordable(view.answer)}`);
    delete known.announce;
  }
}

/** One point of each kind is in the Tab order; the keys go on from there. */
function reachable({ marks }: Frame): void {
  for (const group of [marks.accessPoints, marks.clients])
    if (group.querySelector('[tabindex="0"]') === null) group.firstElementChild?.setAttribute("tabindex", "0");
}

function words(view: DropView, { kind, index }: Point): string {
  return kind === "clients" ? clientWords(view, index) : accessPointWords(view, index);
}

function label({ marks }: Frame, view: DropView, point: Point): void {
  const node = marks[point.kind].children[point.index];
  if (node !== undefined) set(node, { "aria-label": words(view, point) });
}

function detail({ attended, state, answer }: Known, view: DropView): string {
  if (attended !== undefined && !("kind" in attended)) {
    const [column, row] = attended.map((m) => Math.floor((m / answer!.area) * side)) as [number, number];
    const value = answer!.map[row * side + column];
    if (value === undefined || column < 0 || column >= side) return "";
    return `Here one more client would have ${significant(value)} bit/s/Hz at full power.`;
  }
  if (attended !== undefined) return words(view, attended as Point);
  if (state!.selected !== undefined && state!.selected < answer!.pilotIndex.length)
    return clientWords(view, state!.selected);
  return "Drag a client or an access point, or reach one with Tab and move it with the arrow keys.";
}

/** Calls back when light turns dark, by the system or by the page. @returns what ends it */
function onTheme(change: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const page = new MutationObserver(change);
  system.addEventListener("change", change);
  page.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  return () => {
    system.removeEventListener("change", change);
    page.disconnect();
  };
}
