import type { Exchange, ExchangeClient, ExchangedBits } from "../../config/records.js";
import { packetReader, packetWriter } from "../coding/packet.js";
import { addedUp, finiteUpdate, keepError, withError } from "./exchanges.js";
import { readFloats, writeFloats } from "./floats.js";
import {
  expand,
  held,
  keepQ,
  lastQ,
  type MatrixPart,
  matricesOf,
  orthonormalize,
  project,
  projectBack,
} from "./lowRank.js";

export const powerSgdFormat = 29;

/**
 * PowerSGD's round of all clients: each sends P_k = M_k Q, of parts that travel as they are the entries; the server
 * returns the mean P, which every end makes orthonormal; each sends Q_k = M_kᵀ P, the server returns the mean Q, which
 * is the next round's first. Up and down the same numbers travel, 32 bits each. What a client keeps for later is its
 * update less what all got (as in the paper's own code).
 */
export function powerSgdExchange(rank: number, carriesError: boolean): Exchange {
  return {
    run(clients, { round, seed, tensors, memory }) {
      const entries = clients[0]?.update.length ?? 0;
      const parts = matricesOf(tensors, entries, rank);
      const updates = clients.map((one) => finiteUpdate(withError(one, carriesError, "powersgd"), one.client, round));
      const bits = { sent: clients.map(() => ({ nominal: 0, wire: 0 })), returned: { nominal: 0, wire: 0 } };
      const first = parts.map((part, index) => lastQ(memory, seed, index, part));
      const all = meanOf(clients, bits, (k) =>
        parts.map((part, index) =>
          part.rank === 0
            ? updates[k]!.subarray(part.offset, part.offset + part.length)
            : floats(project(updates[k]!, part, 1, first[index]!)),
        ),
      );
      const bases = all.map((mean, index) => {
        const part = parts[index]!;
        const p = Float64Array.from(mean);
        if (part.rank > 0) orthonormalize(p, part.rows, part.rank);
        return p;
      });
      const products = parts.flatMap((part, index) => (part.rank > 0 ? [{ part, index }] : []));
      const second = meanOf(clients, bits, (k) =>
        products.map(({ part, index }) => floats(projectBack(updates[k]!, part, 1, bases[index]!))),
      );
      const mean = new Float32Array(entries);
      parts.forEach((part: MatrixPart, index) => {
        if (part.rank === 0) mean.set(all[index]!, part.offset);
      });
      products.forEach(({ part, index }, i) => {
        keepQ(memory, seed, index, part, second[i]!);
        expand(part, 1, bases[index]!, second[i]!, mean);
      });
      if (carriesError) for (const [k, one] of clients.entries()) keepError(one, "powersgd", updates[k]!, mean);
      return { mean, ...bits };
    },
  };
}

/** Every client sends its numbers, and the server returns their weighted means; both ways in packets. */
function meanOf(
  clients: readonly ExchangeClient[],
  { sent, returned }: { sent: ExchangedBits[]; returned: ExchangedBits },
  numbersOf: (k: number) => Float32Array[],
): Float32Array[] {
  let sums: Float64Array[] = [];
  clients.forEach(({ share }, k) => {
    const received = passed(numbersOf(k), sent[k]!);
    if (sums.length === 0) sums = received.map(({ length }) => new Float64Array(length));
    received.forEach((values, i) => {
      addedUp(sums[i]!, values, share);
    });
  });
  return passed(sums.map(floats), returned);
}

/** Numbers as a packet, and what is read from it. */
function passed(lists: readonly Float32Array[], bits: ExchangedBits): Float32Array[] {
  const count = lists.reduce((sum, { length }) => sum + length, 0);
  const writer = packetWriter(powerSgdFormat, count);
  for (const list of lists) writeFloats(writer, list);
  const bytes = writer.finish();
  bits.nominal += 32 * count;
  bits.wire += 8 * bytes.length;
  const reader = packetReader(bytes);
  return lists.map(({ length }) => readFloats(reader, length, "the numbers"));
}

function floats(values: Float64Array): Float32Array {
  return Float32Array.from(values, held);
}
