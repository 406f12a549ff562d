import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { InputError } from "../../config/errors.js";
import { diskReason, writeAllWhole } from "../../disk/files.js";

/** A file to write, and the flag that names it. */
export interface FileToWrite {
  flag: string;
  /** undefined: not asked for */
  path: string | undefined;
  content: Uint8Array | string;
}

/**
 * Writes all the files, each of them whole, or none.
 * @throws InputError naming the flag and the file that cannot be written
 */
export function writeFiles(files: readonly FileToWrite[]): void {
  const wanted = files.flatMap(({ flag, path, content }) => (path === undefined ? [] : [{ flag, path, content }]));
  const lost = wanted.find(({ path }) => !existsSync(dirname(path)));
  if (lost !== undefined)
    throw new InputError(lost.flag, `cannot write "${lost.path}" (ENOENT: there is no such folder)`);
  try {
    writeAllWhole(wanted);
  } catch (cause) {
    const { path } = cause as NodeJS.ErrnoException;
    const flag = wanted.find((file) => file.path === path)?.flag ?? wanted[0]!.flag;
    throw new InputError(flag, `cannot write "${path}" (${diskReason(cause)})`, { cause });
  }
}

/**
 * Writes results where they go, and shows them; those that cannot be written are shown all the same before that is said.
 * @param folder undefined: they are shown alone
 * @throws what `write` throws
 */
export async function writeAndShow<Folder>(
  folder: Folder | undefined,
  write: (folder: Folder) => unknown,
  show: (folder: Folder | undefined) => unknown,
): Promise<void> {
  try {
    if (folder !== undefined) await write(folder);
  } catch (error) {
    await show(undefined);
    throw error;
  }
  await show(folder);
}
