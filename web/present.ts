import { byId, element, setAttributes, setText } from "./dom.js";

/** `?present`: one figure at a time, large, for a projector. `?embed=FIGURE`: one figure alone, for other pages. */

const figures = ["accuracy-panel", "drop", "update", "round", "results"] as const;
type FigureName = (typeof figures)[number];

const titles: Record<FigureName, string> = {
  "accuracy-panel": "Test accuracy",
  drop: "Network",
  update: "Update",
  round: "Round",
  results: "Runs",
};

/** The address of this page with another query, its settings kept. */
export function addressWith(query: string): string {
  const address = new URL(location.href);
  address.search = query;
  return address.href;
}

export function setUpPresenting(): void {
  const asked = new URLSearchParams(location.search);
  const embedded = figures.find((name) => name === asked.get("embed") || name === `${asked.get("embed")}-panel`);
  const root = document.documentElement;
  let at = Math.max(0, figures.indexOf((embedded ?? asked.get("present")) as FigureName));
  const place = element("span", { id: "present-place" });
  const turn = (label: string, by: number) => {
    const made = element("button", { type: "button", "aria-label": label }, by < 0 ? "←" : "→");
    made.addEventListener("click", () => go(at + by));
    return made;
  };
  const leave = element("button", { type: "button" }, "Leave");
  leave.addEventListener("click", () => show(undefined));
  const bar = element(
    "div",
    { id: "present-bar", class: "buttons", role: "group", "aria-label": "Figure", hidden: true },
    ...[turn("Previous figure", -1), place, turn("Next figure", 1), leave],
  );
  byId("status").after(bar);

  function go(to: number): void {
    at = (to + figures.length) % figures.length;
    const name = figures[at]!;
    for (const one of figures) byId(one).classList.toggle("presented", one === name);
    setText(place, `${titles[name]}, ${at + 1} of ${figures.length}`);
  }

  function show(mode: "present" | "embed" | undefined): void {
    setAttributes(root, { "data-mode": mode });
    bar.hidden = mode !== "present";
    const query = mode === undefined ? "" : mode === "embed" ? location.search : "?present";
    if (location.search !== query) history.replaceState(null, "", addressWith(query));
    go(at);
  }

  byId("present").addEventListener("click", () => {
    byId("share").hidePopover();
    show("present");
  });
  addEventListener("keydown", (event) => {
    if (root.dataset.mode !== "present" || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey)
      return;
    // Figures and controls have arrows of their own
    if ((event.target as Element).closest("svg, input, select, textarea, [popover]") !== null) return;
    if (event.key === "ArrowRight" || event.key === "PageDown") go(at + 1);
    else if (event.key === "ArrowLeft" || event.key === "PageUp") go(at - 1);
    else if (event.key === "Escape") show(undefined);
    else return;
    event.preventDefault();
  });
  if (embedded !== undefined) {
    const whole = element("a", { href: addressWith(""), target: "_blank", rel: "noopener", id: "whole" }, "Whole page");
    whole.addEventListener("pointerdown", () => whole.setAttribute("href", addressWith("")));
    byId("status").after(whole);
    show("embed");
  } else if (asked.has("present")) show("present");
}
