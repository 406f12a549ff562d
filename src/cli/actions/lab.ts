import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { InputError } from "../../config/errors.js";
import { interruption } from "../terminal/interruption.js";
import { print, say } from "../terminal/output.js";

/** Serves the page until Ctrl-C. */
export async function lab(options: { port: string; host: string }): Promise<void> {
  const { url, ended } = await serveLab({ port: parsePort(options.port), host: options.host, signal: interruption });
  print(`${url}\n`);
  say("The lab is at this address until Ctrl-C.");
  await ended;
}

export interface Lab {
  /** With the port that was really taken */
  url: string;
  /** Resolves when the server has closed */
  ended: Promise<void>;
}

/**
 * Starts serving the built page. The files are read once and answered from memory: no request reaches the file system.
 * @param options.folder the built page, when it is not the package's own
 * @param options.signal closes the server and its connections
 * @throws InputError when the address cannot be listened on
 */
export async function serveLab(options: {
  port: number;
  host: string;
  folder?: string;
  signal?: AbortSignal;
}): Promise<Lab> {
  const files = readPage(options.folder ?? pageFolder());
  const server = createServer((request, response) => answer(files, request, response));
  await listen(server, options);
  const ended = new Promise<void>((resolve) => server.once("close", resolve));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  if (options.signal?.aborted) close();
  else options.signal?.addEventListener("abort", close, { once: true });
  const { address, port, family } = server.address() as AddressInfo;
  const host = family === "IPv6" ? `[${address}]` : address;
  return { url: `http://${host}:${port}/`, ended };
}

interface PageFile {
  body: Buffer;
  type: string;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/** The page needs nothing from elsewhere, and is allowed nothing. Plot writes style attributes. */
const headers = {
  "Content-Security-Policy":
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cache-Control": "no-cache",
};

function answer(files: ReadonlyMap<string, PageFile>, request: IncomingMessage, response: ServerResponse): void {
  const send = (status: number, { body, type }: PageFile, more: Record<string, string> = {}) => {
    response.writeHead(status, { ...headers, "Content-Type": type, "Content-Length": body.length, ...more });
    response.end(request.method === "HEAD" ? undefined : body);
  };
  const text = (message: string): PageFile => ({
    body: Buffer.from(`${message}\n`),
    type: "text/plain; charset=utf-8",
  });
  if (request.method !== "GET" && request.method !== "HEAD") {
    send(405, text("only GET and HEAD"), { Allow: "GET, HEAD" });
    return;
  }
  const path = (request.url ?? "/").replace(/[?#].*$/, "");
  const file = files.get(path === "/" ? "/index.html" : path);
  if (file === undefined) send(404, text("no such page"));
  else send(200, file);
}

function readPage(folder: string): Map<string, PageFile> {
  const files = new Map<string, PageFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = `/${relative(folder, path).split(sep).join("/")}`;
    files.set(name, { body: readFileSync(path), type: types[extname(name)] ?? "application/octet-stream" });
  }
  return files;
}

/** dist/web of the package this file belongs to, wherever the bundler has put the file. */
function pageFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const page = join(folder, "dist", "web");
    if (statSync(join(page, "index.html"), { throwIfNoEntry: false })?.isFile()) return page;
    if (folder === dirname(folder)) throw new Error("the lab's page has not been built: npm run build makes it");
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (text.trim() === "" || !Number.isInteger(port) || port < 0 || port > 65535) {
    throw new InputError("--port", `"${text}" is not a port (allowed: 0 to 65535, 0 for any that is free)`);
  }
  return port;
}

function listen(server: Server, { port, host }: { port: number; host: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(refusal(error, port, host)));
    server.listen(port, host, resolve);
  });
}

function refusal(error: NodeJS.ErrnoException, port: number, host: string): Error {
  switch (error.code) {
    case "EADDRINUSE":
      return new InputError("--port", `${port} is in use on ${host}; give another one, or 0 for any that is free`);
    case "EACCES":
      return new InputError("--port", `${port} may not be listened on by this user; give one above 1023`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EINVAL":
      return new InputError("--host", `"${host}" is no address of this machine (127.0.0.1 is this machine alone)`);
    default:
      return error;
  }
}
