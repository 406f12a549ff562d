import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { setTimeout as later } from "node:timers/promises";
import { InputError } from "../config/errors.js";

/** What a file of numbers may hold at most, packed or not: more is no channel, and would fill the memory. */
export const largestFile = 2 ** 28;

/**
 * A file whole, in pieces between which signals are heard; reading ends where it turns out to be too long, as a pipe or a
 * device may.
 * @param missing said where there is no such file
 * @throws InputError naming the file, with the limit
 */
export async function readLimited(
  path: string,
  most = largestFile,
  missing = "there is no such file",
): Promise<Uint8Array> {
  const why = (cause: unknown) => {
    const { code, message } = cause as NodeJS.ErrnoException;
    return code === "ENOENT" ? missing : `cannot be read (${code ?? message})`;
  };
  const tooLong = (size: string) =>
    new InputError(path, `${size} bytes (allowed: at most ${most}, as it is held in memory)`);
  let handle: FileHandle;
  try {
    // A pipe that nobody writes into would otherwise be waited for by a thread that no signal reaches
    handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    throw new InputError(path, why(cause), { cause });
  }
  try {
    const about = await handle.stat();
    if (about.isDirectory()) throw new InputError(path, "this is a folder");
    if (about.size > most) throw tooLong(`${about.size}`);
    const pieces: Uint8Array[] = [];
    let total = 0;
    for (;;) {
      const piece = new Uint8Array(pieceBytes(about.size, total));
      const bytesRead = await readSome(handle, piece);
      if (bytesRead === 0 && total === 0 && about.isFIFO()) throw new InputError(path, "nobody writes into this pipe");
      if (bytesRead === 0) return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, total);
      total += bytesRead;
      if (total > most) throw tooLong(`more than ${most}`);
      pieces.push(piece.subarray(0, bytesRead));
    }
  } catch (cause) {
    throw cause instanceof InputError ? cause : new InputError(path, why(cause), { cause });
  } finally {
    await handle.close();
  }
}

/** Waits where a pipe's writer has nothing yet. */
async function readSome(handle: FileHandle, into: Uint8Array): Promise<number> {
  for (;;) {
    try {
      return (await handle.read(into, 0, into.length, null)).bytesRead;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
    await later(20);
  }
}

/** At once what is left of a file, and a little where it says that it has no size. */
function pieceBytes(size: number, done: number): number {
  return size > done ? Math.min(size - done, 2 ** 24) : 2 ** 16;
}
