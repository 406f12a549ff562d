import type { RoundRecord } from "../src/index.js";
import { fillChildren } from "./curves.js";
import { element, setAttributes, setText, shape } from "./dom.js";
import type { Figure } from "./figures.js";
import { percent, quantity, significant } from "./format.js";
import type { Drop } from "./protocol.js";

/** The area with its access points, clients and the links between them. */

export interface MapState {
  drop: Drop | undefined;
  /** Of the round that is shown */
  record: RoundRecord | undefined;
  selected: number;
}

const size = 1000;
const clientRadius = 15;

/** @param select called with the client that was chosen */
export function createMap(host: HTMLElement, { select }: { select(client: number): void }): Figure<MapState> {
  const links = shape("g", { class: "links" });
  const accessPoints = shape("g", { class: "access-points" });
  const clients = shape("g", { class: "clients" });
  const svg = shape(
    "svg",
    { viewBox: `0 0 ${size} ${size}`, role: "group" },
    ...[shape("rect", { width: size, height: size, rx: 12, class: "area" }), links, accessPoints, clients],
  );
  const caption = element("p", { class: "caption" });
  host.append(svg, caption);
  let shownDrop: Drop | undefined;
  let summary = "";

  function update({ drop, record, selected }: MapState): void {
    if (drop === undefined) {
      setText(caption, shownDrop === undefined ? "No network to draw yet." : caption.textContent!);
      return;
    }
    if (drop !== shownDrop) place(drop);
    shownDrop = drop;
    for (const [k, node] of [...clients.children].entries()) {
      const skipped = record?.perClient.skipped[k] === true;
      const power = skipped ? undefined : record?.perClient.power[k];
      const text = describe(drop, record, k);
      setAttributes(node, {
        "aria-label": text,
        "aria-pressed": String(k === selected),
        tabindex: k === selected ? 0 : -1,
        class: skipped ? "client skipped" : "client",
      });
      const [title, , inner] = [...node.children] as [SVGElement, SVGElement, SVGElement];
      setText(title, text);
      // The area of the disc is the power
      setAttributes(inner, { r: power === undefined ? 0 : clientRadius * Math.max(0.15, Math.sqrt(power)) });
    }
    setText(caption, describe(drop, record, selected));
    const senders = record?.perClient.skipped.filter((skipped) => !skipped).length;
    summary =
      `${drop.accessPoints.length} access points and ${drop.clients.length} clients in ${drop.area} m × ${drop.area} m` +
      (senders === undefined ? "" : `; ${senders} sent in round ${record!.round}`);
    setAttributes(svg, { "aria-label": summary });
  }

  function place(drop: Drop): void {
    const at = (metres: number) => Number(((metres / drop.area) * size).toFixed(1));
    const up = (metres: number) => size - at(metres);
    const lines = drop.clients.flatMap((client) =>
      client.links.map((link) => ({ client, share: link.share, to: drop.accessPoints[link.accessPoint]! })),
    );
    fillChildren(links, "path", lines.length, (node, i) => {
      const { client, share, to } = lines[i]!;
      // The area wraps around: a link takes the shorter way, over an edge where that is one
      const over = (from: number, end: number) => end - drop.area * Math.round((end - from) / drop.area);
      setAttributes(node, {
        d: `M${at(client.x)} ${up(client.y)}L${at(over(client.x, to[0]))} ${up(over(client.y, to[1]))}`,
        "stroke-width": Number((1 + 13 * share).toFixed(1)),
      });
    });
    fillChildren(accessPoints, "path", drop.accessPoints.length, (node, i) => {
      const [x, y] = drop.accessPoints[i]!;
      setAttributes(node, { d: `M${at(x)} ${up(y) - 12}l11 20h-22z` });
    });
    fillChildren(clients, "g", drop.clients.length, (node, k) => {
      const { x, y } = drop.clients[k]!;
      if (node.childElementCount === 0) {
        node.append(
          shape("title"),
          shape("circle", { r: clientRadius, class: "ring" }),
          shape("circle", { class: "power" }),
        );
        setAttributes(node, { role: "button", "data-client": k });
        node.addEventListener("click", () => select(k));
      }
      setAttributes(node, { transform: `translate(${at(x)} ${up(y)})` });
    });
  }

  clients.addEventListener("keydown", (event) => {
    const steps: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    const step = steps[event.key];
    const count = clients.childElementCount;
    if (step === undefined || count === 0) return;
    event.preventDefault();
    const at = [...clients.children].indexOf(document.activeElement as Element);
    const to = (at + step + count) % count;
    select(to);
    (clients.children[to] as SVGElement).focus();
  });

  return {
    update,
    destroy() {
      svg.remove();
      caption.remove();
    },
    get summary() {
      return summary;
    },
  };
}

function describe(drop: Drop, record: RoundRecord | undefined, k: number): string {
  const client = drop.clients[k];
  if (client === undefined) return "";
  const many = client.links.length;
  const heard = `client ${k + 1}: heard by ${many} access point${many === 1 ? "" : "s"}, best gain ${significant(client.gain)} dB, pilot ${client.pilot + 1}`;
  if (record === undefined) return heard;
  const { power, latency, energy, nominalBits, skipped } = record.perClient;
  if (skipped[k]) return `${heard}; sent nothing in round ${record.round}`;
  return `${heard}; ${quantity(nominalBits[k]!, "bit")} at ${percent(power[k]!)} power in ${quantity(latency[k]!, "s")} for ${quantity(energy[k]!, "J")}`;
}
