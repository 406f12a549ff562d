import type { Config } from "../src/index.js";
import { byId, element, setAttributes, setText } from "./dom.js";
import type { Field, Fields, Problem } from "./protocol.js";
import { isOfMethod, mostLanes, type PageSettings, type Settings, textAt, withSetting } from "./settings.js";
import { termOfField } from "./terms.js";
import { term } from "./words.js";

/** The form: four plain controls, and every other setting of the config under a search. It shows what the settings resolve to. */
export interface Controls {
  /** @param configs of each run, undefined where its settings are refused */
  show(settings: PageSettings, configs: readonly (Config | undefined)[], problems: readonly LaneProblem[]): void;
  /** The control of a setting, for the status line to lead to */
  find(path: string): HTMLElement | undefined;
}

export interface LaneProblem extends Problem {
  /** Undefined where it is the link's */
  lane: number | undefined;
}

/** What each run is asked for, and what all share. */
const ofLane = ["quantizer.name", "power.method"];
const ofAll = ["network.clients", "budgets.energy"];
/** Messages at one place */
const mostTold = 8;

interface Control {
  path: string;
  /** Undefined: shared by all runs */
  lane: number | undefined;
  input: HTMLInputElement | HTMLSelectElement;
  unlimited: HTMLInputElement | undefined;
  error: HTMLElement;
}

/** @param changed called with the settings that somebody wants, and the path that was touched */
export function createControls(
  { fields, preset }: Fields,
  changed: (settings: PageSettings, path: string) => void,
): Controls {
  const byPath = new Map(fields.map((field) => [field.path, field]));
  const lanesPlace = byId("lane-settings");
  const rows: Control[][] = [];
  let settings: PageSettings = { shared: new Map(), lanes: [new Map()] };
  let configs: readonly (Config | undefined)[] = [];
  let problems: readonly LaneProblem[] = [];
  let everything: Control[] | undefined;

  function change(path: string, lane: number | undefined, value: string): void {
    const next = value === preset[path] ? undefined : value;
    const lanes = settings.lanes.map((own, i) => (i === lane ? withSetting(own, path, next) : own));
    const shared = lane === undefined ? withSetting(settings.shared, path, next) : settings.shared;
    changed({ shared, lanes }, path);
  }

  function control(field: Field, lane: number | undefined, place: HTMLElement): Control {
    const { path, label, options, limit, allowed } = field;
    const word = termOfField[path];
    const id = `${lane === undefined ? "all" : `lane${lane}`}-${path}-${place.id}`;
    const error = element("small", { id: `${id}-error`, class: "error", hidden: true });
    const attributes = { id, "data-path": path, "data-lane": lane, "aria-describedby": `${id}-error` };
    const input =
      options === undefined
        ? element("input", { ...attributes, type: "text", autocomplete: "off", spellcheck: "false", title: allowed })
        : element("select", attributes, ...options.map(([value, text]) => element("option", { value }, text)));
    const unlimited = limit ? element("input", { type: "checkbox", id: `${id}-none` }) : undefined;
    const made: Control = { path, lane, input, unlimited, error };
    input.addEventListener("input", () => change(path, lane, input.value.trim()));
    unlimited?.addEventListener("change", () =>
      change(path, lane, unlimited.checked ? "null" : preset[path] === "null" ? "" : preset[path]!),
    );
    place.append(
      element(
        "div",
        { class: "field" },
        element("label", { for: id }, word === undefined ? label : term(word, label)),
        input,
        unlimited === undefined
          ? undefined
          : element("label", { class: "check", for: unlimited.id }, unlimited, " no limit"),
        error,
      ),
    );
    return made;
  }

  function addRow(): void {
    const lane = rows.length;
    const place = element("fieldset", { class: "lane-row", "data-lane": lane, id: `lane-row-${lane}` });
    const remove = element(
      "button",
      { type: "button", class: "quiet remove", "aria-label": `Remove run ${lane + 1}` },
      "×",
    );
    remove.addEventListener("click", () =>
      changed({ ...settings, lanes: settings.lanes.filter((_, i) => i !== lane) }, "compare"),
    );
    place.append(
      element(
        "legend",
        {},
        element("span", { class: `swatch lane-${lane}`, "aria-hidden": "true" }),
        `Run ${lane + 1}`,
      ),
      ...(lane === 0 ? [] : [remove]),
    );
    lanesPlace.append(place);
    rows.push(ofLane.map((path) => control(byPath.get(path)!, lane, place)));
  }

  byId("add-lane").addEventListener("click", () => {
    // Something else to compare with, or the two would be the same run
    const others: Settings[] = [
      new Map([["quantizer.name", "identity"]]),
      new Map([["power.method", "max-min"]]),
      new Map([["power.method", "full"]]),
    ];
    changed({ ...settings, lanes: [...settings.lanes, others[settings.lanes.length - 1] ?? new Map()] }, "compare");
  });

  const shared = ofAll.map((path) => control(byPath.get(path)!, undefined, byId("shared-settings")));

  /** Made when it is first opened: hundreds of fields. Settings of the method are those of the first run. */
  function makeEverything(): void {
    if (everything !== undefined) return;
    const place = byId("every-setting");
    everything = fields.map((field) => {
      const row = element("div", { class: "setting-row", id: `row-${field.path}` });
      const made = control({ ...field, label: field.path }, isOfMethod(field.path) ? 0 : undefined, row);
      row.append(element("small", {}, `${field.meaning} (${field.allowed})`));
      place.append(row);
      return made;
    });
    showValues();
  }
  byId("more-settings").addEventListener("toggle", makeEverything);
  const search = byId<HTMLInputElement>("search-settings");
  search.addEventListener("input", findSettings);

  /** What holds the words, and what the chosen parts have at all: another quantizer's settings would be refused. */
  function findSettings(): void {
    if (everything === undefined) return;
    const words = search.value.toLowerCase().split(/\s+/);
    const [config] = configs;
    for (const { path, meaning } of fields) {
      const text = `${path} ${meaning}`.toLowerCase();
      const absent = config !== undefined && isOfMethod(path) && textAt(config, path) === "";
      byId(`row-${path}`).hidden = absent || !words.every((word) => text.includes(word));
    }
  }
  byId("settings").addEventListener("submit", (event) => event.preventDefault());

  const controls = () => [...shared, ...rows.flat(), ...(everything ?? [])];

  function showValues(): void {
    for (const one of controls()) {
      const lane = one.lane ?? 0;
      const own = one.lane === undefined ? settings.shared : (settings.lanes[lane] ?? new Map<string, string>());
      const config = configs[lane];
      const value = own.get(one.path) ?? (config === undefined ? (preset[one.path] ?? "") : textAt(config, one.path));
      showValue(one, value);
    }
    findSettings();
    showProblems();
  }

  function showProblems(): void {
    const told = new Set<LaneProblem>();
    for (const one of controls()) {
      const own = problems.filter(({ path, lane }) => path === one.path && (one.lane ?? lane ?? 0) === (lane ?? 0));
      for (const problem of own) told.add(problem);
      const text = together(own, " ");
      setText(one.error, text);
      one.error.hidden = text === "";
      setAttributes(one.input, { "aria-invalid": text === "" ? undefined : "true" });
    }
    const rest = problems.filter((problem) => !told.has(problem));
    const place = byId("other-problems");
    setText(place, together(rest, "\n"));
    place.hidden = rest.length === 0;
  }

  return {
    show(next, resolved, wrong) {
      [settings, configs, problems] = [next, resolved, wrong];
      while (rows.length < settings.lanes.length) addRow();
      for (const [i, row] of [...lanesPlace.children].entries())
        (row as HTMLElement).hidden = i >= settings.lanes.length;
      byId("add-lane").hidden = settings.lanes.length >= mostLanes;
      showValues();
      const hidden = [...settings.shared, ...settings.lanes.flatMap((own) => [...own])].filter(
        ([path]) => !ofLane.includes(path) && !ofAll.includes(path),
      );
      setText(byId("changed-settings"), hidden.map(([path, value]) => `${path} = ${shortened(value)}`).join("\n"));
      byId("changed-settings").hidden = hidden.length === 0;
    },
    find: (path) => controls().find((one) => one.path === path && one.input.offsetParent !== null)?.input,
  };
}

/** What is wrong, each once; of a link that is wrong all over, as much as one reads. */
function together(problems: readonly LaneProblem[], between: string): string {
  const messages = [...new Set(problems.map(({ message }) => message))];
  const more = messages.length - mostTold;
  return [...messages.slice(0, mostTold), ...(more > 0 ? [`… and ${more} more.`] : [])].join(between);
}

/** Positions of many, and whatever else nobody reads to its end. */
const shortened = (value: string) =>
  value.length > 120 ? `${value.slice(0, 110)}… (${value.length} characters)` : value;

/** What somebody is writing is left alone. */
function showValue({ input, unlimited }: Control, value: string): void {
  if (unlimited !== undefined) {
    unlimited.checked = value === "null";
    input.toggleAttribute("disabled", value === "null");
  }
  const shown = value === "null" && unlimited !== undefined ? "" : value;
  if (input.value === shown || (input === document.activeElement && input instanceof HTMLInputElement)) return;
  // A link may ask for what the list does not offer
  if (input instanceof HTMLSelectElement && ![...input.options].some((option) => option.value === shown)) {
    input.append(element("option", { value: shown }, shown));
  }
  input.value = shown;
}
