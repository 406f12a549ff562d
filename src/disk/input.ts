import { InputError } from "../config/errors.js";
import { readLimited } from "./limited.js";

/** What a file that people write may hold at most. */
const largestInput = 2 ** 28;

/**
 * A file that the user named.
 * @param name as the user named it
 * @param allowed what may be named instead, for the message
 * @throws InputError where it cannot be read, or does not end
 */
export async function readInput(path: string, { name = path, allowed = "" } = {}): Promise<Buffer> {
  try {
    const bytes = await readLimited(path, largestInput);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    const why = cause.message.slice(cause.path.length + 2);
    throw new InputError(name, `${why}${allowed && ` (allowed: ${allowed})`}`, { cause });
  }
}
