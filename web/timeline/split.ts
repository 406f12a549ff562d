import { quantity } from "../format.js";
import { keep, say, set, svg, textScale } from "../svg.js";
import { computingEnergy, type Round, type View } from "./parts.js";

/** A bar of the whole round's parts, and under it each client's. */
export function drawSplit(root: SVGSVGElement, round: Round, { width, at, selected, low, select }: View): void {
  const text = textScale();
  const [left, right, top] = [44 * text, 8 * text, 4 * text];
  const [whole, tall] = [18 * text, (low ? 45 : 70) * text];
  const inner = Math.max(1, width - left - right);
  const bottom = top + whole + 22 * text + tall;
  const height = bottom + 18 * text;
  set(root, { width, height, viewBox: `0 0 ${width} ${height}` });
  if (root.children.length === 0) root.append(svg("g"), svg("g"), svg("path", { class: "figure-lines" }), svg("g"));
  const [parts, bars, line, labels] = Array.from(root.children) as [Element, Element, Element, Element];
  drawParts(parts, round, { left, top, inner, whole });
  const { clients } = round;
  const step = inner / clients.length;
  const most = Math.max(...clients.map(({ radiated, circuit }) => radiated + circuit), 0);
  const scale = (joules: number) => (most > 0 ? (tall * joules) / most : 0);
  const nodes = keep(bars, clients.length, (k) => {
    const made = svg(
      "g",
      {},
      ...["timeline-ground", "part-send", "part-circuit"].map((c) => svg("rect", { class: c })),
    );
    made.addEventListener("click", () => select(k));
    return made;
  });
  nodes.forEach((node, k) => {
    const { radiated, circuit } = clients[k]!;
    set(node, { class: `timeline-row${k === selected ? " selected" : ""}` });
    const [ground, sending, circuits] = Array.from(node.children) as [Element, Element, Element];
    const box = (part: Element, from: number, to: number) =>
      set(part, { x: left + (k + 0.1) * step, y: bottom - to, width: 0.8 * step, height: Math.max(0, to - from) });
    box(ground, 0, tall);
    set(ground, { class: `timeline-ground${k === at ? " figure-at" : ""}` });
    box(sending, 0, scale(radiated));
    box(circuits, scale(radiated), scale(radiated + circuit));
    set(sending, { class: k === round.last && round.together === 1 ? "part-last" : "part-send" });
  });
  set(line, { d: `M${left} ${bottom}h${inner}` });
  const every = Math.ceil((26 * text) / step);
  const names = clients.map((_, k) => k).filter((k) => k % every === 0);
  const words: [string, number, number, string][] = [
    [quantity(most, "J"), left - 4 * text, bottom - tall + 9 * text, "end"],
    ["each client", left, bottom - tall - 6 * text, "start"],
    ...names.map((k): [string, number, number, string] => [
      String(k),
      left + (k + 0.5) * step,
      bottom + 14 * text,
      "middle",
    ]),
  ];
  keep(labels, words.length, () => svg("text")).forEach((node, i) => {
    const [content, x, y, anchor] = words[i]!;
    set(node, { x, y, "text-anchor": anchor });
    say(node, content);
  });
}

function drawParts(
  group: Element,
  round: Round,
  { left, top, inner, whole }: { left: number; top: number; inner: number; whole: number },
): void {
  const { clients, energy, downlinkEnergy, links } = round;
  const sum = (of: (client: Round["clients"][number]) => number) => clients.reduce((total, one) => total + of(one), 0);
  const joules: [string, number, string][] = [
    ["part-send", sum(({ radiated }) => radiated), "radiated"],
    ["part-circuit", sum(({ circuit }) => circuit), "circuits"],
    ["part-compute", computingEnergy(round), "computing"],
    ["part-receive", downlinkEnergy, "downlink"],
    ["part-links", links?.energy ?? 0, "links"],
  ];
  let from = left;
  const nodes = keep(group, joules.length, () => svg("g", {}, svg("rect"), svg("text", { class: "split-name" })));
  nodes.forEach((node, i) => {
    const [part, value, name] = joules[i]!;
    const wide = energy > 0 ? (inner * value) / energy : 0;
    const [box, text] = Array.from(node.children) as [Element, Element];
    set(box, { class: part, x: from, y: top, width: wide, height: whole });
    set(text, { x: from + 0.3 * whole, y: top + 0.72 * whole });
    say(text, wide > 5 * whole ? name : "");
    from += wide;
  });
}
