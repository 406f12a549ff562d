import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../config/errors.js";
import type { TensorSlice } from "../../config/records.js";
import { diskReason, unwritable, writeWhole } from "../../disk/files.js";
import { makeFolder, removeEmpty } from "../../disk/folders.js";
import type { Observer } from "../../federated/observer.js";
import { tensorsFile } from "./vectors.js";

/** Clients whose updates are saved, from 0. */
const capturedClients = 4;

export interface Capture {
  observer: Observer;
  /** Saved so far */
  files(): number;
  /** Takes the folder away where nothing was saved */
  discardEmpty(): void;
}

/**
 * Saves the updates of a run as they are before quantization, as little-endian float32 files for `cellfed quantizers
 * --input`: those of the first 4 clients in rounds 1, 2, 5, 10, 20, 50, … and beside them the shapes of their tensors.
 * Saving every update would take gigabytes.
 *
 * @throws InputError where the folder is not empty or cannot be written
 */
export function openCapture(folder: string): Capture {
  let made: string | undefined;
  try {
    made = makeFolder(folder);
  } catch (cause) {
    throw new InputError("--capture", `${folder} cannot be written: ${diskReason(cause)}`, { cause });
  }
  if (readdirSync(folder).length > 0)
    throw new InputError("--capture", `${folder} is not empty (allowed: a new or an empty folder)`);
  let files = 0;
  return {
    observer: {
      wantsTrained: (client, round) => client < capturedClients && isCaptured(round),
      onTrained(client, round, update, tensors) {
        const name = `round-${String(round).padStart(4, "0")}-client-${String(client).padStart(3, "0")}.f32`;
        const bytes = new Uint8Array(update.buffer, update.byteOffset, update.byteLength);
        try {
          if (files === 0) writeWhole(join(folder, tensorsFile), shapesOf(tensors));
          writeWhole(join(folder, name), bytes);
        } catch (cause) {
          throw unwritable(join(folder, name), cause);
        }
        files++;
      },
    },
    files: () => files,
    discardEmpty() {
      if (files > 0) return;
      rmSync(join(folder, tensorsFile), { force: true });
      if (made !== undefined) removeEmpty(folder, made);
    },
  };
}

/** What lets `--input` know rows and columns again. */
function shapesOf(tensors: readonly TensorSlice[]): string {
  return `${JSON.stringify(tensors.map(({ name, shape }) => ({ name, shape })))}\n`;
}

/** 1, 2, 5, 10, 20, 50, … */
function isCaptured(round: number): boolean {
  let step = 1;
  while (10 * step <= round) step *= 10;
  return round === step || round === 2 * step || round === 5 * step;
}
