import { element } from "./dom.js";
import { say, set } from "./svg.js";

/**
 * The way to a figure's points by keyboard, touch and ear: a slider along its axis, and the words of the point it stands at.
 */
export interface Reader {
  root: HTMLElement;
  /** @param words of a point, by its index */
  update(count: number, words: (index: number) => string): void;
  /** Stands at a point, as when the mouse points at it */
  go(index: number): void;
  readonly index: number;
}

export function createReader(label: string, onMove: (index: number) => void): Reader {
  const input = element("input", { type: "range", min: 0, max: 0, step: 1, value: 0, "aria-label": label });
  const output = element("p", { class: "reader-words", "aria-hidden": "true" });
  const root = element("div", { class: "reader" }, input, output);
  let wordsOf: (index: number) => string = () => "";
  const speak = () => {
    const text = wordsOf(Number(input.value));
    set(input, { "aria-valuetext": text });
    say(output, text);
  };
  input.addEventListener("input", () => {
    speak();
    onMove(Number(input.value));
  });
  return {
    root,
    update(count, words) {
      wordsOf = words;
      const most = String(Math.max(0, count - 1));
      if (input.max !== most) input.max = most;
      root.hidden = count === 0;
      if (count > 0) speak();
    },
    go(index) {
      input.value = String(index);
      speak();
    },
    get index() {
      return Number(input.value);
    },
  };
}
