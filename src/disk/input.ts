import { readFile } from "node:fs/promises";
import { InputError } from "../config/errors.js";

/**
 * A file that the user named.
 * @param name as the user named it
 * @param allowed what may be named instead, for the message
 * @throws InputError where it cannot be read
 */
export async function readInput(path: string, { name = path, allowed = "" } = {}): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "this is a folder" : message;
    throw new InputError(name, `${why}${allowed && ` (allowed: ${allowed})`}`, { cause });
  }
}
