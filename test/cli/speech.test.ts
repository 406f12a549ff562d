import { expect, it } from "vitest";
import { cellfed } from "./spawn.js";

/** How the command speaks on stderr. */

const small = "run quick --rounds 1 --no-out --set data.trainExamples=100 --set data.testExamples=20".split(" ");

it("--quiet leaves the results and nothing else", async () => {
  const { status, stdout, stderr } = await cellfed([...small, "--quiet"]);
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("fingerprint");
});

it("--quiet tells errors all the same", async () => {
  const { status, stderr } = await cellfed(["run", "nowhere.json", "--quiet"]);
  expect([status, stderr]).toEqual([2, expect.stringMatching(/^error: nowhere\.json/)]);
});

it("--log-format json makes each line an object", async () => {
  const { stdout, stderr } = await cellfed([...small, "--log-format", "json", "--json"]);
  const lines = stderr
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toMatchObject([{ level: "info", message: expect.stringMatching(/^round 1: /), done: 1 }]);
  expect(Date.parse(lines[0].time)).toBeGreaterThan(0);
  expect(JSON.parse(stdout).rounds).toHaveLength(1);
});

it("and errors too, with their level, whoever finds them", async () => {
  const wrong = await cellfed(["run", "nowhere.json", "--log-format", "json"]);
  expect(JSON.parse(wrong.stderr)).toMatchObject({ level: "error", message: expect.stringContaining("nowhere.json") });
  const unknown = await cellfed(["schema", "--log-format", "json", "--markdow"]);
  const lines = unknown.stderr
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines[0]).toMatchObject({ level: "error", message: expect.stringContaining("--markdow") });
});

it("doctor tells what there is, for programs too", async () => {
  const { status, stdout } = await cellfed(["doctor", "--json"]);
  const findings: { what: string; found: string; state: string }[] = JSON.parse(stdout);
  expect(status).toBe(0);
  expect(findings.find(({ what }) => what === "Node")).toEqual({ what: "Node", found: process.version, state: "fine" });
  expect(findings.find(({ what }) => what === "mnist")?.found).toContain("cellfed data fetch mnist");
  expect(findings.find(({ what }) => what === "speed")?.found).toMatch(/^[\d,]+ samples a second/);
});
