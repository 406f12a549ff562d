import { quantity } from "../format.js";
import { keep, say, set, svg, textScale } from "../svg.js";
import type { ClientRound, Round, Span, View } from "./parts.js";

/** What is before the first sending may take this much of the width; where it takes more of the time, it is drawn shorter. */
const shareBefore = 0.25;

/** What a row says of who does not count. */
const fates: Partial<Record<ClientRound["fate"], string>> = {
  out: "not chosen",
  flat: "battery",
  lost: "lost",
  late: "too late",
};

/** Rows of clients: computing, sending, waiting. */
export function drawTimeline(root: SVGSVGElement, round: Round, { width, at, selected, low, select }: View): void {
  const text = textScale();
  const K = round.clients.length;
  const row = Math.max(5, Math.min(14, (low ? 80 : 260) / K)) * text;
  const [left, right, top] = [44 * text, 8 * text, 18 * text];
  const height = top + K * row + 20 * text;
  set(root, { width, height, viewBox: `0 0 ${width} ${height}` });
  const [rows, shared, marks] = layers(root);
  const inner = Math.max(1, width - left - right);
  const end = left + inner;
  const { x, shorter } = timeAxis(round, left, inner);
  const heard = round.latency - (round.links?.seconds ?? 0);
  const nodes = keep(rows, K, (k) => {
    const made = rowOf(k, `url(#${root.querySelector("pattern")!.id})`);
    made.addEventListener("click", () => select(k));
    return made;
  });
  const every = Math.ceil((13 * text) / row);
  nodes.forEach((node, k) => {
    const client = round.clients[k]!;
    const y = top + k * row;
    set(node, { class: `timeline-row${k === selected ? " selected" : ""}` });
    const [ground, receiving, computing, sending, waiting, fate, name] = Array.from(node.children) as SVGElement[];
    set(ground!, {
      ...{ class: `timeline-ground${k === at ? " figure-at" : ""}` },
      ...{ x: 0, y: y + 0.1 * row, width: end, height: 0.8 * row },
    });
    const bars = (spans: readonly Pick<Span, "from" | "to">[]) =>
      spans.map(({ from, to }) => `M${x(from)} ${y + 0.1 * row}H${x(to)}v${0.8 * row}H${x(from)}z`).join("");
    const of = (does: Span["does"]) => bars(client.spans.filter((span) => span.does === does));
    set(receiving!, { d: of("receiving") });
    set(computing!, { d: of("computing") });
    set(sending!, { d: of("sending"), class: sendingClass(round, k) });
    set(waiting!, { d: client.fate === "out" ? "" : bars(gaps(client, heard)) });
    const told = row >= 12 * text ? (fates[client.fate] ?? "") : "";
    const after = x(client.spans.at(-1)?.to ?? 0);
    // Beside the bar where there is room, else on its end
    const beside = end - after > 70 * text;
    set(fate!, { x: beside ? after + 4 * text : end - 4 * text, y: y + row / 2 + 4 * text });
    set(fate!, { "text-anchor": beside ? "start" : "end" });
    say(fate!, told);
    set(name!, { x: left - 5 * text, y: y + row / 2 + 4 * text });
    say(name!, k % every === 0 || k === selected ? `${k}` : "");
  });
  drawShared(shared, round, { x, top, bottom: top + K * row, end });
  const [lines, ...labels] = Array.from(marks.children) as SVGElement[];
  const { begun, clock } = round;
  const start = x(begun);
  const zig = shorter ? `M${start - 7} ${height - 22 * text}l3 -6l3 12l3 -6` : "";
  const first = clock === undefined ? `M${start} ${top}V${height - 20 * text}${zig}` : "";
  set(lines!, { d: `M${left} ${top}V${height - 20 * text}H${end}V${top}${first}` });
  const before = round.clients.some(({ spans }) => spans[0]?.does === "receiving")
    ? "downlink, computing"
    : "computing";
  const titles = [`${before}${shorter ? " (drawn shorter)" : ""}`, sendingTitle(round)] as const;
  // About 6 px a letter: the second is left out where they would meet
  const room = 6 * text * (titles[0].length + titles[1].length + 2) < inner;
  const texts: [string, number, number, string][] = [
    [titles[0], left, top - 6 * text, "start"],
    [room ? titles[1] : "", end, top - 6 * text, "end"],
    [clock === undefined ? quantity(begun, "s") : "", Math.max(start, left + 20 * text), height - 5 * text, "middle"],
    [quantity(round.latency, "s"), end, height - 5 * text, "end"],
  ];
  labels.forEach((node, i) => {
    const [content, tx, ty, anchor] = texts[i]!;
    set(node, { x: tx, y: ty, "text-anchor": anchor });
    say(node, content);
  });
}

function sendingTitle({ air, links }: Round): string {
  if (air !== undefined) return "all at once";
  return links !== undefined && links.seconds > 0 ? "sending, links" : "sending, then waiting";
}

/** What is of all clients together: the slot in which all send, and the access points' links at the end. */
function drawShared(
  group: SVGElement,
  { air, links, clients, latency, begun }: Round,
  { x, top, bottom, end }: { x(seconds: number): number; top: number; bottom: number; end: number },
): void {
  const [slot, sums] = Array.from(group.children) as [Element, Element];
  const last = Math.max(0, ...clients.flatMap(({ spans }) => spans.map(({ to }) => to)));
  const framed = air !== undefined && last > begun;
  set(slot, { d: framed ? `M${x(begun)} ${top}H${x(last)}V${bottom}H${x(begun)}z` : "" });
  // So short a time is still to be seen
  const from = Math.min(x(latency - (links?.seconds ?? 0)), end - 3);
  set(sums, { d: links !== undefined && links.seconds > 0 ? `M${from} ${top}H${end}V${bottom}H${from}z` : "" });
}

/** s to px, in two pieces where little of the time is left for sending. */
function timeAxis({ begun, latency, clock }: Round, left: number, inner: number) {
  const shorter = clock === undefined && begun > shareBefore * latency && latency > begun;
  const share = shorter ? shareBefore : latency > 0 ? begun / latency : 0;
  const x = (seconds: number) => {
    if (seconds <= begun) return left + (begun > 0 ? (inner * share * seconds) / begun : 0);
    return left + inner * (share + ((1 - share) * (seconds - begun)) / (latency - begun));
  };
  return { x, shorter };
}

function sendingClass({ clients, last, together, clock }: Round, k: number): string {
  const { fate } = clients[k]!;
  if (fate === "lost") return "part-lost";
  return fate === "late" || (clock === undefined && k === last && together === 1) ? "part-last" : "part-send";
}

/** When a client does nothing, until the last packet is there; who was broken off is not waiting at the end. */
function gaps({ spans, fate }: ClientRound, heard: number): Pick<Span, "from" | "to">[] {
  const found: Pick<Span, "from" | "to">[] = [];
  let done = 0;
  for (const { from, to } of spans) {
    if (from > done) found.push({ from: done, to: from });
    done = Math.max(done, to);
  }
  if (heard > done && fate !== "late") found.push({ from: done, to: heard });
  return found;
}

function rowOf(k: number, pattern: string): SVGGElement {
  const node = svg(
    "g",
    { class: "timeline-row" },
    svg("rect", { class: "timeline-ground" }),
    ...["part-receive", "part-compute", "part-send", "part-wait"].map((name) => svg("path", { class: name })),
    svg("text", { class: "timeline-fate" }),
    svg("text", { class: "timeline-name", "text-anchor": "end" }),
  );
  set(node.querySelector(".part-wait")!, { fill: pattern });
  node.dataset.client = String(k);
  return node;
}

/** Of patterns: those of other figures on the page have other names. */
let made = 0;

/** Made with the first drawing: the pattern of waiting, rows, what is of all of them, lines and labels. */
function layers(root: SVGSVGElement): [SVGGElement, SVGGElement, SVGGElement] {
  if (root.children.length === 0)
    root.append(
      svg(
        "defs",
        {},
        svg(
          "pattern",
          { id: `timeline-wait-${++made}`, width: 6, height: 6, patternUnits: "userSpaceOnUse" },
          svg("circle", { cx: 3, cy: 3, r: 1, class: "hatch-line" }),
        ),
      ),
      svg("g"),
      svg("g", { class: "timeline-shared" }, svg("path", { class: "part-slot" }), svg("path", { class: "part-links" })),
      svg("g", {}, svg("path", { class: "figure-lines" }), ...[0, 1, 2, 3].map(() => svg("text"))),
    );
  return Array.from(root.children).slice(1) as [SVGGElement, SVGGElement, SVGGElement];
}
