import { asset } from "./asset.js";

type Row = Readonly<Record<string, unknown>>;

/** What a program says: a line, a table (each takes the place of the one before), its end. */
type Said =
  | { kind: "log"; text: string }
  | { kind: "table"; rows: readonly Row[] }
  | { kind: "done" }
  | { kind: "failed"; text: string };

/** Gives every program of the page its button. Each runs in a worker of its own, on the library beside this script. */
export function startPrograms(): void {
  const data = document.querySelector("#programs");
  if (data === null) return;
  const programs = JSON.parse(data.textContent!) as string[];
  for (const box of document.querySelectorAll<HTMLElement>(".live")) {
    const program = programs[Number(box.dataset.program)]!;
    const button = box.querySelector<HTMLButtonElement>(".run")!;
    let stop: (() => void) | undefined;
    button.addEventListener("click", () => {
      if (stop !== undefined) return stop();
      button.textContent = "Stop";
      const ended = (state: string) => {
        stop = undefined;
        button.textContent = "Run it again";
        show(box, state);
      };
      const worker = start(program, box, ended);
      stop = () => {
        worker.terminate();
        ended("stopped");
      };
    });
  }
}

function show(box: HTMLElement, state: string): void {
  box.dataset.state = state;
  box.querySelector(".state")!.textContent = state;
}

function start(program: string, box: HTMLElement, ended: (state: string) => void): Worker {
  const output = box.querySelector<HTMLElement>(".output")!;
  const lines = document.createElement("pre");
  const table = document.createElement("div");
  output.replaceChildren(lines, table);
  lines.hidden = true;
  show(box, "running…");
  const began = performance.now();
  const address = URL.createObjectURL(new Blob([asWorker(program)], { type: "text/javascript" }));
  const worker = new Worker(address, { type: "module" });
  const end = (state: string) => {
    worker.terminate();
    URL.revokeObjectURL(address);
    ended(state);
  };
  worker.onmessage = ({ data }: MessageEvent<Said>) => {
    if (data.kind === "log") {
      lines.hidden = false;
      lines.append(`${data.text}\n`);
    } else if (data.kind === "table") void drawTable(table, data.rows);
    else if (data.kind === "done")
      end(`done in ${((performance.now() - began) / 1000).toFixed(1)} s, here in this tab`);
    else end(`failed: ${data.text}`);
  };
  worker.onerror = ({ message }) => end(`failed: ${message || "the library could not be loaded"}`);
  return worker;
}

/** The program with the library's address, a console that speaks to the page, and word of its end. */
function asWorker(program: string): string {
  const library = asset("cellfed/index.js").href;
  const imports: string[] = [];
  const body = program.replaceAll(/^import [^;]*? from "cellfed";\n/gm, (line) => {
    imports.push(line.replace('"cellfed"', JSON.stringify(library)));
    return "";
  });
  return `${imports.join("")}
const shown = (value) => typeof value === "string" ? value : ArrayBuffer.isView(value) ? "[" + Array.from(value).join(", ") + "]" : typeof value === "object" ? JSON.stringify(value) : String(value);
const console = {
  log: (...values) => postMessage({ kind: "log", text: values.map(shown).join(" ") }),
  table: (rows) => postMessage({ kind: "table", rows }),
};
try {
${body.replace(/^export \{\};$/m, "")}
  postMessage({ kind: "done" });
} catch (error) {
  postMessage({ kind: "failed", text: error instanceof Error ? error.message : String(error) });
}
`;
}

/** Drawn where its rows are points: a number over a number, a line for each text of the column before. */
async function drawTable(place: HTMLElement, rows: readonly Row[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {});
  const numeric = columns.filter((name) => rows.every((row) => typeof row[name] === "number" || row[name] === null));
  const text = columns.find((name) => !numeric.includes(name));
  const [x, y] = numeric;
  const names = text === undefined ? [""] : [...new Set(rows.map((row) => String(row[text])))];
  const lines = names.map((name) => rows.filter((row) => text === undefined || String(row[text]) === name));
  if (x === undefined || y === undefined || !lines.some((line) => line.length > 2)) {
    place.replaceChildren(plainTable(columns, rows));
    return;
  }
  const { lineFigure } = await import("../../src/report/figures/charts.js");
  const svg = await lineFigure({
    x: { label: x },
    y: { label: y },
    series: lines.map((line, i) => ({
      name: names[i]!,
      x: line.map((row) => Number(row[x])),
      y: line.map((row) => Number(row[y])),
    })),
    background: "none",
    ...{ width: 640, height: 360 },
  });
  const figure = document.createElement("figure");
  figure.innerHTML = svg;
  const details = document.createElement("details");
  const summary = document.createElement("summary");
  summary.textContent = "The numbers";
  const open = place.querySelector("details")?.open ?? false;
  details.open = open;
  details.append(summary, plainTable(columns, rows));
  place.replaceChildren(figure, details);
}

function plainTable(columns: readonly string[], rows: readonly Row[]): HTMLElement {
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  for (const name of columns) head.append(Object.assign(document.createElement("th"), { textContent: name }));
  const body = table.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const name of columns) line.insertCell().textContent = shortly(row[name]);
  }
  const wide = document.createElement("div");
  wide.className = "wide";
  wide.tabIndex = 0;
  wide.setAttribute("role", "group");
  wide.setAttribute("aria-label", "The program's table");
  wide.append(table);
  return wide;
}

function shortly(value: unknown): string {
  return typeof value === "number" && !Number.isInteger(value)
    ? String(Number(value.toPrecision(5)))
    : String(value ?? "–");
}
