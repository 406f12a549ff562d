import type { Config } from "../../config/config.js";
import { configFingerprint, withoutDefaults } from "../../federated/fingerprint.js";
import { withoutEffect } from "../../parts/effect.js";
import { numerics, version } from "../../version.js";
import { bibtex } from "./bibtex.js";
import { learningStatements } from "./learning.js";
import { citedKeys, citing, latex, type Markup, markdown, plainText } from "./markup.js";
import { radioStatements } from "./radio.js";
import type { Statement } from "./statement.js";

/** A config in the words of a paper's section on methods, and what it cites. */
export interface Citation {
  /** Without markup: symbols in Unicode, [key] where something is cited */
  text: string;
  /** For Pandoc */
  markdown: string;
  latex: string;
  bibtex: string;
  /** Of the entries, in the order in which they are cited */
  keys: readonly string[];
}

/** In the order in which they are told. */
export const statements: readonly Statement[] = [...radioStatements, ...learningStatements];

/** Said by who computed it, or no matter of the method. */
const toldElsewhere = ["seed", "kernels", "evaluation.answers", "data.directory"];

/**
 * What a run of this config simulates, with every field that has an effect: those that no sentence tells are listed at
 * the end, where they are not at their defaults.
 *
 * @param seeds of the runs; default: the config's own
 * @param engine what computed it, such as { node: "v24.1.0", platform: "linux x64" }
 */
export function citeConfig(
  config: Config,
  { seeds = [config.seed], engine = {} }: { seeds?: readonly number[]; engine?: Readonly<Record<string, string>> } = {},
): Citation {
  const said = [
    `We simulated energy-efficient federated learning over a cell-free massive MIMO network${citing("mahmoudi2025accelerating")} with cellfed ${version}${citing("cellfed")}.`,
    ...statements.map(({ say }) => say(config)),
    rest(config),
    software(config, seeds, engine),
  ];
  const markup: Markup = said.filter((sentence) => sentence !== "").join(" ");
  const keys = citedKeys(markup);
  return {
    text: plainText(markup),
    markdown: markdown(markup),
    latex: latex(markup),
    bibtex: bibtex(keys),
    keys,
  };
}

/** Fields that are not at their defaults and that no statement is responsible for. */
function rest(config: Config): Markup {
  const told = [...toldElsewhere, ...statements.flatMap(({ tells }) => tells)];
  const left = leaves(withoutDefaults(config)).filter(
    ([path]) => !told.some((one) => path === one || path.startsWith(`${one}.`)),
  );
  const idle = withoutEffect(
    config,
    left.map(([path]) => path),
  ).map(({ path }) => path);
  const shown = left.filter(([path]) => !idle.includes(path));
  if (shown.length === 0) return "";
  return `Other settings of the config: ${shown.map(([path, value]) => `${path} = ${JSON.stringify(value)}`).join(", ")}.`;
}

function leaves(tree: object, path = ""): [path: string, value: unknown][] {
  return Object.entries(tree).flatMap(([key, value]): [string, unknown][] => {
    const at = path === "" ? key : `${path}.${key}`;
    const inside = typeof value === "object" && value !== null && !Array.isArray(value);
    return inside ? leaves(value, at) : [[at, value]];
  });
}

function software(config: Config, seeds: readonly number[], engine: Readonly<Record<string, string>>): Markup {
  const drawn =
    seeds.length === 1
      ? `All random numbers followed from the seed ${seeds[0]}`
      : `Results are over the seeds ${seeds.join(", ")}, from each of which all random numbers followed`;
  const kernels =
    config.kernels === "relaxed"
      ? "relaxed WebAssembly kernels, whose last bits are those of one kind of machine"
      : "the exact WebAssembly kernels, whose results are the same bits in every engine";
  const on = Object.values(engine).join(", ");
  return `${drawn}; the config's fingerprint is ${configFingerprint(config)}, computed by ${kernels} (numerics ${numerics}${on === "" ? "" : `; ${on}`}).`;
}
