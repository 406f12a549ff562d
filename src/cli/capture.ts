import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { QuantizerConfig } from "../config/config.js";
import { InputError } from "../config/errors.js";
import type { Quantizer } from "../config/records.js";
import { quantizer } from "../quantizers/index.js";

/** Clients whose updates are saved, from 0. */
const capturedClients = 4;

/**
 * A quantizer that saves the updates it is given, as little-endian float32 files for `cellfed quantizers --input`:
 * those of the first 4 clients in rounds 1, 2, 5, 10, 20, 50, … Saving every one would take gigabytes.
 *
 * @throws InputError where the folder is not empty or cannot be written
 */
export function openCapture(folder: string, config: QuantizerConfig): { quantizer: Quantizer; files(): number } {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new InputError("--capture", `${folder} cannot be written: ${(cause as Error).message}`, { cause });
  }
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new InputError("--capture", `${folder} is not empty (allowed: a new or an empty folder)`);
  }
  const inner = quantizer(config);
  let files = 0;
  return {
    quantizer: {
      ...inner,
      encode(update, context) {
        const { round, client } = context;
        if (client < capturedClients && isCaptured(round)) {
          const name = `round-${String(round).padStart(4, "0")}-client-${String(client).padStart(3, "0")}.f32`;
          writeFileSync(join(folder, name), new Uint8Array(update.buffer, update.byteOffset, update.byteLength));
          files++;
        }
        return inner.encode(update, context);
      },
    },
    files: () => files,
  };
}

/** 1, 2, 5, 10, 20, 50, … */
function isCaptured(round: number): boolean {
  let step = 1;
  while (10 * step <= round) step *= 10;
  return round === step || round === 2 * step || round === 5 * step;
}
