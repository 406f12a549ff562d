import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { brotliDecompress, constants, createBrotliCompress } from "node:zlib";
import { InputError } from "../../config/errors.js";
import { numerics as ownNumerics } from "../../version.js";
import type { Store } from "./contract.js";
import { checkOf, decodeRecord, encodeRecord, formatVersion, readHead } from "./line.js";
import { memoryStore } from "./memory.js";

/*
 * What a report rests on, to be shipped with it: the records that were read to make it, as the checked lines of a
 * journal, one after the other and compressed.
 */

/** A store that remembers what was read from it. */
export function watched(store: Store): { store: Store; keys(): string[] } {
  const keys = new Set<string>();
  return {
    keys: () => [...keys],
    store: {
      ...store,
      async get(key) {
        const record = await store.get(key);
        if (record !== undefined) keys.add(key);
        return record;
      },
      async *select(wanted, columns) {
        for await (const record of store.select(wanted, columns)) {
          keys.add(record.key);
          yield record;
        }
      },
    },
  };
}

/** The records of these keys, in their order. */
export async function shipRecords(store: Store, keys: readonly string[], numerics = ownNumerics): Promise<Uint8Array> {
  async function* lines() {
    for (const key of keys) {
      const record = await store.get(key);
      if (record !== undefined) yield encodeRecord(record, { version: formatVersion, numerics });
    }
  }
  // Runs of one training say the same over and over, some hundred kilobytes apart: the window holds 16 MB.
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_LGWIN]: 24 };
  return buffer(Readable.from(lines(), { objectMode: true }).pipe(createBrotliCompress({ params })));
}

/** Records that were shipped, as a store. */
export interface Shipped {
  store: Store;
  records: number;
  /** By which their keys are made, and those of whoever asks for them */
  numerics: number;
}

/**
 * @param path named in errors
 * @throws InputError for bytes that were not shipped so, with the line that is damaged
 */
export async function openShipped(bytes: Uint8Array, path: string): Promise<Shipped> {
  const store = memoryStore();
  let numerics = ownNumerics;
  let records = 0;
  const text = await unpacked(bytes, path);
  for (let start = 0; start < text.length; records++) {
    const end = text.indexOf(10, start);
    const line = text.subarray(start, end < 0 ? text.length : end);
    const head = readHead(line);
    const where = `record ${records + 1}`;
    if (head === undefined || end < 0 || checkOf(line) === undefined) {
      throw new InputError(path, `${where} is damaged`);
    }
    if (head.version !== formatVersion || (records > 0 && head.numerics !== numerics)) {
      throw new InputError(
        path,
        `${where} is of format ${head.version} and numerics ${head.numerics}: no store mixes two`,
      );
    }
    numerics = head.numerics;
    await store.add([decodeRecord(line, head.kind)]);
    start = end + 1;
  }
  return { store, records, numerics };
}

/** What a file of this kind may unpack to. */
const most = 2 ** 31 - 1;

async function unpacked(bytes: Uint8Array, path: string): Promise<Buffer> {
  try {
    return await promisify(brotliDecompress)(bytes, { maxOutputLength: most });
  } catch (cause) {
    throw new InputError(path, `not compressed records: ${(cause as Error).message}`, { cause });
  }
}
