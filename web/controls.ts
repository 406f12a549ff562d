import { byId, element } from "./dom.js";
import {
  type Field,
  fromHash,
  methodFields,
  type PageSettings,
  presetValue,
  type Settings,
  sharedFields,
  toHash,
} from "./settings.js";

/** The form: what it holds, as settings. */
export interface Controls {
  settings(): PageSettings;
  /** Says beside the field what is wrong with it; undefined clears every message */
  complain(run: "first" | "second", problem: { path: string | undefined; message: string } | undefined): void;
}

/** @param changed called after every change that the form accepts */
export function createControls(changed: () => void): Controls {
  const initial = fromHash(location.hash);
  // Settings that came with the link and have no field of their own; they stay as they are
  const hidden = {
    shared: without(initial.shared, sharedFields),
    first: without(initial.first, methodFields),
    second: without(initial.second ?? new Map(), methodFields),
  };
  fill("shared", sharedFields, initial.shared);
  fill("first", methodFields, initial.first);
  fill("second", methodFields, initial.second ?? new Map([["quantizer.name", "identity"]]));
  const compare = byId<HTMLInputElement>("compare");
  compare.checked = initial.second !== undefined;
  showSecond();
  showHidden();

  byId("settings").addEventListener("input", () => {
    showSecond();
    history.replaceState(null, "", `#${toHash(settings())}`);
    changed();
  });
  byId("settings").addEventListener("submit", (event) => event.preventDefault());

  function settings(): PageSettings {
    return {
      shared: new Map([...hidden.shared, ...read("shared", sharedFields)]),
      first: new Map([...hidden.first, ...read("first", methodFields)]),
      second: compare.checked ? new Map([...hidden.second, ...read("second", methodFields)]) : undefined,
    };
  }

  function showSecond(): void {
    byId("second").hidden = !compare.checked;
    byId("first-legend").textContent = compare.checked ? "First run" : "Method";
  }

  function showHidden(): void {
    const all = [...hidden.shared, ...hidden.first, ...[...hidden.second].map(([k, v]) => [`second: ${k}`, v])];
    byId("hidden-settings").hidden = all.length === 0;
    byId("hidden-list").textContent = all.map(([path, value]) => `${path} = ${value}`).join("\n");
  }

  return {
    settings,
    complain(run, problem) {
      for (const scope of ["shared", run]) {
        for (const control of byId(scope).querySelectorAll("input, select")) {
          const wrong = problem?.path === control.getAttribute("data-path");
          control.toggleAttribute("aria-invalid", wrong);
          if (wrong) control.setAttribute("aria-invalid", "true");
        }
      }
    },
  };
}

function fill(scope: string, fields: readonly Field[], given: Settings): void {
  const place = byId(scope);
  for (const field of fields) {
    const id = `${scope}-${field.path}`;
    const value = given.get(field.path) ?? presetValue(field.path);
    place.append(
      element(
        "div",
        { class: "field" },
        element("label", { for: id }, field.label),
        field.kind === "choice" ? select(field, id, value) : input(field, id, value),
        field.help === undefined ? undefined : element("small", { id: `${id}-help` }, field.help),
      ),
    );
  }
}

function input({ path, minimum, maximum, step, help }: Field, id: string, value: string): HTMLElement {
  const made = element("input", {
    id,
    type: "number",
    "data-path": path,
    min: minimum,
    max: maximum,
    step,
    inputmode: step === "any" ? "decimal" : "numeric",
    "aria-describedby": help === undefined ? undefined : `${id}-help`,
  });
  made.value = value === "null" ? "" : value;
  return made;
}

function select({ path, options = [], help }: Field, id: string, value: string): HTMLElement {
  const known = options.some(([name]) => name === value);
  const made = element(
    "select",
    { id, "data-path": path, "aria-describedby": help === undefined ? undefined : `${id}-help` },
    ...options.map(([name, label]) => element("option", { value: name }, label)),
    // A link may ask for what the list does not offer
    known ? undefined : element("option", { value }, value),
  );
  made.value = value;
  return made;
}

function read(scope: string, fields: readonly Field[]): [path: string, value: string][] {
  return fields.map(({ path }) => {
    const control = document.getElementById(`${scope}-${path}`) as HTMLInputElement | HTMLSelectElement;
    return [path, control.value];
  });
}

function without(settings: Settings, fields: readonly Field[]): Settings {
  const shown = new Set(fields.map(({ path }) => path));
  return new Map([...settings].filter(([path]) => !shown.has(path)));
}
