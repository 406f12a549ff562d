import { keep, say, set, svg } from "../svg.js";
import { arc, linkPath, linkStep, linkSteps, type Scale, toPixels } from "./geometry.js";
import { type DropView, slowest } from "./words.js";

/** Positions as they are drawn, which are ahead of the answer while something is dragged. */
export interface Places {
  accessPoints: [number, number][];
  clients: [number, number][];
}

export interface Marks {
  root: SVGSVGElement;
  accessPoints: SVGGElement;
  clients: SVGGElement;
  draw(view: DropView, places: Places, scale: Scale, text: number): void;
}

/** Radii in px at the usual size of text. */
const ring = 10;
const reach = 15;

/** The nodes over the map: links below, access points, clients on top. */
export function createMarks(id: string): Marks {
  const cut = svg("rect");
  const links = svg("g", { class: "drop-links", "clip-path": `url(#${id}-cut)`, "aria-hidden": "true" });
  const own = svg("path", { class: "drop-own", "clip-path": `url(#${id}-cut)`, "aria-hidden": "true" });
  const frame = svg("rect", { class: "drop-frame", "aria-hidden": "true" });
  const ruler = svg("path", { class: "drop-ruler" });
  const metres = svg("text", { class: "drop-metres" });
  const rulerMarks = svg("g", { "aria-hidden": "true" }, ruler, metres);
  const accessPoints = svg("g", { class: "drop-access-points", role: "group", "aria-label": "Access points" });
  const clients = svg("g", { class: "drop-clients", role: "group", "aria-label": "Clients" });
  const root = svg(
    "svg",
    { class: "drop-marks", role: "group" },
    svg("defs", {}, svg("clipPath", { id: `${id}-cut` }, cut)),
    ...[links, own, frame, rulerMarks, accessPoints, clients],
  );
  const steps = keep(links, linkSteps.length, (step) => svg("path", { "stroke-width": 0.6 + 1.1 * step }));

  return {
    root,
    accessPoints,
    clients,
    draw(view, places, scale, text) {
      const { size, margin } = scale;
      const whole = size + 2 * margin;
      set(root, { width: whole, height: whole, viewBox: `0 0 ${whole} ${whole}` });
      for (const box of [cut, frame]) set(box, { x: margin, y: margin, width: size, height: size });
      const round = niceLength(scale.area);
      const [left, length] = [margin + 10 * text, (size * round) / scale.area];
      const bottom = margin + size - 10 * text;
      set(ruler, { d: `M${left} ${bottom - 4 * text}v${4 * text}h${length}v${-4 * text}` });
      set(metres, { x: left + length / 2, y: bottom - 7 * text });
      say(metres, `${round} m`);
      drawLinks(steps, own, view, places, scale);
      drawAccessPoints(accessPoints, places, scale, text);
      drawClients(clients, view, places, scale, text);
    },
  };
}

/** 1, 2 or 5 times a power of ten, about a fifth of the area. */
function niceLength(area: number): number {
  const power = 10 ** Math.floor(Math.log10(area / 5));
  return [5, 2, 1].map((digit) => digit * power).find((length) => length <= area / 5) ?? power;
}

interface Link {
  client: number;
  accessPoint: number;
  step: number;
}

/** Those that are drawn of an answer's shares: at most fifty a client, of thousands. */
const listed = new WeakMap<Float64Array, Link[]>();

function linksOf(shares: Float64Array, accessPoints: number): Link[] {
  const known = listed.get(shares);
  if (known !== undefined) return known;
  const links: Link[] = [];
  shares.forEach((share, i) => {
    const step = linkStep(share);
    if (step >= 0) links.push({ client: Math.floor(i / accessPoints), accessPoint: i % accessPoints, step });
  });
  listed.set(shares, links);
  return links;
}

function drawLinks(
  steps: readonly SVGPathElement[],
  own: SVGPathElement,
  { answer, selected }: DropView,
  places: Places,
  scale: Scale,
): void {
  const paths: string[] = steps.map(() => "");
  let selectedPath = "";
  for (const { client, accessPoint, step } of linksOf(answer.shares, places.accessPoints.length)) {
    const [from, to] = [places.clients[client], places.accessPoints[accessPoint]];
    // A drop of another size is on its way
    if (from === undefined || to === undefined) continue;
    const path = linkPath(scale, from, to, answer.wrapAround);
    paths[step] += path;
    if (client === selected) selectedPath += path;
  }
  steps.forEach((node, step) => {
    set(node, { d: paths[step]! });
  });
  set(own, { d: selectedPath });
}

function point(kind: string, ...shape: Node[]): SVGGElement {
  return svg("g", { class: `drop-${kind}`, role: "button", tabindex: -1 }, ...shape);
}

function drawAccessPoints(group: SVGGElement, places: Places, scale: Scale, text: number): void {
  const nodes = keep(group, places.accessPoints.length, (l) => {
    const node = point("access-point", svg("circle", { class: "drop-reach" }), svg("path", { class: "drop-tower" }));
    node.dataset.index = String(l);
    node.setAttribute("aria-label", `Access point ${l}`);
    node.setAttribute("aria-roledescription", "movable point");
    return node;
  });
  nodes.forEach((node, l) => {
    const [x, y] = toPixels(scale, ...places.accessPoints[l]!);
    set(node, { transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` });
    set(node.children[0]!, { r: 12 * text });
    const [h, w] = [7 * text, 6.5 * text];
    set(node.children[1]!, { d: `M0 ${-h}L${w} ${0.7 * h}H${-w}Z` });
  });
}

type Shapes = [Element, Element, Element, Element, Element, Element, Element];

function drawClients(group: SVGGElement, view: DropView, places: Places, scale: Scale, text: number): void {
  const made = ["drop-reach", "drop-halo", "drop-disc", "drop-power"];
  const nodes = keep(group, places.clients.length, (k) => {
    const node = point(
      "client",
      ...made.map((name) => svg("circle", { class: name })),
      svg("path", { class: "drop-energy" }),
      svg("g", { class: "drop-classes" }),
      svg("text", { class: "drop-name" }),
    );
    node.dataset.index = String(k);
    node.setAttribute("aria-label", `Client ${k}`);
    node.setAttribute("aria-roledescription", "movable point");
    return node;
  });
  const most = Math.max(...Array.from(view.energy).filter(Number.isFinite), 0);
  const waitedFor = view.answer.overTheAir ? [] : slowest(view);
  const last = waitedFor.length === 1 ? waitedFor[0] : undefined;
  const named = nodes.length <= 24;
  const words = nodes.map((_, k) => (k === last ? `${k} slowest` : named || k === view.selected ? String(k) : ""));
  const spots = nameSpots(places.clients, words, scale, text);
  nodes.forEach((node, k) => {
    const [x, y] = toPixels(scale, ...places.clients[k]!);
    set(node, {
      transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`,
      class: `drop-client${k === view.selected ? " selected" : ""}${k === last ? " slowest" : ""}`,
      "aria-pressed": String(k === view.selected),
    });
    const [area, halo, disc, power, energy, classes, name] = Array.from(node.children) as Shapes;
    set(area, { r: reach * text });
    set(halo, { r: view.classes === undefined ? 0 : (ring + 5.5) * text });
    set(disc, { r: ring * text });
    set(power, { r: (powerRadius(view.power[k] ?? 0) * text).toFixed(2) });
    const share = view.battery?.[k] ?? (most > 0 ? Math.min(1, (view.energy[k] ?? 0) / most) : 0);
    set(energy, { d: arc(ring * text, 0, share) });
    drawClasses(classes, view.classes?.[k], text);
    set(name, spots[k]!);
    say(name, words[k]!);
    // What is written beside it is part of its name, unless more is being said of it
    const plain = `Client ${k}`;
    if (/^Client \d+( slowest)?$/.test(node.getAttribute("aria-label")!)) {
      set(node, { "aria-label": k === last ? `${plain} slowest` : plain });
    }
  });
}

/**
 * Where each client's name stands from its middle: above, or the first of below, left and right that is inside the figure
 * and covers no name before it.
 */
function nameSpots(clients: Places["clients"], words: readonly string[], scale: Scale, text: number) {
  const whole = scale.size + 2 * scale.margin;
  const taken: { left: number; right: number; top: number; bottom: number }[] = [];
  return words.map((word, k) => {
    const [x, y] = toPixels(scale, ...clients[k]!);
    const half = (4 * word.length + 3) * text;
    const aside = (ring + 5) * text + half;
    const spots = [
      { x: 0, y: -(ring + 6) * text },
      { x: 0, y: (ring + 15) * text },
      { x: -aside, y: 4 * text },
      { x: aside, y: 4 * text },
    ];
    const boxes = spots.map((spot) => ({
      ...{ left: x + spot.x - half, right: x + spot.x + half },
      ...{ top: y + spot.y - 10 * text, bottom: y + spot.y + 2 * text },
    }));
    const free = ({ left, right, top, bottom }: (typeof boxes)[number]) =>
      left >= 0 &&
      right <= whole &&
      top >= 0 &&
      bottom <= whole &&
      taken.every((other) => right < other.left || left > other.right || bottom < other.top || top > other.bottom);
    const at = Math.max(0, boxes.findIndex(free));
    if (word !== "") taken.push(boxes[at]!);
    return spots[at]!;
  });
}

/** From 0.1 % to full power over three decades, so that a hundredth can still be told from nothing. */
function powerRadius(power: number): number {
  return power > 0 ? 1.2 + 6.3 * Math.max(0, Math.min(1, 1 + Math.log10(power) / 3)) : 0;
}

/** A thin ring outside: how a client's examples are mixed. */
function drawClasses(group: Element, mix: readonly number[] | undefined, text: number): void {
  const nodes = keep(group, mix?.length ?? 0, () => svg("path"));
  let from = 0;
  nodes.forEach((node, c) => {
    const to = from + mix![c]!;
    set(node, { d: arc((ring + 3.5) * text, from, to), class: `class-${c % 10}` });
    from = to;
  });
}
