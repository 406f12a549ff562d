import { version } from "../src/version.js";
import { byId, element, saveFile } from "./dom.js";
import { copied } from "./laneCard.js";
import { addressWith } from "./present.js";
import type { ReportedRun } from "./reporting.js";

/** What may be taken away of the page as a whole: its link, a frame for another page, a citation, a report. */
export function setUpSharing(runs: () => readonly ReportedRun[]): void {
  const pressed = (id: string, act: (button: HTMLElement) => unknown) =>
    byId(id).addEventListener("click", (event) => act(event.currentTarget as HTMLElement));
  setUpPictures(byId("pictures"));
  pressed("link", (button) => copied(button, location.href));
  pressed("embed", (button) => copied(button, embedCode()));
  pressed("cite", (button) => copied(button, citation(runs())));
  pressed("report", async (button) => {
    button.setAttribute("disabled", "");
    try {
      const { pageReport } = await import("./reporting.js");
      saveFile("report.html", await pageReport(runs(), location.href), "text/html");
    } finally {
      button.removeAttribute("disabled");
    }
  });
}

/** The figures beside the chart, which has buttons of its own. */
const drawn = [
  { name: "network", svg: "#drop .drop-marks", map: "#drop .drop-map" },
  { name: "update", svg: "#update .figure-svg" },
  { name: "timeline", svg: "#timeline .figure-svg" },
  { name: "energy", svg: "#split .figure-svg" },
] as const;

/** Each of the figures as a picture to keep. */
function setUpPictures(place: HTMLElement): void {
  for (const one of drawn) {
    const save = (kind: "SVG" | "PNG") => {
      const made = element("button", { type: "button", "aria-label": `${kind} of the ${one.name}` }, kind);
      made.addEventListener("click", async () => {
        const { pictureOf, pngOf } = await import("./pictures.js");
        const map = "map" in one ? document.querySelector<HTMLCanvasElement>(one.map) : null;
        const svg = pictureOf(document.querySelector<SVGSVGElement>(one.svg)!, map ?? undefined);
        if (kind === "SVG") saveFile(`${one.name}.svg`, svg, "image/svg+xml");
        else saveFile(`${one.name}.png`, await pngOf(svg));
      });
      return made;
    };
    place.append(element("div", { class: "buttons" }, element("span", {}, one.name), save("SVG"), save("PNG")));
  }
}

/** The chart with its settings, for a page that this one may be framed by. */
function embedCode(): string {
  const address = addressWith("?embed=accuracy").replaceAll("&", "&amp;").replaceAll('"', "%22");
  return `<iframe src="${address}" width="720" height="420" title="cellfed lab" loading="lazy"></iframe>`;
}

/** BibTeX of the program, with what was run in its note. */
export function citation(runs: readonly ReportedRun[], now = new Date()): string {
  const prints = runs.flatMap(({ outcome }) =>
    outcome === undefined ? [] : [outcome.fingerprint.results.slice(0, 16)],
  );
  const command = runs[0] === undefined ? "" : ` Run by \\texttt{${escapeTex(runs[0].command)}}.`;
  const found = prints.length === 0 ? "" : ` Fingerprint${prints.length > 1 ? "s" : ""} ${prints.join(", ")}.`;
  return `@software{cellfed,
  title   = {cellfed: energy-efficient federated learning over cell-free massive {MIMO} networks, simulated},
  author  = {{The cellfed authors}},
  version = {${version}},
  year    = {${now.getFullYear()}},
  note    = {${`Computed in a browser.${command}${found}`}}
}
`;
}

const inTex: Record<string, string> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
};

function escapeTex(text: string): string {
  return text.replace(/[\\~^{}_#$%&]/g, (one) => inTex[one] ?? `\\${one}`);
}
