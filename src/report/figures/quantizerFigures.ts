import { pow } from "../../../bindings/math.js";
import type { Series } from "./charts.js";
import { type Drawing, drawLines } from "./drawing.js";

/** Error against wire bits on a Gaussian, one line a method over its settings, with the least that any code can have. */
export function errorFigure(rows: readonly { quantizer: string; wireBits: number; nmse: number }[]): Promise<Drawing> {
  const shown = rows.filter(({ nmse, wireBits }) => nmse > 0 && wireBits > 0 && wireBits < 20);
  const series = byMethod(shown).map(([name, members]): Series => {
    const sorted = [...members].sort((a, b) => a.wireBits - b.wireBits);
    return { name, x: sorted.map((row) => row.wireBits), y: sorted.map((row) => row.nmse) };
  });
  const bits = Array.from({ length: 57 }, (_, i) => i / 4);
  const bound: Series = { name: "bound 2^(−2R)", x: bits, y: bits.map((rate) => pow(2, -2 * rate)) };
  return drawLines({
    title: "Error against bits, Gaussian probe",
    height: 520,
    x: { label: "wire bits per entry" },
    y: { label: "NMSE", scale: "log", domain: [1e-8, 10] },
    series: [bound, ...series],
  });
}

/** Error over the input's scale: a sawtooth for the methods whose step snaps to decades. */
export function scaleFigure(rows: readonly { quantizer: string; scale: number; nmse: number }[]): Promise<Drawing> {
  // Level lines say little and crowd the figure: only those methods whose error moves, and three that do not.
  const names = [...new Set(rows.map((row) => row.quantizer))];
  const all = names
    .map((name) => [name, rows.filter((row) => row.quantizer === name)] as const)
    .filter(([, members]) => members.every(({ nmse }) => nmse > 0));
  const moves = ([, members]: (typeof all)[number]) =>
    Math.max(...members.map(({ nmse }) => nmse)) > 1.2 * Math.min(...members.map(({ nmse }) => nmse));
  const chosen = [...all.filter(moves), ...all.filter((one) => !moves(one)).slice(0, 3)].slice(0, 9);
  return drawLines({
    title: "Error over the scale of the input, Gaussian probe",
    x: { label: "scale of the input", scale: "log" },
    y: { label: "NMSE", scale: "log" },
    series: chosen.map(([name, members]) => ({
      name,
      x: members.map(({ scale }) => scale),
      y: members.map(({ nmse }) => nmse),
    })),
  });
}

/** Accuracy over what one client has uploaded. */
export function accuracyFigure(
  learning: readonly { label: string; nominalBits: readonly number[]; accuracy: readonly number[] }[],
): Promise<Drawing> {
  return drawLines({
    title: "Accuracy against bits",
    height: 520,
    x: { label: "nominal bits per parameter and client, all rounds so far", scale: "log" },
    y: { label: "test accuracy", percent: true },
    series: learning.map(({ label, nominalBits, accuracy }) => ({ name: label, x: nominalBits, y: accuracy })),
  });
}

function byMethod<Row extends { quantizer: string }>(rows: readonly Row[]): [string, Row[]][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const [name = row.quantizer, ...settings] = row.quantizer.split(":");
    const kind = settings.find((setting) => /^(step|rounding)=/.test(setting));
    const key = kind === undefined ? name : `${name} ${kind}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups];
}
