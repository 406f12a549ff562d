import { expect, test } from "vitest";
import { csv, factTable, formatNumber, markdownTable, textTable } from "../../src/report/tables/table.js";

const rows = [
  { name: "emq", bits: 1.0625, note: 'a "b", c' },
  { name: "identity", bits: 32, note: null },
];
const columns = [
  { label: "method", value: (row: (typeof rows)[number]) => row.name },
  { label: "bits", value: (row: (typeof rows)[number]) => row.bits, digits: 2 },
  { label: "note", value: (row: (typeof rows)[number]) => row.note },
];

test("a table for the terminal", () => {
  expect(textTable(rows, columns)).toBe(
    ["method     bits  note", "────────  ─────  ────────", 'emq        1.06  a "b", c', "identity  32.00  –"].join(
      "\n",
    ),
  );
});

test("CSV quotes what must be quoted and keeps every digit", () => {
  expect(csv(rows, columns)).toBe('method,bits,note\nemq,1.0625,"a ""b"", c"\nidentity,32,\n');
});

test("Markdown", () => {
  expect(markdownTable([{ a: "x|y" }], [{ label: "a", value: ({ a }) => a }])).toBe("| a |\n| --- |\n| x\\|y |");
});

test("facts line up", () => {
  expect(
    factTable([
      ["accuracy", "0.9"],
      ["d", "3"],
    ]),
  ).toBe("accuracy  0.9\nd         3");
});

test("numbers", () => {
  expect([0, 1, 123456, 0.123456, 1e-7, 1.5e9, Number.NaN, Infinity].map((value) => formatNumber(value))).toEqual([
    "0",
    "1",
    "123456",
    "0.1235",
    "1.00e-7",
    "1.50e+9",
    "–",
    "∞",
  ]);
});
