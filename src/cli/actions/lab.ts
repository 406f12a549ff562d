import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { dirname, extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { InputError } from "../../config/errors.js";
import { interruption } from "../terminal/interruption.js";
import { print, say } from "../terminal/output.js";

/** Serves the page until Ctrl-C. */
export async function lab(options: { port: string; host: string; open?: boolean }): Promise<void> {
  const served = await serveLab({ port: parsePort(options.port), host: options.host, signal: interruption });
  print(`${served.url}\n`);
  say("The lab is at this address until Ctrl-C.");
  for (const url of served.elsewhere) say(`On a device in the same network: ${url}`);
  if (options.open) openInBrowser(served.url);
  await served.ended;
}

export interface Lab {
  /** On this machine, with the port that was really taken */
  url: string;
  /** The same from other devices, where the server listens for them */
  elsewhere: string[];
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
  const server = createServer((request, response) => answer(files, options.host, request, response));
  await listen(server, options);
  const ended = new Promise<void>((resolve) => server.once("close", resolve));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  if (options.signal?.aborted) close();
  else options.signal?.addEventListener("abort", close, { once: true });
  const { address, port, family } = server.address() as AddressInfo;
  const everywhere = address === "0.0.0.0" || address === "::";
  const host = everywhere ? "127.0.0.1" : family === "IPv6" ? `[${address}]` : address;
  const elsewhere = everywhere ? ownAddresses().map((one) => `http://${one}:${port}/`) : [];
  return { url: `http://${host}:${port}/`, elsewhere, ended };
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4")
    .map(({ address }) => address);
}

/** As the desktop would; that there is none is no failure, the address has been printed. */
function openInBrowser(url: string): void {
  const [command, ...args]: [string, ...string[]] =
    process.platform === "darwin"
      ? ["open", url]
      : process.platform === "win32"
        ? ["cmd", "/c", "start", "", url]
        : ["xdg-open", url];
  spawn(command, args, { stdio: "ignore", detached: true })
    .on("error", () => say(`No browser could be opened (${command} is missing): open ${url} yourself.`))
    .unref();
}

interface PageFile {
  body: Buffer;
  type: string;
  /** By encoding, where that is smaller */
  encoded?: Readonly<Partial<Record<"br" | "gzip", Buffer>>>;
  etag?: string;
  /** Its name holds its hash: what was received once is never asked for again */
  immutable?: boolean;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/**
 * The page needs nothing from elsewhere, and is allowed nothing. Figures write style attributes. Other pages may frame it:
 * it holds nothing of anybody's and there is nothing to be tricked into.
 */
const headers = {
  "Content-Security-Policy":
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};

function answer(
  files: ReadonlyMap<string, PageFile>,
  listensOn: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const text = (status: number, message: string, more: Record<string, string> = {}) => {
    const body = Buffer.from(`${message}\n`);
    const type = "text/plain; charset=utf-8";
    response.writeHead(status, { ...headers, "Content-Type": type, "Content-Length": body.length, ...more });
    response.end(request.method === "HEAD" ? undefined : body);
  };
  if (!knownHost(request.headers.host, listensOn)) {
    text(421, "this is not the server of that name");
    return;
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    text(405, "only GET and HEAD", { Allow: "GET, HEAD" });
    return;
  }
  const path = (request.url ?? "/").replace(/[?#].*$/, "");
  const file = files.get(path === "/" ? "/index.html" : path);
  if (file === undefined) {
    text(404, "no such page");
    return;
  }
  const { type, etag, encoded = {}, immutable } = file;
  const caching = {
    ...(etag !== undefined && { ETag: etag }),
    "Cache-Control": immutable ? "public, max-age=31536000, immutable" : "no-cache",
    Vary: "Accept-Encoding",
  };
  if (etag !== undefined && request.headers["if-none-match"] === etag) {
    response.writeHead(304, { ...headers, ...caching });
    response.end();
    return;
  }
  const accepted = String(request.headers["accept-encoding"] ?? "").split(/[\s,;]+/);
  const encoding = (["br", "gzip"] as const).find((one) => accepted.includes(one) && encoded[one] !== undefined);
  const body = encoding === undefined ? file.body : encoded[encoding]!;
  const more = { ...caching, ...(encoding && { "Content-Encoding": encoding }) };
  response.writeHead(200, { ...headers, "Content-Type": type, "Content-Length": body.length, ...more });
  response.end(request.method === "HEAD" ? undefined : body);
}

/** A name that somebody else's page had point here is not ours: only addresses, localhost, and the name that was asked for. */
function knownHost(header: string | undefined, listensOn: string): boolean {
  if (header === undefined) return true;
  const name = header.replace(/:\d+$/, "").toLowerCase();
  return name === "localhost" || name === listensOn.toLowerCase() || isIP(name.replace(/^\[|\]$/g, "")) !== 0;
}

function readPage(folder: string): Map<string, PageFile> {
  const files = new Map<string, PageFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = `/${relative(folder, path).split(sep).join("/")}`;
    const body = readFileSync(path);
    files.set(name, {
      body,
      type: types[extname(name)] ?? "application/octet-stream",
      encoded: compressed(body, extname(name)),
      etag: `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`,
      immutable: /^\/assets\/.*-[\w-]{8}\.\w+$/.test(name),
    });
  }
  return files;
}

/** Once for all requests, at a quality that takes milliseconds. */
function compressed(body: Buffer, extension: string): PageFile["encoded"] {
  if (types[extension] === undefined || body.length < 1024) return {};
  const params = { [constants.BROTLI_PARAM_QUALITY]: 7, [constants.BROTLI_PARAM_SIZE_HINT]: body.length };
  return { br: brotliCompressSync(body, { params }), gzip: gzipSync(body, { level: 6 }) };
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
  if (!/^\d+$/.test(text.trim()) || port > 65535) {
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
