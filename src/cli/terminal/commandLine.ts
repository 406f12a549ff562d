/** The command line as it was typed, near enough to be typed again; without the passwords of addresses. */
export function commandLine(more: readonly string[] = []): string {
  const words = [...process.argv.slice(2), ...more];
  const secret = /(\w:\/\/)[^/@]*@/g;
  return ["cellfed", ...words.map((word) => quoted(word.replace(secret, "$1***@")))].join(" ");
}

/** The same, to go on with what a folder holds. */
export function resumingLine(): string {
  return commandLine(process.argv.includes("--resume") ? [] : ["--resume"]);
}

function quoted(word: string): string {
  return /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
