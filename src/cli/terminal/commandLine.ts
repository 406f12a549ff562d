/** The command line as it was typed, near enough to be typed again. */
export function commandLine(more: readonly string[] = []): string {
  const words = [...process.argv.slice(2), ...more];
  return ["cellfed", ...words.map(quoted)].join(" ");
}

/** The same, to go on with what a folder holds. */
export function resumingLine(): string {
  return commandLine(process.argv.includes("--resume") ? [] : ["--resume"]);
}

function quoted(word: string): string {
  return /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
