import { existsSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { exportedNames, functionsOf, isExported, isRecord } from "./functions.js";
import { circles, isReference, parse, place, root, type Source, sources, walk } from "./sources.js";
import { keptViews } from "./views.js";

/**
 * The project's rules about its own source, checked on the syntax tree. A failure names the file, the line and the
 * rule; the rule is changed here or the file is mended, never neither.
 */

/** Which rooms a room may import from, besides itself. Rooms that are not named in a list stand above or beside it. */
const calculation = ["src/network", "src/power", "src/quantizers", "src/training", "src/system"];
const model = ["src/federated", "src/parts", "src/data", ...calculation, "src/optimize", "src/disk", "src/config"];
const below: Record<string, readonly string[]> = {
  web: ["src/index.ts", "src/report", "src/study", ...model],
  "src/cli": ["src/node.ts", "src/index.ts", "src/report", "src/papers", "src/study", ...model],
  "src/node.ts": ["src/index.ts", "src/report", "src/papers", "src/study", ...model],
  "src/index.ts": ["src/report", "src/papers", "src/study", ...model],
  "src/report": ["src/papers", "src/study", ...model],
  "src/papers": ["src/study", ...model],
  "src/study": model,
  "src/federated": model.slice(1),
  "src/parts": model.slice(2),
  "src/data": ["src/disk", "src/config"],
  "src/disk": ["src/config"],
  "src/network": ["src/optimize", "src/config"],
  "src/power": ["src/optimize", "src/config"],
  "src/quantizers": ["src/optimize", "src/config"],
  "src/training": ["src/data", "src/optimize", "src/config"],
  "src/system": ["src/config"],
  "src/optimize": ["src/config"],
  "src/config": [],
  "src/version.ts": [],
  bindings: ["src/config"],
};

/** Open to every room. */
const everywhere = ["bindings", "src/version.ts"];

/** Packages a room may use. The library's rooms use none but those bundled with it. */
const packages: Record<string, readonly string[]> = {
  web: ["@observablehq/plot"],
  "src/cli": ["commander", "cli-progress", "fflate"],
  "src/data": ["tar"],
  "src/disk": ["fflate"],
  "src/report": ["@observablehq/plot", "linkedom", "marked"],
  "src/federated": ["@noble/hashes"],
  "src/parts": ["@noble/hashes", "fastest-levenshtein", "zod"],
  "src/study": ["zod", "piscina", "@duckdb/node-api", "hyparquet-writer", "bullmq", "ioredis"],
  "src/config": ["zod", "fastest-levenshtein"],
  bindings: ["@assemblyscript/loader"],
};

/** Where a Node module may be imported. Everything else runs in any JavaScript engine. */
const nodeAllowed = [
  "src/cli/",
  "src/disk/",
  ...["threads", "worker", "plugins"].map((file) => `src/study/run/${file}.ts`),
  "src/study/run/queue/",
  "src/study/store/",
  "src/data/files.ts",
  "src/data/fetch/",
  "src/node.ts",
];

/** Rooms whose results must not depend on the engine, the clock or the locale. */
const deterministic = [...calculation, "src/data", "src/federated", "src/optimize", "bindings"];

/** Exact by the language's specification, hence equal on every engine; all others of Math are approximations. */
const exactMath = new Set([
  ..."abs ceil clz32 floor fround imul max min round sign sqrt trunc".split(" "),
  ..."E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2".split(" "),
]);

/** Files that measure time and whose other results do not depend on it. */
const clockAllowed = [
  "src/federated/breathe.ts",
  "src/federated/stateKeeper.ts",
  "src/quantizers/proof/benchmark.ts",
  "src/quantizers/proof/fuzz.ts",
];

/** Files that may be longer than 400 lines, each with its reason. */
const longFiles: Record<string, string> = {
  "src/parts/partTypes.ts": "written by its test from the parts' declarations, a block a part",
};

/** Variables that may keep a view of kernel memory, each with its reason. */
const keptViewsAllowed: Record<string, string> = {
  "src/power/coordinate.ts couplings": "nothing takes memory while it sweeps",
  "src/power/coordinate.ts signal": "nothing takes memory while it sweeps",
  "src/power/coordinate.ts demand": "nothing takes memory while it sweeps",
};

/** Functions that may be longer than 80 lines, each with its reason. */
const longFunctions: Record<string, string> = {
  "src/study/run/queue/place.ts queuePlace": "an object's methods over what it holds",
  "src/study/run/queue/worker.ts workForQueue": "what it does with a job, before and after, over what it holds",
  "src/study/store/folder.ts createStore": "an object's methods over what it holds",
  "src/study/store/journals.ts readJournals": "an object's methods over what it holds",
};

/** Functions that may take more than eight arguments, each with its reason. */
const wideFunctions: Record<string, string> = {
  "assembly/matrix/complexMultiply.ts tile": "inlined: its arguments are the loop's registers",
  "assembly/train/gemm.ts gemm": "products inside other kernels, whose sizes and layouts change from block to block",
  "assembly/train/gemmTiles.ts rowTile": "its arguments are the loop's registers",
  "assembly/train/gemmTiles.ts columnTile": "its arguments are the loop's registers",
  "assembly/train/patches.ts fourPatches": "its arguments are the loop's registers",
  "assembly/train/winners.ts convPool2dBackward": "one array more than eight; both gradients share the lists",
  "assembly/train/groupNorm.ts groupNormBackward": "one array more than eight; the gradients share a pass",
  "assembly/train/layerNorm.ts layerNormBackward": "as groupNormBackward",
  "bindings/layers.ts convPool2dBackward": "as its kernel",
  "bindings/layers.ts groupNormBackward": "as its kernel",
  "bindings/layers.ts layerNormBackward": "as its kernel",
};
const maximumFunctionLines = 80;
const maximumParameters = 8;

/** Kernels whose addresses may stand before their numbers: there the workspace is what the function belongs to. */
const workspaceFirst = "assembly/optimize/";

/** Tests may be somewhat longer: a list of cases is read a case at a time. */
const maximumLines = 400;
const maximumTestLines = 500;
const vagueNames = /(^|\/)(utils?|helpers?|common|misc|shared|stuff)(\/|\.ts$)/i;

const code = sources("src", "bindings", "web", "bench");
const kernels = sources("assembly");
const tests = sources("test");

describe("layers", () => {
  it("finds the source", () => {
    expect(code.length).toBeGreaterThan(5);
    expect(code.flatMap((source) => source.imports).length).toBeGreaterThan(5);
  });

  it("has a rule for every room", () => {
    expect(
      [...new Set(code.map((source) => roomOf(source.path)))].filter((room) => room !== "bench" && !(room in below)),
    ).toEqual([]);
  });

  it("imports only what stands below", () => {
    const wrong = importsOf(code).flatMap(({ source, file, line }) => {
      if (file === undefined || roomOf(source.path) === "bench") return [];
      const from = roomOf(source.path);
      const to = roomOf(file);
      const allowed =
        to === from ||
        below[from]!.includes(to) ||
        everywhere.includes(to) ||
        file.endsWith(".css") ||
        file === "package.json";
      return allowed ? [] : [`${source.path}:${line}: ${from} must not import ${to} (${file})`];
    });
    expect(wrong).toEqual([]);
  });

  it("imports files that exist, by their compiled name", () => {
    const wrong = importsOf([...code, ...tests]).flatMap(({ source, file, specifier, line }) => {
      if (file === undefined) return [];
      const exists = existsSync(join(root, file)) || file.startsWith("bindings/generated/") || file.startsWith("dist/");
      const named = /\.(js|mjs|css|json|svg)(\?.*)?$/.test(specifier);
      return exists && named ? [] : [`${source.path}:${line}: "${specifier}"`];
    });
    expect(wrong).toEqual([]);
  });

  it("has no circle of imports, of types neither", () => {
    expect(circles(code)).toEqual([]);
  });

  it("comes to the page by the library's face, where that offers it", () => {
    const byPath = new Map(code.map((source) => [source.path, source]));
    const faces = byPath.get("src/index.ts")!;
    const offered = new Set(faces.tree.statements.flatMap(exportedNames));
    for (const { file } of faces.imports.filter(({ wholeFile }) => wholeFile))
      for (const statement of byPath.get(file!)!.tree.statements)
        if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement))
          offered.add(statement.name.text);
    expect(offered.size).toBeGreaterThan(100);
    const wrong = importsOf(code.filter(({ path }) => roomOf(path) === "web")).flatMap(
      ({ source, file, line, names }) =>
        file === undefined || !file.startsWith("src/") || file === "src/index.ts"
          ? []
          : names.filter((name) => offered.has(name)).map((name) => `${source.path}:${line}: ${name} of ${file}`),
    );
    expect(wrong).toEqual([]);
  });

  it("uses a package only in the rooms that own it", () => {
    const wrong = importsOf(code).flatMap(({ source, file, specifier, line }) => {
      const room = roomOf(source.path);
      if (file !== undefined || isNodeModule(specifier) || room === "bench" || source.path.endsWith(".config.ts"))
        return [];
      const name = specifier
        .split("/")
        .slice(0, specifier.startsWith("@") ? 2 : 1)
        .join("/");
      return (packages[room] ?? []).includes(name) ? [] : [`${source.path}:${line}: ${room} must not use ${name}`];
    });
    expect(wrong).toEqual([]);
  });
});

describe("any JavaScript engine", () => {
  it("imports Node modules only where files are read and commands run", () => {
    const wrong = importsOf(code).filter(
      ({ source, specifier }) =>
        isNodeModule(specifier) &&
        roomOf(source.path) !== "bench" &&
        !nodeAllowed.some((allowed) => source.path.startsWith(allowed)),
    );
    expect(wrong.map(({ source, specifier, line }) => `${source.path}:${line}: ${specifier}`)).toEqual([]);
  });

  it.each(["src/index.ts", ...webEntries()])("%s reaches no Node module, however far", (entry) => {
    const byPath = new Map(code.map((source) => [source.path, source]));
    const reached = new Map<string, string>([[entry, entry]]);
    const wrong: string[] = [];
    for (const [path, trail] of reached) {
      for (const { file, specifier, typeOnly } of byPath.get(path)?.imports ?? []) {
        if (typeOnly) continue;
        if (isNodeModule(specifier)) wrong.push(`${trail} → ${specifier}`);
        if (file !== undefined && !reached.has(file)) reached.set(file, `${trail} → ${file}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("keeps globals that only Node has out of the library", () => {
    const wrong = inRooms(code, [...deterministic, "src/parts", "src/config", "src/report", "src/index.ts"]).flatMap(
      (source) =>
        nodeAllowed.includes(source.path)
          ? []
          : globals(source, ["process", "Buffer", "require", "__dirname", "__filename", "setImmediate"]),
    );
    expect(wrong).toEqual([]);
  });

  it("touches WebAssembly only in bindings/", () => {
    const outside = code.filter((source) => !["bindings", "bench"].includes(roomOf(source.path)));
    const direct = outside.flatMap((source) => globals(source, ["WebAssembly"]));
    const kernelImports = importsOf(outside)
      .filter(({ file }) => file === "bindings/instance.ts" || file?.startsWith("bindings/generated/"))
      .map(({ source, file, line }) => `${source.path}:${line}: ${file}`);
    expect([...direct, ...kernelImports]).toEqual([]);
  });
});

describe("views of kernel memory", () => {
  it("are made where they are used, or by a function that makes them anew", () => {
    const kept = code.flatMap(keptViews);
    expect(kept.filter(({ path, name }) => !(`${path} ${name}` in keptViewsAllowed)).map(({ text }) => text)).toEqual(
      [],
    );
    // An exemption that is no longer needed goes.
    const needed = new Set(kept.map(({ path, name }) => `${path} ${name}`));
    expect(Object.keys(keptViewsAllowed).filter((key) => !needed.has(key))).toEqual([]);
  });

  it("are seen where they are kept", () => {
    const kept = (text: string) =>
      keptViews(parse("src/power/example.ts", `import { f64, viewsOf } from "../../bindings/memory.js"; ${text}`));
    expect(kept("const x = f64(p, 4);")).toHaveLength(1);
    expect(kept("function f() { const x = f64(p, 4).fill(0); return () => x[0]; }")).toHaveLength(1);
    expect(kept("function f() { let x = { a: f64(p, 4) }; return { g: () => x.a[0] }; }")).toHaveLength(1);
    expect(kept("function f() { let x; return { g() { x = f64(p, 4); }, h: () => x[0] }; }")).toHaveLength(1);
    expect(kept("function f(ws) { const { a } = ws.views(); scoped({}, () => a[0]); }")).toHaveLength(1);
    expect(kept("function f() { const x = f64(p, 4); list.forEach((v, i) => { x[i] = v; }); }")).toEqual([]);
    expect(kept("function f() { const x = f64(p, 4).slice(); return () => x[0]; }")).toEqual([]);
    expect(
      kept("function f() { const views = viewsOf(() => ({ a: f64(p, 4) })); return () => views().a[0]; }"),
    ).toEqual([]);
  });
});

describe("the same bits on every engine", () => {
  const rooms = inRooms(code, deterministic);

  it("calls only those functions of Math that are exact by specification", () => {
    expect(rooms.flatMap(inexactMath)).toEqual([]);
  });

  it("raises only constants to constant powers", () => {
    expect(rooms.flatMap(inexactPowers)).toEqual([]);
  });

  it("asks neither the clock nor the locale", () => {
    const members = new Set(["localeCompare", "toLocaleString", "toLocaleLowerCase", "toLocaleUpperCase"]);
    const wrong = rooms.flatMap((source) => {
      const clock = clockAllowed.includes(source.path) ? [] : ["Date", "performance"];
      const found = globals(source, [...clock, "Intl", "crypto"]);
      walk(source, (node) => {
        if (ts.isPropertyAccessExpression(node) && members.has(node.name.text))
          found.push(`${place(source, node)}: ${node.name.text}`);
      });
      return found;
    });
    expect(wrong).toEqual([]);
  });
});

describe("these checks", () => {
  it("see what they forbid", () => {
    const source = parse(
      "src/power/example.ts",
      `import { readFile } from "fs/promises"; export { a } from "../network/a.js";
       const { exp } = Math; const f = Math["log"]; const y = Math.tanh(x) + Math.sqrt(x);
       const z = x ** 3 + 2 ** 32 + (-10) ** -2; y **= 2; const t = Date.now(); const u = { Date: 1 }.Date;
       const w = new Worker(new URL("../cli/worker.js", import.meta.url)); await import("node:os");
       import type { T } from "../study/t.js"; let q: import("../web/x.js").X; const b = await WebAssembly.compile(m);`,
    );
    expect(inexactMath(source)).toHaveLength(3);
    expect(inexactPowers(source)).toHaveLength(2);
    expect(globals(source, ["Date"])).toHaveLength(1);
    expect(globals(source, ["WebAssembly"])).toHaveLength(1);
    expect(source.imports.filter(({ specifier }) => isNodeModule(specifier))).toHaveLength(2);
    expect(source.imports.map(({ file, typeOnly }) => [file, typeOnly])).toEqual([
      [undefined, false],
      ["src/network/a.js", false],
      ["src/cli/worker.js", false],
      [undefined, false],
      ["src/study/t.js", true],
      ["src/web/x.js", true],
    ]);
  });

  it("see circles, of types too", () => {
    const a = parse("src/power/a.js", 'import type { B } from "./b.js"; export type { B };');
    const b = (text: string) => parse("src/power/b.js", text);
    expect(circles([a, b('import { type A } from "./a.js"; export type B = A;')])).toEqual([
      "src/power/a.js → src/power/b.js → src/power/a.js",
    ]);
    expect(circles([a, b("export type B = 1;")])).toEqual([]);
  });
});

describe("files", () => {
  it(`have at most ${maximumLines} lines, tests ${maximumTestLines}`, () => {
    const long = [
      ...[...code, ...kernels].filter((source) => source.lines > maximumLines),
      ...tests.filter((source) => source.lines > maximumTestLines),
    ];
    expect(long.filter(({ path }) => !(path in longFiles)).map(({ path, lines }) => `${path}: ${lines}`)).toEqual([]);
    // An exemption that is no longer needed goes.
    expect(Object.keys(longFiles).filter((path) => !long.some((source) => source.path === path))).toEqual([]);
  });

  it("are named after what they hold", () => {
    expect([...code, ...kernels, ...tests].map(({ path }) => path).filter((path) => vagueNames.test(path))).toEqual([]);
  });

  it("of kernels start with their equation and make no objects", () => {
    const wrong = kernels.flatMap((source) => {
      const found: string[] = [];
      const first = source.tree.statements.find((statement) => !ts.isImportDeclaration(statement));
      const comments = ts.getLeadingCommentRanges(source.tree.text, 0) ?? [];
      const before = first === undefined ? [] : (ts.getLeadingCommentRanges(source.tree.text, first.pos) ?? []);
      if (!source.path.endsWith("/index.ts") && comments.length + before.length === 0) {
        found.push(`${source.path}: no head comment`);
      }
      walk(source, (node) => {
        const makesObjects = ts.isNewExpression(node) || (ts.isClassDeclaration(node) && !isRecord(node));
        if (makesObjects) found.push(`${place(source, node)}: ${node.getText().slice(0, 40)}`);
      });
      return found;
    });
    expect(wrong).toEqual([]);
  });
});

describe("functions", () => {
  const found = [...code, ...kernels]
    .filter(({ path }) => /^(assembly|bindings|src)\//.test(path))
    .flatMap(functionsOf);

  it(`have at most ${maximumFunctionLines} lines`, () => {
    const long = found.filter(({ lines }) => lines > maximumFunctionLines);
    expect(long.filter(({ key }) => !(key in longFunctions)).map(({ key, lines }) => `${key}: ${lines}`)).toEqual([]);
    // An exemption that is no longer needed goes.
    expect(Object.keys(longFunctions).filter((key) => !long.some((one) => one.key === key))).toEqual([]);
  });

  it(`take at most ${maximumParameters} arguments`, () => {
    const wide = found.filter(({ node }) => node.parameters.length > maximumParameters);
    expect(
      wide.filter(({ key }) => !(key in wideFunctions)).map(({ key, node }) => `${key}: ${node.parameters.length}`),
    ).toEqual([]);
    expect(Object.keys(wideFunctions).filter((key) => !wide.some((one) => one.key === key))).toEqual([]);
  });

  it("of kernels that others call take numbers first, then records and addresses", () => {
    const entry = sources("assembly").filter(({ path }) => path.endsWith("/index.ts"));
    const exported = new Set(entry.flatMap(({ tree }) => tree.statements.flatMap(exportedNames)));
    const checked = found.filter(
      ({ path, name, node }) => path.startsWith("assembly/") && isExported(node) && exported.has(name),
    );
    expect(checked.length).toBeGreaterThan(50);
    const wrong = checked.filter(({ path, node }) => {
      if (path.startsWith(workspaceFirst)) return false;
      const places = node.parameters.map(({ type }) => !/^[iuf]\d+$/.test(type!.getText()));
      return places.lastIndexOf(false) > (places.includes(true) ? places.indexOf(true) : places.length);
    });
    expect(wrong.map(({ key }) => key)).toEqual([]);
  });
});

/** "src/network", "web", …; a file directly under src is a room of its own. */
function roomOf(path: string): string {
  const parts = path.split("/");
  return parts[0] === "src" ? parts.slice(0, 2).join("/") : parts[0]!;
}

function inRooms(all: readonly Source[], rooms: readonly string[]): Source[] {
  return all.filter((source) => rooms.includes(roomOf(source.path)));
}

function importsOf(all: readonly Source[]) {
  return all.flatMap((source) => source.imports.map((one) => ({ source, ...one })));
}

function isNodeModule(specifier: string): boolean {
  return specifier.startsWith("node:") || builtinModules.includes(specifier.split("/")[0]!);
}

/** The page's modules that its HTML or another module starts by address. */
function webEntries(): string[] {
  return ["main", "desk", "run", "clientWorker"]
    .map((name) => `web/${name}.ts`)
    .filter((path) => existsSync(join(root, path)));
}

/** Uses of these global names in a file: not properties, declarations or types of the same name. */
function globals(source: Source, names: readonly string[]): string[] {
  const found: string[] = [];
  walk(source, (node) => {
    if (ts.isIdentifier(node) && names.includes(node.text) && isReference(node))
      found.push(`${place(source, node)}: ${node.text}`);
  });
  return found;
}

function inexactMath(source: Source): string[] {
  const found: string[] = [];
  walk(source, (node) => {
    if (!ts.isIdentifier(node) || node.text !== "Math" || !isReference(node)) return;
    const parent = node.parent;
    const name = ts.isPropertyAccessExpression(parent) && parent.expression === node ? parent.name.text : undefined;
    if (name === undefined) found.push(`${place(source, node)}: name the function: Math.…`);
    else if (!exactMath.has(name)) found.push(`${place(source, node)}: Math.${name}; use bindings/math.js`);
  });
  return found;
}

/**
 * The specification leaves x ** n approximate even for whole n, and engines do differ in the last bit: only constants
 * are raised to constants, and 2 (which every engine raises exactly) to anything whole.
 */
function inexactPowers(source: Source): string[] {
  const operators = [ts.SyntaxKind.AsteriskAsteriskToken, ts.SyntaxKind.AsteriskAsteriskEqualsToken];
  const found: string[] = [];
  walk(source, (node) => {
    if (!ts.isBinaryExpression(node) || !operators.includes(node.operatorToken.kind)) return;
    const exact = node.left.getText() === "2" || (isWhole(node.left) && isWhole(node.right));
    if (!exact) found.push(`${place(source, node)}: ${node.getText()}`);
  });
  return found;
}

function isWhole(node: ts.Expression): boolean {
  if (ts.isPrefixUnaryExpression(node)) return isWhole(node.operand);
  if (ts.isParenthesizedExpression(node)) return isWhole(node.expression);
  return ts.isNumericLiteral(node) && Number.isInteger(Number(node.text));
}
