import { rmSync } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { InputError, RunError } from "../../config/errors.js";
import { diskReason, syncFolder } from "../../disk/files.js";
import { numerics, version } from "../../version.js";
import { encodeLine, formatVersion } from "./line.js";
import type { Json } from "./record.js";

/** Where the lines of a batch came to stand. */
export interface Written {
  /** Byte of the first one, and its number */
  offset: number;
  line: number;
}

/** A journal that is written to. */
export interface JournalWriter {
  readonly path: string;
  /**
   * Appends whole lines; they are on the disk when it resolves. What comes in while others are written goes out
   * together, with one wait for the disk.
   * @throws RunError naming the file; what was appended before stays readable
   */
  append(lines: readonly Buffer[]): Promise<Written>;
  close(): Promise<void>;
}

/** The first line of a journal: whose it is, and what the whole file is. */
export interface JournalHeader {
  format: string;
  version: number;
  cellfed: string;
  numerics: number;
  writer: string;
  host: string;
  process: number;
  engine: string;
  /** UTC */
  start: string;
  /** The study's, so that a damaged plan.json can be told and mended */
  plan: Json;
}

export const formatName = "cellfed journal";

/**
 * Begins a journal of its own: no other writer can have it.
 * @throws InputError where a writer of that name has begun one
 */
export async function beginJournal(path: string, writer: string, plan: Json): Promise<JournalWriter> {
  let file: FileHandle;
  try {
    file = await open(path, "ax");
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "EEXIST" ? nameTaken(path, writer) : failure(path, error);
  }
  const header: JournalHeader = {
    format: formatName,
    version: formatVersion,
    cellfed: version,
    numerics,
    writer,
    host: hostname(),
    process: process.pid,
    engine: `node ${process.versions.node}`,
    start: new Date().toISOString(),
    plan,
  };
  const journal = appender(path, file);
  try {
    await journal.append([encodeLine(`"kind":"journal","key":"${writer}","journal":${JSON.stringify(header)}`)]);
    syncFolder(dirname(path));
  } catch (error) {
    await journal.close();
    rmSync(path, { force: true });
    throw error;
  }
  return journal;
}

/** What is needed of an open file. */
export type AppendedFile = Pick<FileHandle, "write" | "datasync" | "stat" | "close">;

/** @param file a new, empty file, opened to append */
export function appender(path: string, file: AppendedFile): JournalWriter {
  let waiting: { lines: readonly Buffer[]; resolve(written: Written): void; reject(error: unknown): void }[] = [];
  let writing: Promise<void> | undefined;
  const end = { offset: 0, line: 1 };
  /** What was under way when writing failed: any part of it may stand at the end of the file */
  let broken: Buffer | undefined;

  /** Whoever reads takes a part of a line for what it is; the next begins on a line of its own. */
  async function mend(tried: Buffer): Promise<void> {
    await writeAll(file, Buffer.from("\n"));
    broken = undefined;
    const { size } = await file.stat();
    const part = tried.subarray(0, size - 1 - end.offset);
    end.line += 1 + part.filter((byte) => byte === newline).length;
    end.offset = size;
  }

  async function write(batch: typeof waiting): Promise<void> {
    try {
      if (broken !== undefined) await mend(broken);
      broken = Buffer.concat(batch.flatMap((one) => one.lines));
      await writeAll(file, broken);
      await file.datasync();
      await checkPlace(path, file);
      broken = undefined;
    } catch (error) {
      for (const one of batch) one.reject(failure(path, error));
      return;
    }
    for (const one of batch) {
      one.resolve({ ...end });
      end.offset += one.lines.reduce((sum, line) => sum + line.length, 0);
      end.line += one.lines.length;
    }
  }

  async function writeWaiting(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await write(batch);
    }
    writing = undefined;
  }

  return {
    path,
    append(lines) {
      return new Promise((resolve, reject) => {
        waiting.push({ lines, resolve, reject });
        writing ??= writeWaiting();
      });
    },
    async close() {
      await writing;
      await file.close();
    },
  };
}

async function writeAll(file: AppendedFile, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}

/** A file that was removed takes bytes as before, and nobody ever sees them. */
async function checkPlace(path: string, file: AppendedFile): Promise<void> {
  const [own, there] = await Promise.all([file.stat(), stat(path).catch(() => undefined)]);
  if (there === undefined || there.ino !== own.ino)
    throw new RunError(`${path}: results are lost: the file was removed while it was written to`);
}

function failure(path: string, error: unknown): RunError {
  if (error instanceof RunError) return error;
  const reason = `results cannot be written (${diskReason(error)}); those before are kept`;
  return new RunError(`${path}: ${reason}`, {}, { cause: error });
}

/** A name no other writer has: the time first, so that names stand in the order of their journals. */
export function uniqueWriter(): string {
  const time = new Date().toISOString().replace(/[-:]/g, "").replace(/\.\d+/, "");
  const host = hostname()
    .replace(/[^A-Za-z0-9-]/g, "-")
    .slice(0, 40);
  const random = Array.from(crypto.getRandomValues(new Uint8Array(4)), (byte) => byte.toString(16).padStart(2, "0"));
  return `${time}-${host}-${process.pid}-${random.join("")}`;
}

export function nameTaken(path: string, writer: string): InputError {
  return new InputError(
    "--writer",
    `"${writer}" has a journal already (${path}): every writer needs a name of its own`,
  );
}

/** @throws InputError for a name that is no file's on every system */
export function checkWriter(writer: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(writer)) return;
  throw new InputError(
    "--writer",
    `"${writer}" is no name of a writer: letters, digits, ".", "_" and "-", at most 100`,
  );
}

/** Of the files of journals. */
export const journalEnding = ".jsonl";

const newline = 10;
