import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

it("every package of the lockfile has a hash: nothing else than what was tested is ever installed", () => {
  const { packages } = JSON.parse(read("package-lock.json")) as { packages: Record<string, { integrity?: string }> };
  const named = Object.entries(packages).filter(([path]) => path !== "");
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter(([, { integrity }]) => !integrity?.startsWith("sha512-")).map(([path]) => path)).toEqual([]);
});

it("what is asked for has one version, so that a build is the same on another day", () => {
  for (const [name, version] of Object.entries(manifest.devDependencies)) {
    expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
  }
});

it("the citation is of this version", () => {
  expect(read("CITATION.cff")).toContain(`\nversion: ${manifest.version}\n`);
});
