import { asset } from "./asset.js";

/** What stands under a heading: `assets/search.json` is a list of these. */
interface Part {
  page: string;
  at: string;
  title: string;
  text: string;
}

const mostShown = 12;

/** Finds as one types: parts that hold all words, those in titles first. The index is fetched with the first letter. */
export function startSearch(input: HTMLInputElement, list: HTMLElement): void {
  let parts: Promise<Part[]> | undefined;
  const update = async () => {
    parts ??= fetch(asset("search.json")).then((answer) => answer.json());
    const all = await parts;
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = words.length === 0 ? [] : ranked(all, words).slice(0, mostShown);
    list.replaceChildren(...found.map((part) => entry(part, words)));
    if (words.length > 0 && found.length === 0)
      list.append(Object.assign(document.createElement("li"), { textContent: "Nothing found." }));
    list.hidden = words.length === 0;
  };
  input.addEventListener("input", () => void update());
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") list.querySelector("a")?.focus();
    if (event.key === "Enter") list.querySelector("a")?.click();
    if (event.key === "Escape") {
      input.value = "";
      void update();
    }
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    const links = [...list.querySelectorAll("a")];
    const next = links[links.indexOf(document.activeElement as HTMLAnchorElement) + step];
    (next ?? input).focus();
    event.preventDefault();
  });
}

function ranked(parts: readonly Part[], words: readonly string[]): Part[] {
  return parts
    .map((part) => ({ part, score: score(part, words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ part }) => part);
}

/** 0 where a word is missing. */
function score({ page, title, text }: Part, words: readonly string[]): number {
  const [where, body] = [`${page} ${title}`.toLowerCase(), text.toLowerCase()];
  let sum = 0;
  for (const word of words) {
    const often = Math.min(5, body.split(word).length - 1);
    const here = (where.includes(word) ? 10 : 0) + (title.toLowerCase().startsWith(word) ? 5 : 0) + often;
    if (here === 0) return 0;
    sum += here;
  }
  return sum;
}

function entry({ page, at, title, text }: Part, words: readonly string[]): HTMLLIElement {
  const link = document.createElement("a");
  link.href = at;
  const first = Math.max(0, text.toLowerCase().indexOf(words[0]!) - 40);
  const strong = document.createElement("strong");
  strong.textContent = title === "" || title === page ? page : `${page}: ${title}`;
  const rest = document.createElement("span");
  rest.textContent = `${first > 0 ? "…" : ""}${text.slice(first, first + 140)}`;
  link.append(strong, rest);
  const item = document.createElement("li");
  item.append(link);
  return item;
}
