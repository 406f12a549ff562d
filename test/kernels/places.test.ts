import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../sources.js";

/** Names of the kernels whose result is a place or a size in bytes: a number of 32 bits without a sign. */
const unsigned = readdirSync(join(root, "assembly"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .flatMap((file) => [
    ...readFileSync(join(root, "assembly", file), "utf8").matchAll(/^export function (\w+)\([^)]*\): usize/gm),
  ])
  .map(([, name]) => name!);

describe("places beyond 2 GiB", () => {
  it("come from the kernels as negative numbers, and are made whole where they arrive", () => {
    expect(unsigned).toContain("powerSection");
    const calls = readdirSync(join(root, "bindings"))
      .filter((file) => file.endsWith(".ts"))
      .flatMap((file) =>
        [
          ...readFileSync(join(root, "bindings", file), "utf8").matchAll(
            /(?:\bk|kernels\(\))\.(\w+)\([^()]*(?:\([^()]*\)[^()]*)*\)(.{0,6})/g,
          ),
        ]
          .filter(([, name]) => unsigned.includes(name!) && name !== "heapBase") // which is small
          .map(([, name, after]) => ({ call: `${file}: ${name}`, whole: after!.startsWith(" >>> 0") })),
      );
    expect(calls.length).toBeGreaterThan(3);
    expect(calls.filter(({ whole }) => !whole)).toEqual([]);
  });
});
