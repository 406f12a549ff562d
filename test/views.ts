import ts from "typescript";
import { isReference, place, type Source, walk } from "./sources.js";

/** Finds views of kernel memory that are kept where it may have grown since: a rule of the architecture test. */

/** What bindings/memory.ts makes views with. */
const accessors = new Set(["f32", "f64", "i32", "u32", "u8", "dataView"]);

/** Functions that call what they are given before they return, and do nothing else that could allocate. */
const immediate = new Set([
  "forEach",
  "map",
  "flatMap",
  "filter",
  "reduce",
  "some",
  "every",
  "find",
  "findIndex",
  "from",
]);

/**
 * Variables that keep a view of kernel memory beyond the function that made it: at the top of a file, or used in a
 * function inside (but for those that array methods call at once), where the memory may have grown since. A function
 * called `views` is the accessor that makes them anew.
 */
export function keptViews(source: Source): { path: string; name: string; text: string }[] {
  const imported = new Set<string>();
  walk(source, (node) => {
    if (ts.isImportSpecifier(node) && accessors.has((node.propertyName ?? node.name).text))
      imported.add(node.name.text);
  });
  if (source.path === "bindings/memory.ts") return [];
  const isView = (value: ts.Expression): boolean => {
    if (ts.isObjectLiteralExpression(value)) {
      return value.properties.some((property) => ts.isPropertyAssignment(property) && isView(property.initializer));
    }
    if (ts.isArrayLiteralExpression(value)) return value.elements.some(isView);
    if (!ts.isCallExpression(value)) return false;
    const callee = value.expression;
    if (ts.isIdentifier(callee)) return imported.has(callee.text) || callee.text === "views";
    if (!ts.isPropertyAccessExpression(callee)) return false;
    return (
      callee.name.text === "views" || (["fill", "subarray"].includes(callee.name.text) && isView(callee.expression))
    );
  };
  const found = new Map<string, string>();
  const keep = (name: ts.Identifier, home: ts.Node) => {
    const top = ts.isSourceFile(home);
    let inside = false;
    const look = (node: ts.Node) => {
      if (ts.isIdentifier(node) && node.text === name.text && node !== name && isReference(node)) {
        inside ||= functionOf(node) !== home;
      }
      ts.forEachChild(node, look);
    };
    look(home);
    if (top || inside) found.set(name.text, `${place(source, name)}: ${name.text} keeps a view of kernel memory`);
  };
  walk(source, (node) => {
    if (ts.isVariableDeclaration(node) && node.initializer !== undefined && isView(node.initializer)) {
      for (const name of namesOf(node.name)) keep(name, functionOf(node));
    }
    const assigned =
      ts.isBinaryExpression(node) &&
      node.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
      ts.isIdentifier(node.left);
    if (assigned && isView(node.right) && functionName(functionOf(node)) !== "views") {
      const declared = declarationOf(node.left as ts.Identifier);
      if (declared !== undefined) keep(declared, functionOf(declared));
    }
  });
  return [...found].map(([name, text]) => ({ path: source.path, name, text }));
}

/** The function that a node runs in, or the file; one that an array method calls at once counts as its surroundings. */
function functionOf(node: ts.Node): ts.Node {
  for (let at = node.parent; at !== undefined; at = at.parent) {
    if (ts.isSourceFile(at)) return at;
    if (!ts.isFunctionLike(at)) continue;
    const call = at.parent;
    const atOnce =
      ts.isCallExpression(call) &&
      ts.isPropertyAccessExpression(call.expression) &&
      immediate.has(call.expression.name.text);
    if (!atOnce) return at;
  }
  return node.getSourceFile();
}

function functionName(node: ts.Node): string | undefined {
  const named =
    ts.isFunctionLike(node) && node.name !== undefined ? node.name : (node.parent as ts.VariableDeclaration)?.name;
  return named?.getText();
}

function namesOf(name: ts.BindingName): ts.Identifier[] {
  if (ts.isIdentifier(name)) return [name];
  return name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : namesOf(element.name)));
}

/** Where a variable of this name is declared, looking outwards. */
function declarationOf(use: ts.Identifier): ts.Identifier | undefined {
  for (let scope: ts.Node = use.parent; scope !== undefined; scope = scope.parent) {
    if (!ts.isSourceFile(scope) && !ts.isFunctionLike(scope)) continue;
    let found: ts.Identifier | undefined;
    const look = (node: ts.Node) => {
      if (ts.isVariableDeclaration(node)) found ??= namesOf(node.name).find((name) => name.text === use.text);
      if (!ts.isFunctionLike(node)) ts.forEachChild(node, look);
    };
    ts.forEachChild(scope, look);
    if (found !== undefined) return found;
  }
  return undefined;
}
