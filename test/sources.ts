import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** The project's own source files, parsed: what the architecture test reads. */

export const root = fileURLToPath(new URL("..", import.meta.url));

export interface Import {
  /** As written */
  specifier: string;
  /** Path of the imported file from the root; undefined for a package or a Node module */
  file: string | undefined;
  /** Erased when compiled */
  typeOnly: boolean;
  /** Those that an import names, as they are called where they come from */
  names: string[];
  /** Of `export * from` */
  wholeFile: boolean;
  line: number;
}

export interface Source {
  /** From the root, with slashes */
  path: string;
  lines: number;
  tree: ts.SourceFile;
  imports: Import[];
}

/** Every .ts file below these folders, in the order of their paths. */
export function sources(...folders: string[]): Source[] {
  return folders.flatMap((folder) => list(folder)).map((path) => parse(path));
}

/** Calls `visit` on every node of the file. */
export function walk(source: Source, visit: (node: ts.Node) => void): void {
  const step = (node: ts.Node) => {
    visit(node);
    ts.forEachChild(node, step);
  };
  step(source.tree);
}

/** "path:line", for messages. */
export function place(source: Source, node: ts.Node): string {
  return `${source.path}:${lineOf(source.tree, node)}`;
}

function list(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .filter((path) => !path.includes("/generated/") && !path.includes("/node_modules/"))
    .sort();
}

/** One file's text, parsed. */
export function parse(path: string, text = readFileSync(join(root, path), "utf8")): Source {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const source: Source = { path, lines: text.trimEnd().split("\n").length, tree, imports: [] };
  walk(source, (node) => {
    const found = importOf(node);
    if (found === undefined) return;
    source.imports.push({ ...found, file: resolve(path, found.specifier), line: lineOf(tree, node) });
  });
  return source;
}

/** import, export … from, import(), typeof import() and new URL("./worker.js", import.meta.url). */
function importOf(node: ts.Node): Pick<Import, "specifier" | "typeOnly" | "names" | "wholeFile"> | undefined {
  const found = specifierOf(node);
  if (found === undefined) return undefined;
  const bindings = ts.isImportDeclaration(node) ? node.importClause?.namedBindings : undefined;
  const elements = bindings !== undefined && ts.isNamedImports(bindings) ? [...bindings.elements] : [];
  return {
    ...found,
    names: elements.map(({ name, propertyName }) => (propertyName ?? name).text),
    wholeFile: ts.isExportDeclaration(node) && node.exportClause === undefined,
  };
}

function specifierOf(node: ts.Node): { specifier: string; typeOnly: boolean } | undefined {
  if (ts.isImportDeclaration(node)) {
    const clause = node.importClause;
    const names = clause?.namedBindings;
    const namesAreTypes =
      clause !== undefined &&
      clause.name === undefined &&
      names !== undefined &&
      ts.isNamedImports(names) &&
      names.elements.length > 0 &&
      names.elements.every((element) => element.isTypeOnly);
    return { ...text(node.moduleSpecifier), typeOnly: clause?.isTypeOnly === true || namesAreTypes };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    return { ...text(node.moduleSpecifier), typeOnly: node.isTypeOnly };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return { ...text(node.argument.literal), typeOnly: true };
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const specifier = node.arguments[0];
    return specifier !== undefined && ts.isStringLiteralLike(specifier)
      ? { ...text(specifier), typeOnly: false }
      : undefined;
  }
  if (ts.isNewExpression(node) && node.expression.getText() === "URL") {
    const [specifier, base] = node.arguments ?? [];
    const isModule =
      specifier !== undefined &&
      ts.isStringLiteralLike(specifier) &&
      /\.[jt]s$/.test(specifier.text) &&
      base?.getText() === "import.meta.url";
    return isModule ? { ...text(specifier), typeOnly: false } : undefined;
  }
  return undefined;
}

function text(node: ts.Node): { specifier: string } {
  return { specifier: (node as ts.StringLiteralLike).text };
}

/** "./x.js" is "./x.ts" before it is compiled; generated files and assets keep the path they have. */
function resolve(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const path = join(dirname(from), specifier.replace(/\?.*$/, "")).replaceAll("\\", "/");
  const typescript = path.replace(/\.js$/, ".ts");
  return existsSync(join(root, typescript)) ? typescript : path;
}

function lineOf(tree: ts.SourceFile, node: ts.Node): number {
  return tree.getLineAndCharacterOfPosition(node.getStart()).line + 1;
}

/** Is it used here, rather than declared, a key or a type? */
export function isReference(node: ts.Identifier): boolean {
  const parent = node.parent;
  const isName = "name" in parent && parent.name === node;
  const isKey = ts.isPropertyAssignment(parent) && parent.name === node;
  const isType = ts.isTypeReferenceNode(parent) || ts.isQualifiedName(parent);
  return !(isKey || isType || (isName && !ts.isShorthandPropertyAssignment(parent)));
}

/** Circles among the imports, those of types alone too: who wants to read one file of a circle has to read all. */
export function circles(all: readonly Source[]): string[] {
  const byPath = new Map(all.map((source) => [source.path, source]));
  const state = new Map<string, "open" | "done">();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    if (state.get(path) === "done") return;
    if (state.get(path) === "open") {
      found.push([...trail.slice(trail.indexOf(path)), path].join(" → "));
      return;
    }
    state.set(path, "open");
    for (const { file } of byPath.get(path)?.imports ?? []) {
      if (file !== undefined && byPath.has(file)) visit(file, [...trail, path]);
    }
    state.set(path, "done");
  };
  for (const { path } of all) visit(path, []);
  return found;
}
