import { fstatSync, writeSync } from "node:fs";
import { diskReason } from "../../disk/files.js";

/** The two streams of a command: results go to stdout, everything that is said beside them to stderr. */
const streams = { stdout: process.stdout, stderr: process.stderr } as const;
type StreamName = keyof typeof streams;

/** Why a stream takes nothing any more, of those that broke. */
const lost = new Map<StreamName, NodeJS.ErrnoException>();

/** Called once, by the command's main file: a stream that breaks is from then on done without. */
export function outliveStreams(): void {
  for (const name of ["stdout", "stderr"] as const) {
    streams[name].on("error", (error: NodeJS.ErrnoException) => lose(name, error));
  }
}

/** Results, on stdout. */
export function print(text: string): void {
  write("stdout", text);
}

/** Prints the one JSON value of `--json` on stdout. Numbers that JSON has no form for become null. */
export function printJson(value: unknown): void {
  print(`${JSON.stringify(value, plain, 2)}\n`);
}

/** How a command speaks on stderr. */
const manner = { quiet: false, json: false };

/** `--quiet` leaves errors alone on stderr, `--log-format json` makes each line of it one object. */
export function speak(how: Partial<typeof manner>): void {
  Object.assign(manner, how);
}

/** Whether a bar may be drawn: lines that a program reads have none. */
export function speaksPlainly(): boolean {
  return !manner.quiet && !manner.json;
}

/** Whether a program reads the lines. */
export function speaksJson(): boolean {
  return manner.json;
}

/**
 * One line on stderr: stdout belongs to results. It begins with its level where that is "error" or "warning".
 * @param fields what a program that reads the lines may want beside the words
 */
export function say(line: string, fields: Readonly<Record<string, unknown>> = {}): void {
  const [, level = "info"] = /^(error|warning|interrupted)\b/.exec(line) ?? [];
  if (manner.quiet && level !== "error" && level !== "interrupted") return;
  write("stderr", manner.json ? `${JSON.stringify(logged(level, line, fields))}\n` : `${line}\n`);
}

function logged(level: string, message: string, fields: object): object {
  return { time: new Date().toISOString(), level: level === "interrupted" ? "warning" : level, message, ...fields };
}

/** Text for stderr as it is; of a program that reads lines, one. */
export function sayRaw(text: string): void {
  if (manner.json) say(text.trim());
  else write("stderr", text);
}

/**
 * Waits until what was written has been taken.
 * @returns why results could not be printed; undefined where they were, and where their reader has gone away, who did
 *   not want the rest of them
 */
export async function outputTaken(): Promise<string | undefined> {
  await Promise.all([taken("stdout"), taken("stderr")]);
  const error = lost.get("stdout");
  if (error === undefined || error.code === "EPIPE") return undefined;
  return `stdout cannot be written: ${diskReason(error)}${error.code === undefined ? "" : ` (${error.code})`}`;
}

function taken(name: StreamName): Promise<void> {
  return new Promise((resolve) => {
    if (lost.has(name)) resolve();
    else streams[name].write("", () => resolve());
  });
}

function write(name: StreamName, text: string): void {
  if (lost.has(name)) return;
  try {
    if (isFile(name)) writeAll(streams[name].fd, Buffer.from(text));
    else streams[name].write(text);
  } catch (error) {
    lose(name, error as NodeJS.ErrnoException);
  }
}

function lose(name: StreamName, error: NodeJS.ErrnoException): void {
  if (!lost.has(name)) lost.set(name, error);
}

const files = new Map<StreamName, boolean>();

/** A file or a device, to which Node itself would write once and not ask how much of it was taken. */
function isFile(name: StreamName): boolean {
  let known = files.get(name);
  if (known === undefined) {
    const stat = fstatSync(streams[name].fd);
    known = stat.isFile() || (stat.isCharacterDevice() && !streams[name].isTTY);
    files.set(name, known);
  }
  return known;
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}

function plain(_key: string, value: unknown): unknown {
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return [...(value as Float64Array)];
  return value;
}
