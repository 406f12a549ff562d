import { f32 } from "../../../bindings/memory.js";
import { PacketError, type PacketReader } from "../coding/packet.js";
import type { Method } from "../method.js";
import { readFloats, writeFloats } from "./floats.js";
import { readMagnitude } from "./grid.js";
import {
  expand,
  keepQ,
  lastQ,
  type MatrixPart,
  matricesOf,
  matrix,
  orthonormalize,
  project,
  projectBack,
} from "./lowRank.js";
import { powerSgdExchange, powerSgdFormat } from "./powerSgdExchange.js";

const mostRank = 64;

/**
 * PowerSGD (Vogels et al., NeurIPS 2019, algorithms 1 and 2): each tensor as a matrix M ≈ P Qᵀ of rank r by a step of
 * power iteration from the Q of the round before: P = M Q, orthonormalized, Q = Mᵀ P. In a run all clients take the step
 * together (powerSgdExchange.ts): they send P, get the mean of all, send Q, get the mean of all, so that it is the mean
 * of the updates that is approximated. Alone, as here, it is the step of one client.
 *
 * Nominal 32 r(rows + columns) a matrix, and 32 an entry of what travels as it is. Biased: q is a projection of v, which
 * the client's memory of what was lost makes up for (`errorFeedback`, on unless it is set off).
 */
export const powerSgd: Method = {
  name: "powersgd",
  title: "PowerSGD",
  format: powerSgdFormat,
  summary: "tensors as products of low rank, found by all clients together",
  carriesError: true,
  proof: { benchmark: [{ rank: 1 }, { rank: 4 }], forms: [{}, { rank: 1 }] },
  settings: {
    rank: { default: 2, integer: true, minimum: 1, maximum: mostRank, summary: "r of the products" },
  },
  exchange: (settings) => powerSgdExchange(settings.rank as number, settings.errorFeedback === true),
  encoder(settings) {
    const rank = settings.rank as number;
    return (input, { tensors, seed, memory }, writer) => {
      const update = f32(input.pointer, input.length).slice();
      const parts = matricesOf(tensors, update.length, rank);
      writer.varint(rank);
      writer.varint(parts.length);
      for (const { length, columns } of parts) {
        writer.varint(length);
        writer.varint(columns);
      }
      writer.f32(input.largest);
      let numbers = 0;
      parts.forEach((part, index) => {
        if (part.rank === 0) {
          writeFloats(writer, update.subarray(part.offset, part.offset + part.length));
          numbers += part.length;
          return;
        }
        const p = project(update, part, input.largest, lastQ(memory, seed, index, part));
        orthonormalize(p, part.rows, part.rank);
        const rounded = Float32Array.from(p);
        const q = Float32Array.from(projectBack(update, part, input.largest, rounded));
        keepQ(memory, seed, index, part, q);
        writeFloats(writer, rounded);
        writeFloats(writer, q);
        numbers += p.length + q.length;
      });
      return { nominalBits: 32 * numbers, entropyBits: 32 * numbers + 32 };
    };
  },
  decode(reader, out) {
    const rank = readRank(reader);
    const parts = readParts(reader, out.length, rank);
    const scale = readMagnitude(reader, "the scale");
    const decoded = new Float32Array(out.length);
    for (const part of parts) {
      const { offset, length, rows, columns } = part;
      if (part.rank === 0) decoded.set(readFloats(reader, length, "the entries"), offset);
      else {
        const p = readFloats(reader, rows * part.rank, "P");
        expand(part, scale, p, readFloats(reader, columns * part.rank, "Q"), decoded);
      }
    }
    f32(out.pointer, out.length).set(decoded);
  },
};

function readRank(reader: PacketReader): number {
  const at = reader.offset();
  const rank = reader.varint("the rank", mostRank);
  if (rank === 0) throw new PacketError(at, "products of rank 0");
  return rank;
}

function readParts(reader: PacketReader, entries: number, rank: number): MatrixPart[] {
  const at = reader.offset();
  const count = reader.varint("the number of matrices", entries);
  const parts: MatrixPart[] = [];
  let first = 0;
  for (let i = 0; i < count; i++) {
    const place = reader.offset();
    const length = reader.varint("the entries of a matrix", entries - first);
    const columns = reader.varint("the columns of a matrix", Math.max(1, length));
    if (length === 0 || columns === 0) throw new PacketError(place, `${length} entries in ${columns} columns`);
    parts.push(matrix(first, length, columns, rank));
    first += length;
  }
  if (first !== entries) throw new PacketError(at, `the matrices have ${first} entries together, not ${entries}`);
  return parts;
}
