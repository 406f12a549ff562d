import type { RoundRecord } from "../src/index.js";
import { type Abscissa, abscissae } from "../src/report/figures/abscissae.js";
import { element, setAttributes, setText, shape } from "./dom.js";
import type { Figure } from "./figures.js";
import { percent, quantity, significant } from "./format.js";
import { textScale } from "./svg.js";

/** Accuracy over what is spent: curves that grow, with the budget as a wall. */

export interface Curve {
  id: string;
  name: string;
  /** Only ever appended to; another array is another run */
  rounds: readonly RoundRecord[];
  limit: number | null;
  /** Of an earlier run: pale, without a label */
  ghost: boolean;
}

export interface CurvesState {
  along: Abscissa;
  curves: readonly Curve[];
  /** Round that the other figures show */
  shown: { curve: string; round: number } | undefined;
}

/** Points of a path: a finished part is not touched again, so that a draw costs the same after a thousand rounds */
const partLength = 64;

export function createCurves(
  host: HTMLElement,
  { show }: { show(curve: string, round: number): void },
): Figure<CurvesState> & { resize(): void } {
  const grid = shape("g", { class: "grid" });
  const lines = shape("g", { class: "lines" });
  const wall = shape("g", { class: "wall", visibility: "hidden" });
  const wallLine = shape("line");
  const wallText = shape("text", { "text-anchor": "end" });
  wall.append(wallLine, wallText);
  const labels = shape("g", { class: "end-labels" });
  const mark = shape("circle", { r: 5, class: "mark", visibility: "hidden" });
  const axisTitle = shape("text", { class: "axis-title", "text-anchor": "middle" });
  const svg = shape(
    "svg",
    { role: "img", tabindex: 0, "aria-label": "Test accuracy: nothing has run yet" },
    ...[grid, wall, lines, mark, labels, axisTitle],
  );
  const tip = element("output", { class: "tip", hidden: true });
  host.append(svg, tip);

  const margin = { left: 46, right: 70, top: 14, bottom: 40 };
  const drawn = new Map<string, DrawnCurve>();
  /** Names as they were last cut to the room beside the curves: measuring makes the browser lay out */
  const shorter = new Map<string, { room: number; text: string }>();
  let state: CurvesState = { along: "round", curves: [], shown: undefined };
  let scale = { end: 1, width: 600, height: 260 };
  let summary = "";

  const toX = (value: number) => margin.left + (value / scale.end) * (scale.width - margin.left - margin.right);
  const toY = (accuracy: number) => margin.top + (1 - accuracy) * (scale.height - margin.top - margin.bottom);

  function update(next: CurvesState): void {
    if (next.along !== state.along) for (const one of drawn.values()) one.clear();
    state = next;
    const gone = new Set(drawn.keys());
    for (const curve of state.curves) {
      gone.delete(curve.id);
      let one = drawn.get(curve.id);
      if (one === undefined) {
        one = drawCurve(curve.id);
        drawn.set(curve.id, one);
        if (curve.ghost) lines.prepend(one.group);
        else lines.append(one.group);
        labels.append(one.label);
      }
      one.append(curve, abscissae[state.along].of);
    }
    for (const id of gone) {
      drawn.get(id)!.remove();
      drawn.delete(id);
    }
    layOut();
  }

  function layOut(): void {
    const { along, curves } = state;
    const longest = Math.max(0, ...curves.filter(({ ghost }) => !ghost).map(({ name }) => name.length));
    margin.left = 46 * textScale();
    margin.bottom = 40 * textScale();
    margin.right = Math.min(0.4 * scale.width, (64 + 7.3 * longest) * textScale());
    const reached = Math.max(0, ...curves.map(({ id }) => drawn.get(id)!.last?.x ?? 0));
    const limits = curves.filter(({ ghost }) => !ghost).flatMap(({ limit }) => limit ?? []);
    const limit = limits.length > 0 ? Math.max(...limits) : null;
    const near = limit !== null && reached >= 0.5 * limit;
    const end = near ? 1.03 * limit : reached > 0 ? niceCeiling(1.3 * reached) : (limit ?? 1);
    scale = { ...scale, end: Math.max(end, along === "round" ? 2 : 0) };
    drawGrid(limit !== null && (near || reached === 0) ? limit : null);
    const bottom = toY(0);
    for (const { id } of curves) {
      drawn
        .get(id)!
        .group.setAttribute(
          "transform",
          `translate(${margin.left} ${bottom}) scale(${(toX(scale.end) - margin.left) / scale.end} ${margin.top - bottom})`,
        );
    }
    drawLabels();
    drawMark();
    summary = describe();
    setAttributes(svg, { "aria-label": summary });
  }

  function drawGrid(limit: number | null): void {
    const { label, unit, wall: wallName } = abscissae[state.along];
    const { end, width, height } = scale;
    const step = niceStep(end, Math.max(3, Math.min(8, width / 110)), state.along === "round");
    const xs = Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, i) => i * step);
    const show = (x: number) => (unit === "" ? String(Math.round(x)) : x === 0 ? "0" : quantity(x, unit));
    fillChildren(grid, "g", xs.length + 5, (node, i) => {
      const line = node.querySelector("line") ?? node.appendChild(shape("line"));
      const text = node.querySelector("text") ?? node.appendChild(shape("text"));
      if (i < xs.length) {
        const x = toX(xs[i]!);
        setAttributes(line, { x1: x, x2: x, y1: toY(1), y2: toY(0) });
        setAttributes(text, { x, y: toY(0), dy: "1.2em", dx: 0, "text-anchor": "middle" });
        setText(text, show(xs[i]!));
      } else {
        const share = (i - xs.length) / 4;
        setAttributes(line, { x1: toX(0), x2: toX(end), y1: toY(share), y2: toY(share) });
        setAttributes(text, { x: margin.left, y: toY(share), dx: -6, dy: "0.35em", "text-anchor": "end" });
        setText(text, `${100 * share} %`);
      }
    });
    setAttributes(axisTitle, { x: (toX(0) + toX(end)) / 2, y: height - 4 });
    setText(axisTitle, label);
    setAttributes(wall, { visibility: limit === null || wallName === undefined ? "hidden" : "visible" });
    if (limit === null) return;
    setAttributes(wallLine, { x1: toX(limit), x2: toX(limit), y1: toY(1), y2: toY(0) });
    setAttributes(wallText, { x: toX(limit) - 5, y: toY(0) - 6 });
    setText(wallText, `budget ${quantity(limit, unit)}`);
  }

  /** At the curves' ends, pushed apart where they would lie on each other. */
  function drawLabels(): void {
    const ends = state.curves
      .filter(({ ghost }) => !ghost)
      .map((curve) => ({ curve, one: drawn.get(curve.id)!, y: toY(drawn.get(curve.id)!.last?.y ?? 0) }))
      .sort((a, b) => a.y - b.y);
    let above = Number.NEGATIVE_INFINITY;
    const gap = 15 * textScale();
    for (const [i, end] of ends.entries()) {
      const room = toY(0) - gap * (ends.length - 1 - i);
      above = Math.max(above + gap, Math.min(end.y, room));
      const { last, label } = end.one;
      setAttributes(label, {
        visibility: last === undefined ? "hidden" : "visible",
        // Several in a column, where they lie on no curve
        x: Math.min(ends.length > 1 ? scale.width : toX(last?.x ?? 0) + 8, scale.width - margin.right + 8),
        y: above,
        dy: "0.35em",
      });
      setText(label, last === undefined ? "" : `${percent(last.y)} ${shortened(end.curve.name, label)}`);
    }
  }

  /** A name as far as there is room beside the curves; in whole it stands beside its figures. */
  function shortened(name: string, label: SVGTextElement): string {
    const room = margin.right - 8;
    const known = shorter.get(name);
    if (known?.room === room) return known.text;
    let [text, letters] = [name, name.length];
    const fits = () => {
      setText(label, `88.8 % ${text}`);
      return label.getComputedTextLength() <= room;
    };
    while (!fits() && letters > 1) text = `${name.slice(0, --letters).trimEnd()}…`;
    shorter.set(name, { room, text });
    return text;
  }

  function drawMark(): void {
    const { shown } = state;
    const curve = state.curves.find(({ id }) => id === shown?.curve);
    const record = shown && curve?.rounds[shown.round - 1];
    const accuracy = record?.accuracy ?? null;
    if (record === undefined || curve === undefined || accuracy === null) {
      setAttributes(mark, { visibility: "hidden" });
      tip.hidden = true;
      return;
    }
    const x = toX(abscissae[state.along].of(record));
    const y = toY(accuracy);
    setAttributes(mark, { visibility: "visible", cx: x, cy: y, "data-curve": curve.id });
    tip.hidden = false;
    setText(
      tip,
      `${curve.name}, round ${record.round}: ${percent(accuracy)}, ${quantity(record.totals.energy, "J")}, ` +
        `${quantity(record.totals.latency, "s")}, ${quantity(record.totals.nominalBits, "bit")}`,
    );
  }

  function describe(): string {
    const { label } = abscissae[state.along];
    const curves = state.curves.filter(({ id, ghost }) => !ghost && drawn.get(id)!.last !== undefined);
    if (curves.length === 0) return `Test accuracy over ${label}: nothing has run yet`;
    const each = curves.map(({ id, name, rounds }) => {
      const { last } = drawn.get(id)!;
      return `${name} ${percent(last!.y)} after ${rounds.length} rounds and ${quantity(rounds.at(-1)!.totals.energy, "J")}`;
    });
    return `Test accuracy over ${label}: ${each.join("; ")}`;
  }

  function nearest(clientX: number, clientY: number): { curve: string; round: number } | undefined {
    const box = svg.getBoundingClientRect();
    const [px, py] = [clientX - box.left, clientY - box.top];
    let best: { curve: string; round: number; distance: number } | undefined;
    for (const curve of state.curves) {
      if (curve.ghost) continue;
      const record = closest(
        curve.rounds,
        abscissae[state.along].of,
        ((px - margin.left) / (toX(scale.end) - margin.left)) * scale.end,
      );
      if (record === undefined || record.accuracy === null) continue;
      const distance = Math.hypot(toX(abscissae[state.along].of(record)) - px, toY(record.accuracy) - py);
      if (best === undefined || distance < best.distance) best = { curve: curve.id, round: record.round, distance };
    }
    return best;
  }

  const onPointer = (event: PointerEvent) => {
    const found = nearest(event.clientX, event.clientY);
    if (found !== undefined) show(found.curve, found.round);
  };
  svg.addEventListener("pointerdown", onPointer);
  svg.addEventListener("pointermove", (event) => {
    if (event.buttons !== 0) onPointer(event);
  });
  svg.addEventListener("keydown", (event) => {
    const curves = state.curves.filter(({ ghost, rounds }) => !ghost && rounds.length > 0);
    if (curves.length === 0) return;
    const at = Math.max(
      0,
      curves.findIndex(({ id }) => id === state.shown?.curve),
    );
    const held = curves[at]!.rounds.length;
    const round = state.shown?.curve === curves[at]!.id ? state.shown.round : held;
    const moves: Record<string, [curve: number, round: number]> = {
      ArrowLeft: [0, round - 1],
      ArrowRight: [0, round + 1],
      ArrowUp: [1, round],
      ArrowDown: [-1, round],
      Home: [0, 1],
      End: [0, held],
    };
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    const to = curves[(at + move[0] + curves.length) % curves.length]!;
    show(to.id, Math.max(1, Math.min(to.rounds.length, move[1])));
  });

  function resize(): void {
    const box = host.getBoundingClientRect();
    scale = { ...scale, width: Math.max(320, box.width), height: Math.max(120, box.height) };
    setAttributes(svg, { viewBox: `0 0 ${scale.width} ${scale.height}` });
    layOut();
  }
  const observer = new ResizeObserver(resize);
  observer.observe(host);
  return {
    update,
    resize,
    destroy() {
      observer.disconnect();
      svg.remove();
      tip.remove();
    },
    get summary() {
      return summary;
    },
  };
}

interface DrawnCurve {
  group: SVGGElement;
  label: SVGTextElement;
  last: { x: number; y: number } | undefined;
  append(curve: Curve, of: (record: RoundRecord) => number): void;
  clear(): void;
  remove(): void;
}

/** In units of the data; the group's transform is the scale, so that another scale moves nothing inside. */
function drawCurve(id: string): DrawnCurve {
  const group = shape("g", { "data-curve": id });
  const label = shape("text", { "data-curve": id });
  let rounds: readonly RoundRecord[] | undefined;
  let taken = 0;
  let part: { node: SVGPathElement; d: string; points: number } | undefined;
  const one: DrawnCurve = {
    group,
    label,
    last: undefined,
    append(curve, of) {
      if (curve.rounds !== rounds) one.clear();
      rounds = curve.rounds;
      group.classList.toggle("ghost", curve.ghost);
      const before = taken;
      for (; taken < rounds.length; taken++) {
        const record = rounds[taken]!;
        if (record.accuracy === null) continue;
        const point = { x: of(record), y: record.accuracy };
        if (part === undefined || part.points >= partLength) {
          const start = one.last ?? point;
          part = { node: shape("path", { "vector-effect": "non-scaling-stroke" }), d: `M${number(start)}`, points: 0 };
          group.append(part.node);
        }
        part.d += `L${number(point)}`;
        part.points++;
        part.node.setAttribute("d", part.d);
        one.last = point;
      }
      if (before !== taken) group.setAttribute("data-points", String(taken));
    },
    clear() {
      group.replaceChildren();
      [taken, part, one.last, rounds] = [0, undefined, undefined, undefined];
    },
    remove() {
      group.remove();
      label.remove();
    },
  };
  return one;
}

function number({ x, y }: { x: number; y: number }): string {
  return `${Number(x.toPrecision(7))} ${Number(y.toFixed(5))}`;
}

/** The record whose value is nearest; values ascend. */
function closest(
  rounds: readonly RoundRecord[],
  of: (record: RoundRecord) => number,
  value: number,
): RoundRecord | undefined {
  let low = 0;
  let high = rounds.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (of(rounds[middle]!) <= value) low = middle;
    else high = middle;
  }
  const [a, b] = [rounds[low], rounds[high]];
  if (a === undefined || b === undefined) return a ?? b;
  return Math.abs(of(a) - value) <= Math.abs(of(b) - value) ? a : b;
}

/** So many children of a kind, made or taken away, each told its place. */
export function fillChildren<Name extends keyof SVGElementTagNameMap>(
  parent: SVGElement,
  name: Name,
  count: number,
  change: (node: SVGElementTagNameMap[Name], i: number) => void,
): void {
  while (parent.childElementCount > count) parent.lastElementChild!.remove();
  while (parent.childElementCount < count) parent.append(shape(name));
  for (let i = 0; i < count; i++) change(parent.children[i] as SVGElementTagNameMap[Name], i);
}

/** 1, 2 or 5 times a power of ten, so that about `count` steps reach the end. */
export function niceStep(end: number, count: number, whole: boolean): number {
  const rough = end / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough * 0.999)!;
  return whole ? Math.max(1, Math.round(step)) : step;
}

function niceCeiling(value: number): number {
  const step = niceStep(value, 10, false);
  return Number(significant(Math.ceil(value / step) * step)) || value;
}
