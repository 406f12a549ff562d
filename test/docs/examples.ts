import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { expect } from "vitest";
import * as library from "../../src/index.js";
import * as node from "../../src/node.js";
import { type Source, walk } from "../sources.js";

/** An exported function, what is said of it and the examples of its use. */
export interface Documented {
  name: string;
  file: string;
  about: string;
  examples: readonly string[];
}

/** Both entries' functions (no classes), each where it is declared. */
export function documentedFunctions(files: readonly Source[]): Documented[] {
  const exported = Object.entries({ ...library, ...node }).filter(
    ([, value]) => typeof value === "function" && !(value.prototype instanceof Error),
  );
  const found = new Map<string, Documented>(
    exported.map(([name]) => [name, { name, file: "", about: "", examples: [] }]),
  );
  for (const source of files) {
    walk(source, (node) => {
      if (!ts.isFunctionDeclaration(node) || node.modifiers?.[0]?.kind !== ts.SyntaxKind.ExportKeyword) return;
      const before = found.get(node.name?.text ?? "");
      if (before === undefined) return;
      const comments = ts.getJSDocCommentsAndTags(node);
      const about = comments.map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? "").join("\n");
      const examples = ts
        .getJSDocTags(node)
        .filter(({ tagName }) => tagName.text === "example")
        .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? "");
      // A function of another file that is only called the same has no example
      if (before.examples.length === 0)
        found.set(before.name, { name: before.name, file: source.path, about, examples });
    });
  }
  return [...found.values()];
}

const names = Object.keys({ ...library, ...node });
const values = Object.values({ ...library, ...node });

/**
 * Runs TypeScript with everything that both entries export in scope, and `folder`, which goes again. A line that ends
 * in `; // → value` is compared: texts as they are, anything else as JSON.
 * @returns the lines that it printed
 */
export async function runExample(code: string): Promise<string[]> {
  const compared = code.replace(/^(\s*)(.+);\s*\/\/ → (.*)$/gm, (_, indent, expression, value) => {
    return `${indent}check(${expression}, ${JSON.stringify(value)});`;
  });
  const { outputText } = ts.transpileModule(compared, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  const check = (value: unknown, said: string) => {
    const plain = ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>) : value;
    expect(typeof plain === "string" ? plain : JSON.stringify(plain)).toBe(said);
  };
  const lines: string[] = [];
  const console = {
    log: (...words: unknown[]) => void lines.push(words.join(" ")),
    table: (rows: readonly object[]) => void lines.push(...rows.map((row) => JSON.stringify(row))),
  };
  const folder = mkdtempSync(join(tmpdir(), "cellfed-example-"));
  const run = new AsyncFunction("check", "console", "folder", ...names, `{${outputText}}`);
  try {
    await run(check, console, folder, ...values);
    return lines;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const AsyncFunction = (async () => {}).constructor as new (
  ...source: string[]
) => (...given: unknown[]) => Promise<void>;
