import { createRequire } from "node:module";
import { availableParallelism, cpus, totalmem } from "node:os";
import { relaxedSupported, simdSupported } from "../../../bindings/products.js";
import { remoteSets } from "../../data/fetch/catalog.js";
import { type FileSetName, locateDataset } from "../../data/files.js";
import { simulate } from "../../federated/simulate.js";
import { factTable, formatNumber } from "../../report/tables/table.js";
import { version } from "../../version.js";
import { findChromium } from "../files/chromium.js";
import { print, printJson } from "../terminal/output.js";

export interface DoctorOptions {
  dataDir?: string;
  json?: true;
}

/** What was looked at: fine, missing though runs need it, or something that may be added. */
interface Finding {
  what: string;
  found: string;
  state: "fine" | "missing" | "optional";
}

/** Looks at the machine. The status is 1 where something is missing that every run needs. */
export async function doctor(options: DoctorOptions): Promise<void> {
  const findings = [
    ...engine(),
    ...(await data(options.dataDir ?? "data")),
    chromium(),
    ...optionalPackages.map(optionalPackage),
    await speed(),
  ];
  if (options.json) printJson(findings);
  else print(`${factTable(findings.map(({ what, found, state }) => [what, `${marks[state]} ${found}`] as const))}\n`);
  if (findings.some(({ state }) => state === "missing")) process.exitCode = 1;
}

const marks = { fine: "✓", missing: "✗", optional: "·" } as const;
const oldestNode = 20;

function engine(): Finding[] {
  const supported = Number(process.versions.node.split(".")[0]) >= oldestNode;
  const simd = simdSupported();
  const processor = cpus()[0]?.model.trim() || process.arch;
  return [
    { what: "cellfed", found: version, state: "fine" },
    {
      what: "Node",
      found: supported ? process.version : `${process.version}; ${oldestNode} or later is needed`,
      state: supported ? "fine" : "missing",
    },
    {
      what: "SIMD",
      found: simd ? "WebAssembly has it" : "WebAssembly has none here: the kernels cannot start",
      state: simd ? "fine" : "missing",
    },
    {
      what: "relaxed SIMD",
      found: relaxedSupported() ? 'there, for "kernels": "relaxed"' : "not in this engine (Node 22 and later have it)",
      state: relaxedSupported() ? "fine" : "optional",
    },
    {
      what: "processor",
      found: `${processor}, ${availableParallelism()} threads, ${formatNumber(totalmem() / 2 ** 30, 1)} GiB`,
      state: "fine",
    },
  ];
}

async function data(root: string): Promise<Finding[]> {
  const places = await Promise.all(
    remoteSets.map(async ({ name }) => ({ name, place: await locateDataset(name as FileSetName, root) })),
  );
  return places.map(({ name, place }) => ({
    what: name,
    found: place ?? `not in ${root}; cellfed data fetch ${name} gets it`,
    state: place === undefined ? "optional" : "fine",
  }));
}

/** Of figures as pictures and of the tests; the lab needs any browser. */
function chromium(): Finding {
  const path = findChromium();
  const found = path ?? "none found, for figures as PNG and PDF (cellfed figures); CHROMIUM_PATH names one";
  return { what: "Chromium", found, state: path === undefined ? "optional" : "fine" };
}

const optionalPackages = [{ name: "@duckdb/node-api", what: "DuckDB", use: "SQL over a study's folder" }] as const;

function optionalPackage({ name, what, use }: (typeof optionalPackages)[number]): Finding {
  try {
    createRequire(import.meta.url).resolve(name);
    return { what, found: `installed, for ${use}`, state: "fine" };
  } catch {
    return { what, found: `not installed; for ${use}: npm install ${name}`, state: "optional" };
  }
}

/**
 * Samples a second of a thread in the quick preset's training, and what to expect: a third of, and three times, what a
 * core of 2024 (AMD Zen 5) does.
 */
async function speed(): Promise<Finding> {
  const config = {
    preset: "quick",
    rounds: 1,
    data: { trainExamples: 600, testExamples: 20 },
    training: { localEpochs: 2 },
  } as const;
  let best = Number.POSITIVE_INFINITY;
  // The first warms up, the best is the least disturbed by other work
  for (let tries = 0; tries < 4; tries++) {
    const started = performance.now();
    await simulate(config);
    best = Math.min(best, performance.now() - started);
  }
  const rate = (1200 / best) * 1000;
  const [least, most] = [usualRate / 3, usualRate * 3].map((each) => formatNumber(each, 0));
  return {
    what: "speed",
    found: `${formatNumber(rate, 0)} samples a second on one thread (expected: ${least} to ${most})`,
    state: rate >= usualRate / 3 ? "fine" : "optional",
  };
}

const usualRate = 20_000;
