import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createProgram } from "../../src/cli/program.js";
import { compare, importChannel, layOutStudy, parseConfig } from "../../src/index.js";
import { openFolderStore } from "../../src/node.js";
import { shell } from "../cli/shell.js";
import { root } from "../sources.js";
import { runExample } from "./examples.js";
import { type Block, blocks, commandLines, within } from "./markdown.js";

/** Every block of code of all Markdown does what it says: it is run, or, where that takes too long, checked. */

const folder = mkdtempSync(join(tmpdir(), "cellfed-docs-"));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(async () => {
  cpSync(join(root, "examples"), join(folder, "examples"), { recursive: true });
  for (const name of ["problem.json", "flower-history.json"]) cpSync(join(root, "examples", name), join(folder, name));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules/cellfed"));
  for (const name of ["v.f32", "update.f32"])
    writeFileSync(
      join(folder, name),
      Float32Array.from({ length: 600 }, (_, i) => Math.sin(i) ** 3),
    );
  writeCifar(join(folder, "data"));
  mkdirSync(join(folder, "results/quick-916da05b"), { recursive: true });
  for (const name of ["config.json", "mine.json", "results/quick-916da05b/config.json"])
    writeFileSync(join(folder, name), JSON.stringify(parseConfig({ preset: "quick" })));
  for (const { code } of within("js", "json")) {
    const [, name] = /^\/\/ (\S+\.mjs)\n/.exec(code) ?? [];
    if (name !== undefined) writeFileSync(join(folder, name), code);
  }
  const channel = within("json").find(({ code }) => "gain" in JSON.parse(code))!;
  writeFileSync(join(folder, "channel.json"), channel.code);
  const store = await openFolderStore(join(folder, "study"));
  const sets = ["rounds=1", "data.trainExamples=40", "data.testExamples=10"];
  await compare({ preset: "quick", sets, quantizers: ["emq", "sign"], seeds: [1, 2], drops: 1 }, { store });
  await store.close();
}, 120_000);

/** CIFAR-10's binary form: a label and 32 × 32 × 3 bytes. */
function writeCifar(path: string): void {
  mkdirSync(path);
  for (const name of ["data_batch_1.bin", "test_batch.bin"])
    writeFileSync(
      join(path, name),
      Uint8Array.from({ length: 60 * 3073 }, (_, i) => (i % 3073 === 0 ? (i / 3073) % 10 : (i * 7919) >> 5)),
    );
}

it("are in languages that somebody looks at", () => {
  const looked = [
    "sh",
    "ts",
    "js",
    "json",
    "python",
    "r",
    "sql",
    "text",
    "bibtex",
    "mermaid",
    "dockerfile",
    "matlab",
    "latex",
    "html",
  ];
  const others = blocks.filter(({ language }) => ![...looked, "assemblyscript"].includes(language));
  expect(others.map(({ page, line, language }) => `${page}:${line} ${language}`)).toEqual([]);
});

/** The command's own grammar with nothing behind it: what it is called with must be there, and allowed. */
function grammar(): Command {
  const program = createProgram({ verbose: false });
  const still = (command: Command): void => {
    command.configureOutput({ writeOut: () => {}, writeErr: () => {} }).exitOverride();
    if (command.commands.length === 0) command.action(() => {});
    for (const child of command.commands) still(child);
  };
  still(program);
  return program;
}

/** Words as a shell would have them. */
function wordsOf(line: string): string[] {
  const beforePipe = line.split(/\s[|>&]/)[0]!;
  return [...beforePipe.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, one, two, three]) => one ?? two ?? three!);
}

const little = "--set data.trainExamples=40 --set data.testExamples=10";
/** What makes a line short; "" runs as it is, and what is not here is held to the grammar alone. */
const runAs: readonly (readonly [begin: RegExp, more: string])[] = [
  [/^cellfed run .*relaxed/, "--help"], // not in every engine
  [/^cellfed run .*split\.file=/, "--rounds 1 --set training.localEpochs=1"], // of a split of all examples
  [/^cellfed run .*channels=1/, "--help"], // of files that are not here
  [/^cellfed run/, `${little} --rounds 1 --set training.localEpochs=1`],
  [/^cellfed compare/, "--plan checked.json"],
  [/^cellfed reproduce(?!.*--(from|data-dir))/, "--plan checked.json"],
  [/^cellfed rates/, "--drops 1 --realizations 4"],
  [/^cellfed price/, "--drops 2"],
  [/^cellfed power/, ""],
  [/^cellfed quantize /, "--packet v.bin"],
  [/^cellfed dequantize/, ""],
  [/^cellfed quantizers --list/, ""],
  [/^cellfed quantizers/, "--parts goldens --no-out"],
  [/^cellfed data (list|partition)/, ""],
  [/^cellfed (cite|schema|doctor|completion)/, ""],
];

describe("lines of sh", () => {
  it("are found", () => expect(commandLines.length).toBeGreaterThan(40));

  const distinct = [...new Map(commandLines.map((one) => [one.line, one])).values()];
  it.each(distinct)("$line (of $page)", { timeout: 120_000 }, async ({ line }) => {
    const words = wordsOf(line).slice(1);
    await expect(grammar().parseAsync(words, { from: "user" })).resolves.toBeDefined();
    const more = runAs.find(([begin]) => begin.test(line))?.[1];
    if (more === undefined) return;
    const short = line.replace(/^cellfed/, "cf").replace("DATA", "data");
    const [, command, rest] = /^(.*?)(\s*(?:[|>].*)?)$/.exec(short)!;
    const { status, stderr } = await shell(`${command} ${more}${rest}`, folder);
    expect([status, status === 0 ? "" : stderr]).toEqual([0, ""]);
  });
});

describe("npm's scripts and files in sh", () => {
  const scripts = JSON.parse(ts.sys.readFile(join(root, "package.json"))!).scripts;
  const lines = within("sh").flatMap(({ page, code }) =>
    [...code.matchAll(/(?:^|\s)npm (?:run (\S+)|(start|test))/gm)].map(([, run, short]) => ({
      ...{ page, script: run ?? short! },
    })),
  );
  it.each(lines)("npm run $script (of $page)", ({ script }) => expect(Object.keys(scripts)).toContain(script));
});

describe("TypeScript and JavaScript", () => {
  const runnable = within("ts", "js").filter(({ code }) => !code.includes("fl.server"));
  it.each(runnable)("$page:$line runs", { timeout: 120_000 }, async ({ code }) => {
    const [, file] = /^\/\/ (\S+\.mjs)\n/.exec(code) ?? [];
    // A module is loaded, by the line that names it; here it is at least one
    if (file !== undefined) return void (await import(/* @vite-ignore */ join(folder, file)));
    const inScope = code
      .replaceAll(/^import [^;]*? from "cellfed(\/node)?";\n/gm, "")
      .replaceAll(/"(study|results\/\w+|timings\.csv)"/g, (_, path) => JSON.stringify(join(folder, path)));
    expect(inScope).not.toMatch(/^import /m);
    await runExample(inScope);
  });

  it.each(within("assemblyscript"))("$page:$line is parsed", ({ code }) => {
    const { diagnostics } = ts.transpileModule(code, { reportDiagnostics: true });
    expect(diagnostics!.filter(({ code }) => code !== 1206)).toEqual([]);
  });
});

describe("JSON", () => {
  const read = ({ code }: Block) => JSON.parse(code);
  it.each(within("json"))("$page:$line is what it is meant to be", (block) => {
    const value = read(block);
    if ("gain" in value) importChannel(value);
    else if ("axes" in value) layOutStudy(value);
    else if ("preset" in value || "network" in value) parseConfig(value);
    else expect.fail(`nothing is known of such a file: ${Object.keys(value)}`);
  });
});

const program = (name: string, ...args: string[]): boolean => {
  try {
    execFileSync(name, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

describe("other languages", () => {
  const python = ["/usr/bin/python3", "python3"].find((name) => program(name, "-c", ""));
  it.skipIf(python === undefined).each(within("python"))("Python of $page:$line is parsed", ({ code }) => {
    execFileSync(python!, ["-c", "import ast, sys; ast.parse(sys.stdin.read())"], { input: code });
  });

  const r = program("Rscript", "-e", "0");
  it.skipIf(!r).each(within("r"))("R of $page:$line is parsed", ({ code }) => {
    execFileSync("Rscript", ["-e", "invisible(parse(file('stdin')))"], { input: code });
  });

  it.each(within("sql"))("SQL of $page:$line gives rows", async ({ code }) => {
    const { querySql } = await import("../../src/node.js");
    const { rows } = await querySql(join(folder, "study"), code.replaceAll("'study/", `'${folder}/study/`));
    expect(rows.length).toBeGreaterThan(0);
  });
});
