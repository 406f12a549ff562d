import { latexLetters } from "./bibtex.js";
import type { SourceKey } from "./sources.js";

/**
 * How a paragraph is written: Pandoc's Markdown, `$…$` around symbols and `[@key; @other]` for citations, where the
 * symbols are Unicode ("$τ_c = 200$"). The same text is shown plainly, or made LaTeX.
 */
export type Markup = string;

/** Cited at the end of what is said: " [@key]", or nothing. */
export function citing(...keys: readonly (SourceKey | "cellfed")[]): Markup {
  return keys.length === 0 ? "" : ` [${keys.map((key) => `@${key}`).join("; ")}]`;
}

/** The keys that a text cites, each once, in their order. */
export function citedKeys(text: Markup): (SourceKey | "cellfed")[] {
  return [...new Set([...text.matchAll(/(?<=[[\s])@([a-z0-9]+)/g)].map(([, key]) => key as SourceKey))];
}

/** For a terminal or a letter. */
export function plainText(text: Markup): string {
  return text
    .replaceAll(/\$([^$]*)\$/g, (_, symbols: string) => symbols.replaceAll(/[{}]/g, ""))
    .replaceAll(/\[@[^\]]*\]/g, (keys) => keys.replaceAll("@", ""));
}

/** For Pandoc: its mathematics are LaTeX's, its letters any. */
export function markdown(text: Markup): string {
  return parts(
    text,
    (words) => words,
    (symbols) => `$${mathematics(symbols)}$`,
  );
}

export function latex(text: Markup): string {
  return parts(
    text,
    (words) =>
      latexLetters(escaped(words))
        .replaceAll(
          / ?\[(@[^\]]*)\]/g,
          (_, keys: string) => `~\\cite{${keys.replaceAll(/@|\s/g, "").replaceAll(";", ",")}}`,
        )
        .replaceAll("–", "--")
        .replaceAll(/[−±×°μ]/g, (symbol) => `$${mathematics(symbol)}$`),
    (symbols) => `$${mathematics(symbols)}$`,
  );
}

function parts(text: Markup, words: (text: string) => string, symbols: (text: string) => string): string {
  return text
    .split("$")
    .map((part, i) => (i % 2 === 0 ? words(part) : symbols(part)))
    .join("");
}

function escaped(text: string): string {
  return text
    .replaceAll("\\", "\\textbackslash{}")
    .replaceAll(/[#%&_{}]/g, "\\$&")
    .replaceAll("~", "\\textasciitilde{}");
}

const commands: Readonly<Record<string, string>> = {
  ...{ α: "\\alpha", β: "\\beta", γ: "\\gamma", ε: "\\varepsilon", η: "\\eta", λ: "\\lambda", μ: "\\mu", ξ: "\\xi" },
  ...{
    π: "\\pi",
    ρ: "\\rho",
    σ: "\\sigma",
    τ: "\\tau",
    Δ: "\\Delta",
    Σ: "\\sum",
    ℓ: "\\ell",
    "‖": "\\|",
    "∞": "\\infty",
  },
  ...{ "≤": "\\le", "≥": "\\ge", "·": "\\cdot", "×": "\\times", "→": "\\to", "←": "\\gets", "∈": "\\in", "−": "-" },
  ...{ "⌊": "\\lfloor", "⌋": "\\rfloor", "±": "\\pm", "½": "\\tfrac{1}{2}", "²": "^2", "√": "\\sqrt", "°": "^\\circ" },
};

function mathematics(symbols: string): string {
  return symbols
    .replaceAll(/\b(log|max|min)(?![a-z])/g, "\\$1")
    .replaceAll(/\b(round|digits)(?![a-z])/g, "\\operatorname{$1}")
    .replaceAll(/([^\x20-\x7e])(.?)/gu, (_, symbol: string, next: string) => {
      const command = commands[symbol] ?? symbol;
      // A command's name ends where no letter follows
      return `${command}${/[a-z]$/i.test(command) && /\p{L}/u.test(next) ? " " : ""}${mathematics(next)}`;
    });
}

/** A number as it is, to the last digit: what is cited must be what was run. */
export function exact(value: number): string {
  const text = String(value);
  const [, digits, power] = /^(.*)e\+?(-?\d+)$/.exec(text) ?? [];
  if (digits === undefined) return text.replace(/^-/, "−");
  const ten = `10^{${power!.replace("-", "−")}}`;
  return digits === "1" ? `$${ten}$` : `$${digits.replace("-", "−")} × ${ten}$`;
}

const prefixes = [
  [9, "G"],
  [6, "M"],
  [3, "k"],
  [0, ""],
  [-3, "m"],
  [-6, "μ"],
] as const;

/** With the largest prefix that leaves one digit before the point: "20 MHz". */
export function quantity(value: number, unit: string): string {
  const [power, prefix] = prefixes.find(([each]) => Math.abs(value) >= Number(`1e${each}`)) ?? [0, ""];
  const scaled = Number((value / Number(`1e${power}`)).toPrecision(15));
  // A quotient may round: then the value as it is
  return Number(`${scaled}e${power}`) === value ? `${exact(scaled)} ${prefix}${unit}` : `${exact(value)} ${unit}`;
}
