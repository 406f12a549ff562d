import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { resolveConfig } from "../../src/parts/resolve.js";
import { efficiencies } from "../../src/report/tables/rates.js";
import { rateDrops } from "../../src/study/run/rates.js";
import { cellfed, inFolder } from "./spawn.js";

const channel = fileURLToPath(new URL("../reference/data/correlated-9x4-6.json", import.meta.url));

it("rates a channel file: JSON alone on stdout, closed forms as they should be", async () => {
  const { status, stdout } = await cellfed(["rates", "--channel", channel, "--combining", "mr,mr+n-lsfd", "--json"]);
  expect(status).toBe(0);
  const { spectralEfficiency } = JSON.parse(stdout) as { spectralEfficiency: Record<string, number[]> };
  const { expected } = JSON.parse(readFileSync(channel, "utf8"));
  for (const name of ["mr", "mr+n-lsfd"])
    spectralEfficiency[name]!.forEach((value, k) => {
      expect(Math.abs(value / expected.spectralEfficiency[name][k] - 1)).toBeLessThan(1e-9);
    });
});

it("rates drops: a table, a CDF figure and a map, the same again", () =>
  inFolder(async (folder) => {
    const flags = ["rates", "quick", "--combining", "mr,p-mmse", "--realizations", "20", "--drops", "2", "--seed", "3"];
    const first = await cellfed([...flags, "--out", "here"], { cwd: folder });
    expect(first.status).toBe(0);
    expect(first.stdout).toMatch(/^p-mmse /m);
    const cdf = readFileSync(join(folder, "here/figures/spectral-efficiency.svg"), "utf8");
    for (const text of ["mr", "p-mmse", "spectral efficiency (bit/s/Hz)"]) expect(cdf).toContain(text);
    expect(readFileSync(join(folder, "here/figures/drop.svg"), "utf8").match(/<circle/g)?.length ?? 0).toBeGreaterThan(
      0,
    );
    expect(readFileSync(join(folder, "here/rates.csv"), "utf8").trim().split("\n").length).toBe(21);
    const again = await cellfed([...flags, "--no-out"], { cwd: folder });
    expect(first.stdout).toContain(again.stdout.trimEnd());
    expect(existsSync(join(folder, "results"))).toBe(false);
  }));

it("gives the same on one thread, on two, and from the library", async () => {
  const flags = ["rates", "quick", "--combining", "mr,p-mmse", "--realizations", "20", "--drops", "3", "--json"];
  const [one, two] = await Promise.all(["1", "2"].map((workers) => cellfed([...flags, "--workers", workers])));
  expect(two!.stdout).toBe(one!.stdout);
  const { network, seed } = resolveConfig({ preset: "quick" });
  const { drops } = await rateDrops({ network, seed, schemes: ["mr", "p-mmse"], realizations: 20, drops: 3 });
  const { spectralEfficiency, interval } = JSON.parse(one!.stdout);
  for (const scheme of ["mr", "p-mmse"])
    expect(efficiencies(drops, scheme)).toEqual({ value: spectralEfficiency[scheme], interval: interval[scheme] });
});

it.each([
  [["--combining", "mrr"], /--combining: unknown combining scheme "mrr"; did you mean "mr"/],
  [["--channel", "nope.json"], /nope\.json: there is no such file/],
  [["--channel", channel, "--drops", "3"], /--channel: a channel file is one network/],
  [["--realizations", "1"], /--realizations: .*1.* is not allowed/],
])("%j is bad input", async (flags, message) => {
  const { status, stderr, stdout } = await cellfed(["rates", "--no-out", ...flags]);
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(message);
});

it("a network whose drop takes longer than anybody waits is refused at once, unless insisted on", async () => {
  const sizes = ["network.clients=1000", "network.accessPoints=400", "network.antennas=8"];
  const { status, stderr } = await cellfed(["rates", "quick", "--no-out", ...sizes.flatMap((set) => ["--set", set])]);
  expect(status).toBe(2);
  expect(stderr).toMatch(
    /^error: network\.clients: 1000 clients, 400 access points of 8 antennas: .* min \(allowed: 10 min, or any with --insist\)/,
  );
});
