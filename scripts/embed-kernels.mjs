// Puts the compiled kernels inside JavaScript: base64, the types of the exports, and how records lie in kernel memory.
//
// asc types every export with plain numbers but says in comments what each is. From those come the types here: a `usize`
// is an Address, a class one of the records of assembly/**, everything else a Count, which an address is not. The relaxed
// kernels are some of the others once more: of them there are the names alone.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import ts from "typescript";

const target = process.argv[2] ?? "kernels"; // kernels | kernels-debug | kernels-relaxed
const wasm = readFileSync(`build/${target}.wasm`);
mkdirSync("bindings/generated", { recursive: true });
writeFileSync(
  `bindings/generated/${target}.ts`,
  `// Written by scripts/embed-kernels.mjs from build/${target}.wasm and assembly/; do not edit.
${target === "kernels-relaxed" ? embeddedProducts() : embeddedKernels()}`,
);
console.error(`${target}: ${wasm.length} bytes of WebAssembly`);

function embeddedKernels() {
  return `import type { Address, BlockAddress, Count } from "../address.js";

${embeddedBytes()}
${exportsOf(readFileSync(`build/${target}.d.ts`, "utf8"))}
${blocksOf(readdirSync("assembly", { recursive: true }).filter((path) => path.endsWith(".ts")))}`;
}

function embeddedProducts() {
  checkMemory();
  const names = parsed("assembly/train/products.ts")
    .filter(ts.isExportDeclaration)
    .flatMap((node) => node.exportClause.elements.map(({ name }) => JSON.stringify(name.text)));
  return `import type { Exports } from "./kernels.js";

${embeddedBytes()}
/** The exports, which are some of the other kernels' once more. */
export type Products = Pick<Exports, ${names.join(" | ")}>;
`;
}

function embeddedBytes() {
  return `export const bytes: number = ${wasm.length};
export const base64: string = ${JSON.stringify(wasm.toString("base64"))};
`;
}

/** These kernels come into the memory of others while it is in use: there is no place in it for data of theirs. */
function checkMemory() {
  const start = 8;
  const data = 11;
  const sections = [];
  for (let at = 8; at < wasm.length; ) {
    sections.push(wasm[at++]);
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      length |= (wasm[at] & 127) << shift;
      if (wasm[at++] < 128) break;
    }
    at += length;
  }
  for (const [section, what] of [
    [data, "data (a table or a text)"],
    [start, "code that runs at the start"],
  ]) {
    if (sections.includes(section))
      throw new Error(`${target} has ${what}, and may not: see assembly/train/products.ts`);
  }
}

function parsed(path) {
  return [...ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true).statements];
}

/** The exports' types, from the comments of asc's declarations. */
function exportsOf(declarations) {
  const functions = [...declarations.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*?)\*\/\s*export function (\w+)\(/g)].map(
    ([, comment, name]) => {
      const parameters = [...comment.matchAll(/@param (\w+) `([^`]+)`/g)].map(
        ([, parameter, type]) => `${parameter}: ${typeOf(type)}`,
      );
      const returned = /@returns `([^`]+)`/.exec(comment)?.[1];
      const result = returned === undefined ? "void" : returned === "usize" ? "Address" : "number";
      return `  ${name}(${parameters.join(", ")}): ${result};`;
    },
  );
  const constants = [...declarations.matchAll(/export const (\w+): \{[^}]*get value\(\): number/g)].map(
    ([, name]) => `  readonly ${name}: { readonly value: number };`,
  );
  if (functions.length === 0) throw new Error(`build/${target}.d.ts: no exported function was recognized`);
  return `export interface Exports {\n  /** @internal The published types name nothing of an engine */\n  readonly memory: WebAssembly.Memory;\n${[...constants, ...functions].join("\n")}\n}\n`;
}

function typeOf(type) {
  if (type === "usize") return "Address";
  return type.includes("/") ? `BlockAddress<${type.split("/").at(-1)}>` : "Count";
}

/** Every record (a class without methods, marked @unmanaged): its fields' type, and where each stands, which is what asc does. */
function blocksOf(paths) {
  const sizes = { i32: 4, u32: 4, f32: 4, usize: 4, f64: 8 };
  const statements = paths.sort().flatMap((path) => parsed(`assembly/${path}`));
  const classes = new Map(statements.filter(ts.isClassDeclaration).map((node) => [node.name.text, node]));
  const baseOf = (node) => node.heritageClauses?.[0]?.types[0].expression.getText();

  /** Base's first, as asc lays them out; holes between fields are where two compilers could differ, so there are none. */
  const fieldsOf = (name) => {
    const node = classes.get(name);
    if (node === undefined) throw new Error(`${name} is no record of assembly/`);
    const base = baseOf(node);
    const fields = base === undefined ? [] : [...fieldsOf(base)];
    for (const member of node.members) {
      const type = member.type?.getText();
      const at = fields.reduce((sum, field) => sum + sizes[field.type], 0);
      const where = `${node.getSourceFile().fileName}: ${name}.${member.name?.getText()}`;
      if (!(type in sizes)) throw new Error(`${where}: ${type} is none of ${Object.keys(sizes).join(", ")}`);
      if (at % sizes[type] !== 0) throw new Error(`${where} is not aligned: larger fields come first`);
      fields.push({ name: member.name.getText(), type, at });
    }
    return fields;
  };
  const interfaces = [...classes].map(([name, node]) => {
    const base = baseOf(node);
    const fields = node.members.map(
      (member) =>
        `${docOf(member, "  ")}  ${member.name.getText()}: ${member.type.getText() === "usize" ? "Address" : "Count"};\n`,
    );
    return `${docOf(node)}export interface ${name}${base ? ` extends ${base}` : ""} {\n${fields.join("")}}\n`;
  });
  const layouts = [...classes.keys()].map((name) => {
    const fields = fieldsOf(name);
    const bytes = fields.reduce((sum, field) => sum + sizes[field.type], 0);
    return `  ${name}: { bytes: ${bytes}, fields: [${fields.map((field) => `["${field.name}", "${field.type}", ${field.at}]`).join(", ")}] },\n`;
  });
  return `${interfaces.join("\n")}
${statements.filter(ts.isEnumDeclaration).map(enumOf).join("\n")}
export interface Blocks {\n${[...classes.keys()].map((name) => `  ${name}: ${name};\n`).join("")}}

export const layouts = {\n${layouts.join("")}} as const;
`;
}

/** Names for numbers that both sides use. */
function enumOf(node) {
  let next = 0;
  const members = node.members.map((member) => {
    const value = member.initializer === undefined ? next : Number(member.initializer.getText());
    next = value + 1;
    return `${docOf(member, "  ")}  ${member.name.getText()}: ${value},\n`;
  });
  return `${docOf(node)}export const ${node.name.text} = {\n${members.join("")}} as const;\n`;
}

/** The comment right before a declaration. */
function docOf(node, indent = "") {
  const text = node.getSourceFile().text;
  const comments = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [];
  const doc = comments.filter(({ pos }) => text.startsWith("/**", pos)).at(-1);
  return doc === undefined ? "" : `${indent}${text.slice(doc.pos, doc.end)}\n`;
}
