import type { Command } from "commander";
import { presetNames } from "../../config/presets.js";
import { powerMethodNames } from "../../power/index.js";
import { quantizerNames } from "../../quantizers/index.js";
import { citationFormats } from "../commands/options.js";
import { print } from "../terminal/output.js";

type Shell = "bash" | "zsh" | "fish";

/** A word that a shell may offer. */
interface Word {
  word: string;
  about: string;
}

/** What may stand after the words of a command. */
interface Place {
  /** "data fetch"; "" at the start */
  path: string;
  commands: Word[];
  options: Word[];
}

/** Prints the script. It is made of the commands as they are declared. */
export function completion(shell: Shell, program: Command): void {
  print(scripts[shell](placesOf(program), valuesOf()));
}

function placesOf(command: Command, path: readonly string[] = []): Place[] {
  const help = command.createHelp();
  const place = {
    path: path.join(" "),
    commands: help.visibleCommands(command).map((one) => ({ word: one.name(), about: one.description() })),
    options: help.visibleOptions(command).map(({ long, description }) => ({ word: long!, about: description })),
  };
  return [place, ...command.commands.flatMap((child) => placesOf(child, [...path, child.name()]))];
}

/** What may stand after an option. */
function valuesOf(): Record<string, readonly string[]> {
  return {
    "--quantizer": quantizerNames,
    "--quantizers": quantizerNames,
    "--power": powerMethodNames,
    "--log-format": ["text", "json"],
    "--export": ["csv", "parquet"],
    "--scale": ["quick", "standard", "full"],
    "--format": citationFormats,
  };
}

/** Commands that begin with a preset or a file. */
const startingPresets = ["run", "compare", "rates", "data partition", "cite"];

const scripts: Record<Shell, (places: Place[], values: Record<string, readonly string[]>) => string> = {
  bash: (places, values) => `# Written by \`cellfed completion bash\`.
_cellfed() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} command="" word offered=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$command $word" in
${places
  .filter(({ path }) => path !== "")
  .map(({ path }) => `      "${parentOf(path)} ${lastOf(path)}") command="${path}" ;;`)
  .join("\n")}
    esac
  done
  case "$before" in
${Object.entries(values)
  .map(([option, names]) => `    ${option}) offered="${names.join(" ")}" ;;`)
  .join("\n")}
  esac
  if [ -z "$offered" ]; then
    case "$command" in
${places.map((place) => `      "${place.path}") offered="${wordsOf(place).join(" ")}" ;;`).join("\n")}
    esac
  fi
  COMPREPLY=($(compgen -W "$offered" -- "$current"))
}
complete -o default -F _cellfed cellfed
`,
  zsh: (places, values) => `#compdef cellfed
# Written by \`cellfed completion zsh\`.
_cellfed() {
  local command="" word
  local -a offered
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$command $word" in
${places
  .filter(({ path }) => path !== "")
  .map(({ path }) => `      "${parentOf(path)} ${lastOf(path)}") command="${path}" ;;`)
  .join("\n")}
    esac
  done
  case "\${words[CURRENT-1]}" in
${Object.entries(values)
  .map(([option, names]) => `    ${option}) offered=(${names.join(" ")}) ;;`)
  .join("\n")}
  esac
  if (( ! \${#offered} )); then
    case "$command" in
${places.map((place) => `      "${place.path}") offered=(${wordsOf(place).join(" ")}) ;;`).join("\n")}
    esac
  fi
  compadd -- $offered
  _files
}
_cellfed "$@"
`,
  fish: (places, values) => `# Written by \`cellfed completion fish\`.
${places.flatMap((place) => fishLines(place, values)).join("\n")}
`,
};

function fishLines({ path, commands, options }: Place, values: Record<string, readonly string[]>): string[] {
  const names = path === "" ? [] : path.split(" ");
  const within = names.map((name) => `__fish_seen_subcommand_from ${name}`).join("; and ");
  const condition = path === "" ? "__fish_use_subcommand" : within;
  const line = (rest: string, about: string) =>
    `complete -c cellfed -n '${condition}' ${rest} -d '${about.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  return [
    ...commands.map(({ word, about }) => line(`-a ${word}`, about)),
    ...options.map(({ word, about }) => {
      const names = values[word];
      return line(`-l ${word.slice(2)}${names === undefined ? "" : ` -x -a '${names.join(" ")}'`}`, about);
    }),
    ...(startingPresets.includes(path) ? presetNames.map((name) => line(`-a ${name}`, "preset")) : []),
  ];
}

function wordsOf({ path, commands, options }: Place): string[] {
  return [
    ...commands.map(({ word }) => word),
    ...(startingPresets.includes(path) ? presetNames : []),
    ...options.map(({ word }) => word),
  ];
}

function parentOf(path: string): string {
  return path.split(" ").slice(0, -1).join(" ");
}

function lastOf(path: string): string {
  return path.split(" ").at(-1)!;
}
