import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { diskReason, writeWhole } from "./files.js";

/** Where something long keeps what it has done so far, so that it can go on after a kill. */
export interface StateFile {
  /** What was kept last, or before that where the last is damaged; undefined where there is nothing */
  read(): Promise<Uint8Array | undefined>;
  write(bytes: Uint8Array): Promise<void>;
  /** Takes it away, once it is no longer needed */
  remove(): void;
}

/** First line of the file: what it is, and the sum of what follows. */
const mark = "cellfed state 1 sha256 ";
const headerLength = mark.length + 64 + 1;

/**
 * Keeps bytes in FOLDER/NAME, and those from before in FOLDER/NAME.before: whatever happens to the newer one, the older
 * can be gone on from.
 * @param say told in a sentence of a file that cannot be used, or not be written
 */
export function openStateFile(folder: string, name: string, say: (sentence: string) => void): StateFile {
  const newer = join(folder, name);
  const older = `${newer}.before`;
  let told = false;
  return {
    async read() {
      for (const file of [newer, older]) {
        if (!existsSync(file)) continue;
        const content = readFileSync(file);
        const damage = damageOf(content);
        if (damage === undefined) return content.subarray(headerLength);
        say(`${file} is damaged (${damage}) and is not used`);
        rmSync(file, { force: true });
      }
      return undefined;
    },
    async write(bytes) {
      const header = Buffer.from(`${mark}${sum(bytes)}\n`);
      try {
        if (existsSync(newer)) renameSync(newer, older);
        writeWhole(newer, Buffer.concat([header, bytes]));
        told = false;
      } catch (error) {
        // The work goes on: that a kill would cost more of it is no reason to end it now.
        if (!told) say(`${newer} cannot be written: ${diskReason(error)}; the work goes on, but a kill would cost it`);
        told = true;
      }
    },
    remove() {
      for (const file of [newer, older]) rmSync(file, { force: true });
    },
  };
}

function damageOf(content: Uint8Array): string | undefined {
  const header = Buffer.from(content.subarray(0, headerLength)).toString("latin1");
  if (!header.startsWith(mark) || !header.endsWith("\n")) return "it does not begin as a state does";
  const known = header.slice(mark.length, mark.length + 64);
  return sum(content.subarray(headerLength)) === known ? undefined : "its sum is another";
}

function sum(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
