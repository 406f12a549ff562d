import type { Command } from "commander";
import { collect } from "../terminal/options.js";

/** What the options below come to, as commander hands them over; `out` is false after `--no-out`. */
export interface SharedOptions {
  set?: string[];
  plugin?: string[];
  dataDir?: string;
  devices?: string;
  rounds?: string;
  seed?: string;
  out: string | false | undefined;
  resume?: true;
  writer?: string;
  workers?: string;
  json?: true;
}

/** Options that several commands have: their one declaration. "[]" may be given several times. */
const declarations = {
  set: ["--set <path=value>", "set one field of the config, such as network.clients=40; may be repeated", []],
  plugin: ["--plugin <file>", "a module with parts of one's own, which may then be named; may be repeated", []],
  dataDir: ["--data-dir <dir>", "folder with the files of the data set"],
  devices: ["--devices <file>", "CSV or JSON with a row a client: frequency, cyclesPerSample, capacitance, battery"],
  rounds: ["--rounds <n>", "rounds at most"],
  seed: ["--seed <n>", "seed of every random number"],
  out: ["--out <dir>", "results folder, new or empty"],
  noOut: ["--no-out", "keep nothing"],
  resume: ["--resume", "go on with what the results folder holds: it is not computed again"],
  writer: [
    "--writer <name>",
    "name of this process's journal, where several write into one folder (default: a unique one)",
  ],
  workers: ["--workers <n>", "worker threads (default: one a core); the results do not depend on it"],
  json: ["--json", "print the result as JSON on stdout, and nothing else"],
} as const satisfies Record<string, readonly [flags: string, about: string, repeated?: readonly []]>;

type Shared = keyof typeof declarations;

/** How `cite` writes a config down. */
export const citationFormats = ["text", "markdown", "latex", "bibtex", "json"] as const;

/** Ends a command's help with lines that can be typed, each with what it does. A test runs them. */
export function withExamples(command: Command, examples: readonly (readonly [line: string, about: string])[]): Command {
  const lines = examples.map(([line, about]) => `  # ${about}\n  ${line}`);
  return command.addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
}

/**
 * Gives a command some of the shared options, in this order.
 * @param texts what one means there, where that is not the usual
 */
export function withShared(
  command: Command,
  names: readonly Shared[],
  texts: Partial<Record<Shared, string>> = {},
): Command {
  for (const name of names) {
    const [flags, usual, repeated] = declarations[name] as readonly [string, string, (readonly [])?];
    const about = texts[name] ?? usual;
    if (repeated === undefined) command.option(flags, about);
    else command.option(flags, about, collect);
  }
  return command;
}
