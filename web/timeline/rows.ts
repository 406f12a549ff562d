import { quantity } from "../format.js";
import { keep, say, set, svg, textScale } from "../svg.js";
import type { Round } from "./words.js";

interface View {
  width: number;
  at: number;
  selected: number | undefined;
  select(client: number): void;
}

/** Computing may take this much of the width; where it takes more of the time, it is drawn shorter and says so. */
const computingShare = 0.25;

/** Rows of clients: computing, sending, waiting. */
export function drawTimeline(root: SVGSVGElement, round: Round, { width, at, selected, select }: View): void {
  const text = textScale();
  const K = round.clients.length;
  const row = Math.max(5, Math.min(18, 260 / K)) * text;
  const [left, right, top] = [44 * text, 8 * text, 18 * text];
  const height = top + K * row + 20 * text;
  set(root, { width, height, viewBox: `0 0 ${width} ${height}` });
  const [rows, marks] = layers(root);
  const inner = Math.max(1, width - left - right);
  const upload = round.latency - round.computing;
  const { clock } = round;
  const shorter = clock === undefined && round.computing > computingShare * round.latency && upload > 0;
  const start = left + inner * (shorter ? computingShare : round.latency > 0 ? round.computing / round.latency : 0);
  const end = left + inner;
  const x = (seconds: number) => start + (upload > 0 ? ((end - start) * seconds) / upload : 0);
  const nodes = keep(rows, K, (k) => {
    const made = rowOf(k, `url(#${root.querySelector("pattern")!.id})`);
    made.addEventListener("click", () => select(k));
    return made;
  });
  const every = Math.ceil((13 * text) / row);
  nodes.forEach((node, k) => {
    const { sends, seconds } = round.clients[k]!;
    const y = top + k * row;
    set(node, { class: `timeline-row${k === selected ? " selected" : ""}` });
    const [ground, computing, sending, waiting, name] = Array.from(node.children) as SVGElement[];
    const bar = (part: Element | undefined, from: number, to: number) =>
      set(part!, { x: from, y: y + 0.1 * row, width: Math.max(0, to - from), height: 0.8 * row });
    bar(ground, 0, end);
    set(ground!, { class: `timeline-ground${k === at ? " figure-at" : ""}` });
    if (clock === undefined) {
      bar(computing, left, sends ? start : left);
      bar(sending, start, x(seconds));
      set(sending!, { class: k === round.last && round.together === 1 ? "part-last" : "part-send" });
      bar(waiting, x(seconds), sends ? end : x(seconds));
    } else {
      const { computed, sent } = clock.clients[k]!;
      const late = clock.dropped.includes(k);
      const at = (time: number) => left + (round.latency > 0 ? (inner * time) / round.latency : 0);
      bar(computing, left, at(computed));
      bar(sending, at(computed), at(sent));
      set(sending!, { class: late ? "part-last" : "part-send" });
      bar(waiting, at(sent), late ? at(sent) : end);
    }
    set(name!, { x: left - 5 * text, y: y + row / 2 + 4 * text });
    say(name!, k % every === 0 || k === selected ? `${k}` : "");
  });
  const [lines, ...labels] = Array.from(marks.children) as SVGElement[];
  const zig = shorter ? `M${start - 7} ${height - 22 * text}l3 -6l3 12l3 -6` : "";
  const begun = clock === undefined ? `M${start} ${top}V${height - 20 * text}${zig}` : "";
  set(lines!, { d: `M${left} ${top}V${height - 20 * text}H${end}V${top}${begun}` });
  const texts: [string, number, number, string][] = [
    [`computing${shorter ? " (drawn shorter)" : ""}`, left, top - 6 * text, "start"],
    [inner > 260 * text ? "sending, then waiting" : "", end, top - 6 * text, "end"],
    [clock === undefined ? quantity(round.computing, "s") : "", start, height - 5 * text, "middle"],
    [quantity(round.latency, "s"), end, height - 5 * text, "end"],
  ];
  labels.forEach((node, i) => {
    const [content, tx, ty, anchor] = texts[i]!;
    set(node, { x: tx, y: ty, "text-anchor": anchor });
    say(node, content);
  });
}

function rowOf(k: number, pattern: string): SVGGElement {
  const names = ["timeline-ground", "part-compute", "part-send", "part-wait"];
  const node = svg(
    "g",
    { class: "timeline-row" },
    ...names.map((name) => svg("rect", { class: name })),
    svg("text", { class: "timeline-name", "text-anchor": "end" }),
  );
  set(node.querySelector(".part-wait")!, { fill: pattern });
  node.dataset.client = String(k);
  return node;
}

/** Of patterns: those of other figures on the page have other names. */
let made = 0;

/** Made with the first drawing: the pattern of waiting, rows, lines and labels. */
function layers(root: SVGSVGElement): [SVGGElement, SVGGElement] {
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
      svg("g", {}, svg("path", { class: "figure-lines" }), ...[0, 1, 2, 3].map(() => svg("text"))),
    );
  return [root.children[1] as SVGGElement, root.children[2] as SVGGElement];
}
