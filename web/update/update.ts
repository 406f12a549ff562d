import { element } from "../dom.js";
import type { Figure, SelectCallbacks, UpdateState, UpdateView } from "../figures.js";
import { percent, significant } from "../format.js";
import { createReader } from "../reader.js";
import { eachFrame, followWidth, keep, say, set, svg, textScale } from "../svg.js";
import "../figure.css";

/** px at the usual size of text: beside the bars, the strips under them, the axis. */
const sizes = { left: 44, right: 12, top: 10, bars: 130, strip: 34, gap: 16, axis: 34 };

const later = "After the first round: the update of the selected client.";
const neverAlone = "Over the air no update arrives alone: what the server hears is the sum of all.";

/**
 * The selected client's update under the quantizer: magnitudes on a logarithmic axis, the part of each bin that becomes
 * zero, the values that come out of the decoder, and what an entry of each bin costs.
 */
export function createUpdateFigure(host: HTMLElement, _callbacks: SelectCallbacks): Figure<UpdateState> {
  const parts = createParts();
  const root = element("div", { class: "figure figure-update" });
  const caption = element("p", { class: "figure-sum" }, later);
  let absent = later;
  let view: UpdateView | undefined;
  let name = "";
  const drawing = eachFrame(() => draw());
  const reader = createReader("Magnitudes of the update, from small to large", drawing.ask);
  root.append(parts.root, caption, reader.root);
  host.append(root);
  const size = followWidth(root, drawing.ask);

  function draw(): void {
    root.classList.toggle("empty", view === undefined);
    if (view === undefined) {
      reader.update(0, () => "");
      say(caption, absent);
      return;
    }
    const shown = view;
    reader.update(shown.counts.length, (bin) => binWords(shown, bin));
    say(caption, summarize(shown, name));
    set(parts.root, { "aria-label": summarize(shown, name) });
    drawParts(parts, shown, { width: size.width, at: reader.index });
  }

  /** Where most of its entries are. */
  function startAt({ counts }: UpdateView): void {
    reader.update(counts.length, () => "");
    reader.go(counts.indexOf(Math.max(...counts)));
  }

  parts.root.addEventListener("pointermove", (event) => {
    if (view === undefined) return;
    const box = parts.root.getBoundingClientRect();
    const { left, right } = sizes;
    const text = textScale();
    const share = (event.clientX - box.left - left * text) / (box.width - (left + right) * text);
    reader.go(Math.max(0, Math.min(view.counts.length - 1, Math.floor(share * view.counts.length))));
    drawing.ask();
  });

  return {
    get summary() {
      return view === undefined ? "No update yet." : summarize(view, name);
    },
    update({ update, quantizer, aggregation }) {
      absent = aggregation?.by === "over-the-air" ? neverAlone : later;
      if (update !== undefined && update.counts.length !== view?.counts.length) startAt(update);
      view = update;
      name = quantizer.name;
      drawing.ask();
    },
    destroy() {
      drawing.stop();
      size.stop();
      root.remove();
    },
  };
}

/** Of patterns: those of other figures on the page have other names. */
let made = 0;

function createParts() {
  const group = (name: string) => svg("g", { class: name });
  const parts = {
    kept: svg("path", { class: "bar-kept" }),
    zeroed: svg("path", { class: "bar-zeroed" }),
    at: svg("rect", { class: "figure-at" }),
    levels: svg("path", { class: "level" }),
    bits: svg("path", { class: "bits" }),
    lines: svg("path", { class: "figure-lines" }),
    ticks: group("figure-ticks"),
    titles: group("figure-titles"),
  };
  const id = `update-zero-${++made}`;
  set(parts.zeroed, { fill: `url(#${id})` });
  const hatch = svg(
    "pattern",
    { id, width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    svg("rect", { width: 5, height: 5, class: "hatch-ground" }),
    svg("rect", { width: 2, height: 5, class: "hatch-line" }),
  );
  const root = svg("svg", { class: "figure-svg", role: "img" }, svg("defs", {}, hatch), ...Object.values(parts));
  return { root, ...parts };
}

function drawParts(
  parts: ReturnType<typeof createParts>,
  view: UpdateView,
  { width, at }: { width: number; at: number },
): void {
  const text = textScale();
  const [left, top, bars] = [sizes.left * text, sizes.top * text, sizes.bars * text];
  const [strip, gap] = [sizes.strip * text, sizes.gap * text];
  const inner = Math.max(1, width - left - sizes.right * text);
  const bottom = top + bars;
  const [levelsBottom, bitsBottom] = [bottom + gap + strip, bottom + 2 * (gap + strip)];
  const height = bitsBottom + sizes.axis * text;
  set(parts.root, { width, height, viewBox: `0 0 ${width} ${height}` });
  const step = inner / view.counts.length;
  const most = Math.max(...view.counts, 1);
  const bar = (base: number, from: number, to: number, bin: number) =>
    to > from
      ? `M${(left + bin * step).toFixed(1)} ${(base - from).toFixed(1)}v${(from - to).toFixed(1)}h${(0.9 * step).toFixed(1)}V${(base - from).toFixed(1)}Z`
      : "";
  const tall = (count: number) => (bars * count) / most;
  const each = (draw: (count: number, bin: number) => string) => view.counts.map(draw).join("");
  set(parts.kept, { d: each((count, bin) => bar(bottom, tall(view.zeroed[bin]!), tall(count), bin)) });
  set(parts.zeroed, { d: each((_, bin) => bar(bottom, 0, tall(view.zeroed[bin]!), bin)) });
  set(parts.at, { x: left + at * step, y: top, width: step, height: bitsBottom - top });
  const x = (value: number) => left + (step * (Math.log10(value) - view.from)) / view.width;
  set(parts.levels, { d: levelsPath(view, { x, left, step, base: levelsBottom, strip }) });
  const costly = Math.max(...(view.bits ?? []), 0);
  const bits = (view.bits ?? []).map((cost, bin) => bar(bitsBottom, 0, costly > 0 ? (strip * cost) / costly : 0, bin));
  set(parts.bits, { d: bits.join("") });
  set(parts.lines, { d: [bottom, levelsBottom, bitsBottom].map((y) => `M${left} ${y}h${inner}`).join("") });
  drawTicks(parts.ticks, view, { left, inner, y: bitsBottom, text });
  const one = `${significant((100 * most) / view.entries)} %`;
  const words: [string, number, number, string][] = [
    [one, left - 4 * text, top + 9 * text, "end"],
    ["0", left - 4 * text, bottom, "end"],
    [view.levels === undefined ? "decoded values" : "levels after decoding", left, bottom + gap - 3 * text, "start"],
    [
      view.bits === undefined ? "every entry costs about the same" : `bits an entry, up to ${significant(costly)}`,
      left,
      levelsBottom + gap - 3 * text,
      "start",
    ],
    ["magnitude of an entry", left + inner, height - 3 * text, "end"],
  ];
  keep(parts.titles, words.length, () => svg("text")).forEach((node, i) => {
    const [content, tx, ty, anchor] = words[i]!;
    set(node, { x: tx, y: ty, "text-anchor": anchor });
    say(node, content);
  });
}

/** Each level as high as the logarithm of how often it occurs; where nearly every value is another, how many lie in a bin. */
function levelsPath(
  { levels, after }: UpdateView,
  { x, left, step, base, strip }: { x(value: number): number; left: number; step: number; base: number; strip: number },
): string {
  const high = (count: number, most: number) => (strip * Math.log1p(count)) / Math.log1p(most);
  if (levels !== undefined) {
    const most = Math.max(...levels.map(({ count }) => count), 1);
    return levels
      .map(({ value, count }) => `M${Math.max(left, x(value)).toFixed(1)} ${base}v${(-high(count, most)).toFixed(1)}`)
      .join("");
  }
  const most = Math.max(...after, 1);
  return after
    .map((count, bin) => `M${(left + (bin + 0.45) * step).toFixed(1)} ${base}v${(-high(count, most)).toFixed(1)}`)
    .join("");
}

function drawTicks(
  group: SVGGElement,
  view: UpdateView,
  { left, inner, y, text }: { left: number; inner: number; y: number; text: number },
): void {
  const to = view.from + view.width * view.counts.length;
  const decades: number[] = [];
  for (let decade = Math.ceil(view.from - 1e-9); decade <= to + 1e-9; decade++) decades.push(decade);
  const every = Math.max(1, Math.ceil((decades.length * 34 * text) / inner));
  const nodes = keep(group, decades.length, () => svg("g", {}, svg("path"), svg("text", { "text-anchor": "middle" })));
  nodes.forEach((node, i) => {
    const x = left + (inner * (decades[i]! - view.from)) / (to - view.from);
    set(node, { transform: `translate(${x.toFixed(1)} ${y})` });
    set(node.children[0]!, { d: `M0 0v${4 * text}` });
    set(node.children[1]!, { y: 16 * text });
    say(node.children[1]!, i % every === 0 ? powerOfTen(decades[i]!) : "");
  });
}

function powerOfTen(exponent: number): string {
  const digits = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  return `10${exponent < 0 ? "⁻" : ""}${[...String(Math.abs(exponent))].map((digit) => digits[Number(digit)]).join("")}`;
}

function binWords(view: UpdateView, bin: number): string {
  const low = 10 ** (view.from + bin * view.width);
  const count = view.counts[bin] ?? 0;
  const lost = count > 0 ? `, ${percent(view.zeroed[bin]! / count)} of them become zero` : "";
  const cost = view.bits === undefined || count === 0 ? "" : `, ${significant(view.bits[bin]!)} bits each`;
  return `${low.toExponential(1)} to ${(low * 10 ** view.width).toExponential(1)}: ${count} entries${lost}${cost}.`;
}

function summarize(view: UpdateView, name: string): string {
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const share = (sum(view.zeroed) + view.zeros) / view.entries;
  const levels =
    view.levels === undefined
      ? "nearly every decoded value is another one"
      : `${view.levels.length} ${view.levels.length === 1 ? "magnitude comes" : "magnitudes come"} out of the decoder`;
  const [nominal, wire] = [view.nominalBits / view.entries, view.wireBits / view.entries];
  return (
    `Client ${view.client}'s update in round ${view.round} under ${name}: ${percent(share)} of ${view.entries} entries are zero afterwards, ` +
    `${levels}; ${significant(nominal)} bits an entry, ${significant(wire)} on the wire instead of 32.`
  );
}
