import { element, setText } from "./dom.js";
import { type Term, type TermName, terms, withTerms } from "./terms.js";

/** Underlined words: a press, a tap or Enter says what one means; without this script they lead to the documentation. */

/** A word as a link, with what it means behind it. */
export function term(name: TermName, text: string): HTMLAnchorElement {
  const { page, sentence } = terms[name] as Term;
  return element(
    "a",
    { class: "term", href: hrefOf(page), "data-word": name, title: sentence, "aria-haspopup": "dialog" },
    text,
  );
}

/** A text with its words underlined; left alone where it already says so. */
export function setTermed(place: HTMLElement, text: string): void {
  if (place.textContent === text) return;
  place.replaceChildren(
    ...withTerms(text).map((one) => (one.term === undefined ? one.text : term(one.term, one.text))),
  );
}

function hrefOf(page: string): string {
  return `./docs/${page.replace(/\.md\b/, ".html")}`;
}

/** Listens for presses of any word on the page, also of those that are made later. */
export function setUpWords(): void {
  const heading = element("strong", { id: "word-name" });
  const sentence = element("p");
  const formula = element("p", { class: "formula" });
  const more = element("a", { target: "_blank", rel: "noopener" }, "More in the documentation");
  const close = element("button", { type: "button", class: "quiet" }, "Close");
  const box = element(
    "div",
    { id: "word", popover: "auto", role: "dialog", "aria-labelledby": "word-name" },
    ...[heading, sentence, formula, element("p", { class: "buttons" }, more, close)],
  );
  document.body.append(box);
  let opener: HTMLElement | undefined;
  close.addEventListener("click", () => box.hidePopover());
  box.addEventListener("toggle", (event) => {
    if ((event as ToggleEvent).newState === "closed") opener?.focus({ preventScroll: true });
  });
  document.addEventListener("click", (event) => {
    const pressed = (event.target as Element).closest<HTMLElement>("a.term");
    // With a key that opens another tab the link is a link
    if (pressed === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    opener = pressed;
    const said = terms[pressed.dataset.word as TermName] as Term;
    setText(heading, said.name);
    setText(sentence, said.sentence);
    formula.hidden = said.formula === undefined;
    formula.replaceChildren(...formulaNodes(said.formula ?? ""));
    more.href = hrefOf(said.page);
    box.showPopover();
    place(box, pressed);
    more.focus({ preventScroll: true });
  });
}

/** Below the word where there is room, above it otherwise. */
function place(box: HTMLElement, word: HTMLElement): void {
  const { left, top, bottom } = word.getBoundingClientRect();
  const { offsetWidth, offsetHeight } = box;
  const below = bottom + 6 + offsetHeight <= innerHeight;
  box.style.left = `${Math.max(8, Math.min(left, innerWidth - offsetWidth - 8))}px`;
  box.style.top = `${Math.max(8, below ? bottom + 6 : top - offsetHeight - 6)}px`;
}

/** "S_k" with its index below the line. */
export function formulaNodes(formula: string): Node[] {
  return formula.split(/([_^](?:\{[^}]*\}|.))/u).flatMap((piece): Node[] => {
    const mark = /^([_^])\{?([^}]*)\}?$/u.exec(piece);
    if (mark === null) return piece === "" ? [] : [document.createTextNode(piece)];
    return [element(mark[1] === "_" ? "sub" : "sup", {}, mark[2]!)];
  });
}
