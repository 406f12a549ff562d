import { element } from "../dom.js";
import type { Figure, SelectCallbacks, TimelineState } from "../figures.js";
import { createReader } from "../reader.js";
import { eachFrame, followWidth, set, svg } from "../svg.js";
import type { TermName } from "../terms.js";
import { term } from "../words.js";
import { partsOf, type Round, type View } from "./parts.js";
import { drawTimeline } from "./rows.js";
import { drawSplit } from "./split.js";
import { energyWords, splitWords, timelineWords, waitWords } from "./words.js";
import "../figure.css";

interface Kind {
  name: string;
  reading: string;
  summarize(round: Round): string;
  words(round: Round, client: number): string;
  /** What it explains of a round beside its caption: a text with a word in it, and whether the round has it */
  keys: readonly { before: string; word: TermName; said: string; of(round: Round): boolean }[];
  draw(root: SVGSVGElement, round: Round, view: View): void;
}

/** A round from left to right: everybody computes, then sends, then waits for the last. */
export function createTimeline(host: HTMLElement, callbacks: SelectCallbacks): Figure<TimelineState> {
  return createFigure(host, callbacks, {
    name: "timeline",
    reading: "Clients of the timeline",
    summarize: timelineWords,
    words: waitWords,
    keys: [
      {
        before: "framed: the slot of a ",
        word: "over the air",
        said: "sum over the air",
        of: ({ air }) => air !== undefined,
      },
      {
        before: "at the end: the access points' ",
        word: "fronthaul",
        said: "fronthaul",
        of: ({ links }) => links !== undefined && links.seconds > 0,
      },
    ],
    draw: drawTimeline,
  });
}

/** Where a round's joules go: radiated, circuits while sending, and what no power changes. */
export function createEnergySplit(host: HTMLElement, callbacks: SelectCallbacks): Figure<TimelineState> {
  return createFigure(host, callbacks, {
    name: "split",
    reading: "Clients of the energy's split",
    summarize: splitWords,
    words: energyWords,
    keys: [
      {
        before: "links: the access points' ",
        word: "fronthaul",
        said: "fronthaul",
        of: ({ links }) => links !== undefined && links.energy > 0,
      },
    ],
    draw: drawSplit,
  });
}

function createFigure(host: HTMLElement, { select }: SelectCallbacks, kind: Kind): Figure<TimelineState> {
  const picture = svg("svg", { class: "figure-svg", role: "img" });
  const caption = element("p", { class: "figure-sum" });
  let state: TimelineState | undefined;
  let round: Round | undefined;
  const drawing = eachFrame(draw);
  const reader = createReader(kind.reading, drawing.ask);
  const root = element("div", { class: `figure figure-${kind.name}` });
  const keys = kind.keys.map(({ before, word, said }) =>
    element("p", { class: "figure-key", hidden: true }, before, term(word, said)),
  );
  root.append(picture, ...keys, caption, reader.root);
  host.append(root);
  const size = followWidth(root, drawing.ask);
  reader.root.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && round !== undefined) select(reader.index);
  });

  function draw(): void {
    root.classList.toggle("empty", round === undefined);
    for (const [i, { of }] of kind.keys.entries()) keys[i]!.hidden = round === undefined || !of(round);
    const sum = round === undefined ? "After the first round." : kind.summarize(round);
    if (caption.textContent !== sum) caption.textContent = sum;
    set(picture, { "aria-label": sum });
    if (round === undefined) {
      reader.update(0, () => "");
      return;
    }
    const shown = round;
    reader.update(shown.clients.length, (k) => kind.words(shown, k));
    const { selected, low = false } = state!;
    kind.draw(picture, shown, { width: size.width, at: reader.index, selected, low, select: go });
  }

  function go(client: number): void {
    reader.go(client);
    select(client);
  }

  return {
    get summary() {
      return round === undefined ? "No round yet." : kind.summarize(round);
    },
    update(now) {
      state = now;
      round = now.record && partsOf(now.config, now.record, now.facts);
      drawing.ask();
    },
    destroy() {
      drawing.stop();
      size.stop();
      root.remove();
    },
  };
}
