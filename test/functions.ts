import ts from "typescript";
import { type Source, walk } from "./sources.js";

/** Functions, exports and records in the syntax: what rules of the architecture test are about. */

type FunctionNode = ts.SignatureDeclaration & { body: ts.Node };

/** Every function with a body; its key is its file and name. */
export function functionsOf(
  source: Source,
): { path: string; name: string; key: string; lines: number; node: FunctionNode }[] {
  const found: ReturnType<typeof functionsOf> = [];
  const lineAt = (position: number) => source.tree.getLineAndCharacterOfPosition(position).line;
  walk(source, (node) => {
    if (!ts.isFunctionLike(node) || !("body" in node) || node.body === undefined) return;
    const named = node.name ?? (node.parent as ts.VariableDeclaration).name;
    const name = named?.getText() ?? "(unnamed)";
    const lines = lineAt(node.end) - lineAt(node.getStart()) + 1;
    found.push({ path: source.path, name, key: `${source.path} ${name}`, lines, node: node as FunctionNode });
  });
  return found;
}

export function isExported(node: ts.Node): boolean {
  return (
    ts.canHaveModifiers(node) &&
    ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true
  );
}

/** The names that an index file hands on. */
export function exportedNames(statement: ts.Statement): string[] {
  if (!ts.isExportDeclaration(statement) || statement.exportClause === undefined) return [];
  return ts.isNamedExports(statement.exportClause) ? statement.exportClause.elements.map(({ name }) => name.text) : [];
}

/** A class that only says how fields lie in memory. */
export function isRecord(node: ts.ClassDeclaration): boolean {
  const unmanaged = ts.getDecorators(node)?.some((decorator) => decorator.expression.getText() === "unmanaged");
  return unmanaged === true && node.members.every((member) => ts.isPropertyDeclaration(member));
}
