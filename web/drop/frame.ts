import { element } from "../dom.js";
import { significant } from "../format.js";
import { say } from "../svg.js";
import { term } from "../words.js";
import { createRadioMap, type RadioMap } from "./map.js";
import { createMarks, type Marks } from "./marks.js";

/** The figure's nodes. */
export interface Frame {
  root: HTMLElement;
  stage: HTMLElement;
  map: RadioMap;
  marks: Marks;
  sum: HTMLElement;
  detail: HTMLElement;
  failure: HTMLElement;
  summary: HTMLElement;
  status: HTMLElement;
  /** Says what the rings are */
  explain(rings: { classes: boolean; battery: boolean }): void;
  /** Draws the map; while something is held its colors keep their meaning */
  paint(values: Float64Array, held: boolean): void;
}

const keys =
  "Page Down and Page Up go to the next point and the last, arrow keys move it by 10 m (Shift 50, Alt 1), " +
  "Enter selects a client, Escape puts back what is held.";

export function createFrame(id: string): Frame {
  const canvas = element("canvas", { class: "drop-map", "aria-hidden": "true" });
  const map = createRadioMap(canvas);
  const marks = createMarks(id);
  const paragraph = (name: string, extra: Record<string, string> = {}) =>
    element("p", { class: `drop-${name}`, ...extra });
  const sum = paragraph("sum");
  say(sum, "The network stands here once the settings have been read.");
  const detail = paragraph("detail");
  const failure = paragraph("failure", { role: "alert" });
  const summary = paragraph("hidden", { id: `${id}-summary` });
  const help = element("p", { class: "drop-hidden", id: `${id}-keys` }, keys);
  const status = paragraph("hidden", { role: "status" });
  const stage = element("div", { class: "drop-stage" }, canvas);
  stage.append(marks.root);
  marks.root.setAttribute("aria-label", "The drop: access points, clients and their links on a radio map");
  marks.root.setAttribute("aria-describedby", `${id}-summary ${id}-keys`);
  const strongest = element("span", {});
  const ring = element("span");
  const scale = element(
    "span",
    { class: "drop-scale" },
    term("radio map", "one more client there"),
    ": 0 ",
    element("span", { class: "drop-ramp", "aria-hidden": "true" }),
    " ",
    strongest,
  );
  const key = (...words: (string | Node)[]) => element("span", { class: "drop-key" }, ...words);
  const mixed = key("outer ring: ", term("classes", "classes"));
  const marksKey = element(
    "details",
    {},
    element("summary", {}, "marks"),
    key("triangle: ", term("access point", "access point")),
    key(
      "circle: ",
      term("client", "client"),
      "; disc ",
      term("power", "power"),
      ", ring ",
      term("energy", "energy"),
      ring,
    ),
    key("line: share in its gain"),
    mixed,
    key("the map is of path loss, without shadowing"),
  );
  const legend = element("div", { class: "drop-legend" }, scale, marksKey);
  const room = element("div", { class: "drop-room" }, stage);
  const root = element("div", { class: "drop" }, room, sum, detail, failure, legend, summary, help, status);
  let most = 0;
  let painted: Float64Array | undefined;
  let wasHeld = false;
  return {
    ...{ root, stage, map, marks, sum, detail, failure, summary, status },
    explain({ classes, battery }) {
      mixed.hidden = !classes;
      root.classList.toggle("mixed", classes);
      say(ring, battery ? " left" : "");
    },
    paint(values, held) {
      // Of the same places an answer brings the same map again
      const same = painted !== undefined && equal(painted, values);
      if (same && !(wasHeld && !held)) return;
      painted = values;
      wasHeld = held;
      if (!held || most === 0) most = roundUp(values.reduce((a, b) => Math.max(a, b), 0));
      map.paint(values, most);
      say(strongest, `${significant(most)} bit/s/Hz`);
    },
  };
}

/** By index: a callback would box each of thousands of numbers. */
function equal(a: Float64Array, b: Float64Array): boolean {
  if (a === b) return true;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return a.length === b.length;
}

/** To half a bit, so that the scale does not change with every trifle. */
function roundUp(value: number): number {
  return Math.max(0.5, Math.ceil(2 * value) / 2);
}
