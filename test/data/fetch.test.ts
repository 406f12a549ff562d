import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as tar from "tar";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { InputError, RunError } from "../../src/config/errors.js";
import { type RemoteSet, remoteSets } from "../../src/data/fetch/catalog.js";
import { download } from "../../src/data/fetch/download.js";
import { fetchSet } from "../../src/data/fetch/fetch.js";

/** Every way in which a server may misbehave, on this machine: nothing here leaves it. */
type Behavior = (request: IncomingMessage, response: ServerResponse, from: number, count: number) => void;

const content = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * i * 31 + (i >> 7)) % 256));
const sum = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const file = { name: "data.bin", bytes: content.length, sha256: sum(content) };

let behavior: Behavior;
/** Ranges asked for, "" for none, by path. */
let asked: string[] = [];
let server: Server;
let base: string;
const scratch = mkdtempSync(join(tmpdir(), "cellfed-fetch-"));
let folders = 0;
let folder: string;
let path: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.range ?? ""}`.trim());
    if (request.headers["accept-encoding"] !== "identity") asked.push("an encoding");
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    behavior(request, response, from, asked.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(scratch, { recursive: true });
});
afterEach(() => {
  // Whatever happened: a file under the final name is the right one
  if (existsSync(path)) expect(sum(readFileSync(path))).toBe(file.sha256);
});

function fresh(): void {
  asked = [];
  arrived = 0;
  folder = join(scratch, String(folders++));
  mkdirSync(folder);
  path = join(folder, file.name);
}

/** What the client says it has on the disk: what is still under way when a connection breaks is lost. */
let arrived = 0;

const quick = { retryDelay: 1, idleTimeout: 10_000 };
const get = (options: Parameters<typeof download>[3] = {}, urls = [`${base}data.bin`]) =>
  download(urls, file, path, {
    ...quick,
    ...options,
    onProgress(received) {
      arrived = received;
      options.onProgress?.(received);
    },
  });

/** A sound server: ranges, the right length. `bytes` may be other ones. */
const sound =
  (bytes: Buffer = content): Behavior =>
  (_, response, from) => {
    if (from > 0) {
      response.writeHead(206, {
        "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}`,
        "content-length": bytes.length - from,
      });
    } else response.writeHead(200, { "content-length": bytes.length });
    response.end(bytes.subarray(from));
  };

/** Sends so many bytes of what it promised, waits until they have arrived, and hangs up. */
const cutting =
  (most: number, ranges = true): Behavior =>
  (_, response, from) => {
    const start = ranges ? from : 0;
    const head = start > 0 ? { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` } : {};
    response.writeHead(start > 0 ? 206 : 200, { ...head, "content-length": content.length - start });
    response.write(content.subarray(start, start + most));
    const end = Math.min(content.length, start + most);
    const timer = setInterval(() => {
      if (arrived < end) return;
      clearInterval(timer);
      response.destroy();
    }, 1);
  };

async function failure(promise: Promise<unknown>): Promise<Error> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  return error as Error;
}

describe("one file", () => {
  it("arrives, with its progress", async () => {
    fresh();
    behavior = sound();
    const seen: number[] = [];
    await get({ onProgress: (received) => seen.push(received) });
    expect(sum(readFileSync(path))).toBe(file.sha256);
    expect(seen[0]).toBe(0);
    expect(seen.at(-1)).toBe(content.length);
    expect(readdirSync(folder)).toEqual([file.name]);
  });

  it("is resumed where the connection was cut, as often as that brings something", async () => {
    fresh();
    behavior = cutting(40_000); // seven cuts, more than the tries without progress
    await get();
    expect(asked[0]).toBe("/data.bin");
    expect(asked.length).toBeGreaterThanOrEqual(8);
    for (const request of asked.slice(1)) expect(request).toMatch(/^\/data.bin bytes=\d+-$/);
  });

  it("is continued where the server knows no ranges and begins anew", async () => {
    fresh();
    behavior = (request, response, _, count) =>
      (count < 4 ? cutting(count * 70_000, false) : sound())(request, response, 0, count);
    const seen: number[] = [];
    await get({ onProgress: (received) => seen.push(received) });
    expect(asked).toHaveLength(4);
    expect(seen).toEqual([...seen].sort((a, b) => a - b)); // what is there is never thrown away
  });

  it("is given up where every try is cut at the same place, keeping what came; a later call goes on there", async () => {
    fresh();
    behavior = cutting(100_000, false);
    const error = await failure(get());
    expect(error).toBeInstanceOf(RunError);
    expect(error.message).toMatch(
      /cannot fetch data.bin\n.*\n.*100000 of its 300000 bytes are kept in .*data.bin.part/,
    );
    expect(asked.length).toBeLessThan(10);
    expect(existsSync(path)).toBe(false);
    asked = [];
    behavior = sound();
    await get();
    expect(asked).toEqual(["/data.bin bytes=100000-"]);
  });

  it("is refused when its bytes are wrong, and nothing is left", async () => {
    fresh();
    const wrong = Buffer.from(content);
    wrong[1234]! ^= 1;
    behavior = sound(wrong);
    const error = await failure(get());
    expect(error.message).toContain(`wrong bytes: SHA-256 ${sum(wrong)}, expected ${file.sha256}`);
    expect(readdirSync(folder)).toEqual([]);
    expect(asked).toHaveLength(1);
  });

  it("starts over when what was there before turns out to be wrong", async () => {
    fresh();
    writeFileSync(`${path}.part`, Buffer.alloc(5000, 7));
    behavior = sound();
    const trouble: string[] = [];
    await get({ onTrouble: (line) => trouble.push(line) });
    expect(asked).toEqual(["/data.bin bytes=5000-", "/data.bin"]);
    expect(trouble.join()).toMatch(/wrong bytes.*starting over/);
  });

  it("survives a part that is already complete, or longer than the file", async () => {
    fresh();
    writeFileSync(`${path}.part`, content);
    behavior = sound();
    await get();
    expect(asked).toEqual([]);
    fresh();
    writeFileSync(`${path}.part`, Buffer.concat([content, content]));
    await get();
    expect(asked).toEqual(["/data.bin"]);
  });

  it("may not be longer than it is", async () => {
    for (const lie of [content.length + 10, content.length - 10, 5]) {
      fresh();
      behavior = (_, response) => {
        response.writeHead(200, { "content-length": lie });
        response.end(Buffer.concat([content, content]).subarray(0, lie));
      };
      expect((await failure(get())).message).toMatch(new RegExp(`announces ${lie} bytes, expected 300000`));
      expect(readdirSync(folder)).toEqual([]);
    }
    fresh();
    behavior = (_, response) => {
      response.writeHead(200); // no length: in chunks, without end
      const more = () => {
        while (!response.destroyed && response.write(content));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    };
    expect((await failure(get())).message).toMatch(/sends more than the file's 300000 bytes/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("may come without a length", async () => {
    fresh();
    behavior = (_, response) => {
      response.writeHead(200);
      response.write(content.subarray(0, 1000));
      response.end(content.subarray(1000));
    };
    await get();
  });

  it("is not taken from an answer to another question", async () => {
    const answers: [number, Record<string, string | number>, RegExp][] = [
      [206, { "content-range": "bytes 0-9/300000" }, /sends another range/],
      [206, {}, /sends another range/],
      [206, { "content-range": "bytes 5000-299998/299999" }, /has a file of 299999 bytes/],
      [404, {}, /HTTP 404/],
      [200, { "content-encoding": "br" }, /encoded as br/],
    ];
    for (const [status, headers, message] of answers) {
      fresh();
      writeFileSync(`${path}.part`, content.subarray(0, 5000));
      behavior = (_, response) => response.writeHead(status, headers).end("0123456789");
      expect((await failure(get())).message).toMatch(message);
      expect(existsSync(path)).toBe(false);
    }
  });

  it("starts over after HTTP 416, tries again after HTTP 503, in the end not any more", async () => {
    fresh();
    writeFileSync(`${path}.part`, content.subarray(0, 5000));
    behavior = (request, response, from, count) =>
      count < 3 ? response.writeHead(count === 1 ? 416 : 503).end() : sound()(request, response, from, count);
    await get();
    expect(asked).toEqual(["/data.bin bytes=5000-", "/data.bin", "/data.bin"]);
    fresh();
    behavior = (_, response) => response.writeHead(503).end();
    expect((await failure(get())).message).toMatch(/HTTP 503/);
  });

  it("is given up by a server that says nothing, or is not there", async () => {
    fresh();
    behavior = (_, response) => {
      response.writeHead(200, { "content-length": content.length });
      response.write("x");
    };
    expect((await failure(get({ idleTimeout: 60 }))).message).toMatch(/nothing came for 0.06 s/);
    fresh();
    expect((await failure(get({}, ["http://127.0.0.1:9/data.bin"]))).message).toMatch(/ECONNREFUSED|bad port/);
  });

  it("comes from the next source where one fails, continuing what there is", async () => {
    fresh();
    behavior = (request, response, from, count) => {
      if (request.url === "/none/data.bin") response.writeHead(404).end();
      else if (request.url === "/cut/data.bin") cutting(50_000, false)(request, response, from, count);
      else sound()(request, response, from, count);
    };
    await get(
      {},
      ["none", "cut", "good"].map((place) => `${base}${place}/data.bin`),
    );
    expect(asked[0]).toBe("/none/data.bin");
    expect(asked.at(-1)).toBe("/good/data.bin bytes=50000-");
  });

  it("stops when told to and keeps what came", async () => {
    fresh();
    behavior = (_, response) => {
      response.writeHead(200, { "content-length": content.length });
      response.write(content.subarray(0, 70_000));
    };
    const controller = new AbortController();
    const promise = get({
      signal: controller.signal,
      onProgress: (received) => received >= 70_000 && controller.abort(),
    });
    expect((await failure(promise)).name).toBe("AbortError");
    expect(readFileSync(`${path}.part`)).toEqual(content.subarray(0, 70_000));
  });

  it("says so where it cannot be written", async () => {
    fresh();
    behavior = sound();
    const error = await failure(download([`${base}data.bin`], file, join(folder, "none", "x"), quick));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toMatch(/cannot be written: ENOENT/);
  });
});

describe("a set of files", () => {
  const small = Buffer.from("labels");
  const set = (): RemoteSet => ({
    name: "mnist",
    description: "",
    sources: [base],
    folder: "mnist",
    files: [file, { name: "labels.bin", bytes: small.length, sha256: sum(small) }],
  });
  const serve: Behavior = (request, response, from, count) =>
    sound(request.url!.endsWith("labels.bin") ? small : content)(request, response, from, count);

  it("gets its folder, is left alone when it is there, and is mended where a file is missing", async () => {
    fresh();
    behavior = serve;
    const root = join(folder, "a", "b");
    const first = await fetchSet(set(), root, quick);
    expect(first.folder).toBe(join(root, "mnist"));
    expect(first.files.map((f) => f.status)).toEqual(["fetched", "fetched"]);
    asked = [];
    rmSync(join(root, "mnist", "labels.bin"));
    const second = await fetchSet(set(), root, quick);
    expect(second.files.map((f) => f.status)).toEqual(["already there", "fetched"]);
    expect(asked).toEqual(["/labels.bin"]);
  });

  it("does not touch other files of that name unless told to", async () => {
    fresh();
    behavior = serve;
    mkdirSync(join(folder, "mnist"));
    writeFileSync(join(folder, "mnist", "labels.bin"), "mine!!");
    const error = await failure(fetchSet(set(), folder, quick));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toMatch(/labels.bin: is there and is not the published file; --force/);
    expect(readFileSync(join(folder, "mnist", "labels.bin"), "utf8")).toBe("mine!!");
    await fetchSet(set(), folder, { ...quick, force: true });
    expect(readFileSync(join(folder, "mnist", "labels.bin"), "utf8")).toBe("labels");
  });

  it("comes from a mirror", async () => {
    fresh();
    behavior = serve;
    await fetchSet({ ...set(), sources: ["http://127.0.0.1:9/"] }, folder, { ...quick, mirror: `${base}some/where` });
    expect(asked).toEqual(["/some/where/data.bin", "/some/where/labels.bin"]);
    for (const mirror of ["nonsense", "ftp://x.org", "file:///etc"]) {
      expect((await failure(fetchSet(set(), folder, { mirror }))).message).toMatch(/^--mirror: .*http or https/);
    }
  });

  it("leaves no folders where nothing came, but those that were there", async () => {
    fresh();
    behavior = (_request, response) => response.writeHead(404).end();
    await failure(fetchSet(set(), join(folder, "a", "b"), quick));
    expect(readdirSync(folder)).toEqual([]);
    mkdirSync(join(folder, "a", "b"), { recursive: true });
    await failure(fetchSet(set(), join(folder, "a", "b"), quick));
    expect(readdirSync(join(folder, "a", "b"))).toEqual([]);
  });

  it("says so where the folder cannot be made", async () => {
    fresh();
    writeFileSync(join(folder, "taken"), "");
    expect((await failure(fetchSet(set(), join(folder, "taken"), quick))).message).toMatch(/^--out: cannot write to/);
    expect((await failure(fetchSet(set(), join(folder, "taken", "x"), quick))).message).toMatch(/^--out:/);
  });
});

describe("an archive", () => {
  /** A .tar.gz made of these files, hostile ones too. */
  function packed(change: (root: string) => void = () => {}): Buffer {
    const root = mkdtempSync(join(scratch, "pack-"));
    mkdirSync(join(root, "cifar-10-batches-bin"));
    writeFileSync(join(root, "cifar-10-batches-bin", "data_batch_1.bin"), Buffer.alloc(3073, 1));
    writeFileSync(join(root, "cifar-10-batches-bin", "batches.meta.txt"), "airplane\n");
    writeFileSync(join(root, "cifar-10-batches-bin", "readme.html"), "not wanted");
    change(root);
    const archive = join(root, "archive.tar");
    tar.create({ file: archive, cwd: root, sync: true, preservePaths: true }, readdirSync(root));
    return gzipSync(readFileSync(archive));
  }
  const setOf = (bytes: Buffer): RemoteSet => ({
    name: "cifar10",
    description: "",
    sources: [base],
    folder: "cifar-10-batches-bin",
    files: [{ name: "cifar-10-binary.tar.gz", bytes: bytes.length, sha256: sum(bytes) }],
    archive: [{ name: "data_batch_1.bin", bytes: 3073 }, { name: "batches.meta.txt" }],
  });

  it("is unpacked in one step, only the files that belong to the set, and dropped", async () => {
    fresh();
    const bytes = packed((root) => {
      symlinkSync("/etc/passwd", join(root, "cifar-10-batches-bin", "link"));
      writeFileSync(join(root, "stray"), "stray");
    });
    behavior = sound(bytes);
    const done = await fetchSet(setOf(bytes), folder, quick);
    expect(done.files[0]!.status).toBe("fetched");
    expect(readdirSync(folder)).toEqual(["cifar-10-batches-bin"]);
    expect(readdirSync(done.folder).sort()).toEqual(["SHA256SUMS", "batches.meta.txt", "data_batch_1.bin"]);
    expect(readFileSync(join(done.folder, "SHA256SUMS"), "utf8")).toBe(
      `${sum(Buffer.alloc(3073, 1))}  data_batch_1.bin\n${sum(Buffer.from("airplane\n"))}  batches.meta.txt\n`,
    );
    asked = [];
    expect((await fetchSet(setOf(bytes), folder, quick)).files[0]!.status).toBe("already there");
    expect(asked).toEqual([]);
    // Right in size, but no longer what was unpacked
    writeFileSync(join(done.folder, "data_batch_1.bin"), Buffer.alloc(3073, 2));
    expect((await failure(fetchSet(setOf(bytes), folder, quick))).message).toMatch(/does not hold the published files/);
    await fetchSet(setOf(bytes), folder, { ...quick, force: true });
    expect(readFileSync(join(done.folder, "data_batch_1.bin"))).toEqual(Buffer.alloc(3073, 1));
  });

  it("leaves a folder that holds something else", async () => {
    fresh();
    const bytes = packed();
    behavior = sound(bytes);
    mkdirSync(join(folder, "cifar-10-batches-bin"));
    writeFileSync(join(folder, "cifar-10-batches-bin", "data_batch_1.bin"), "mine");
    expect((await failure(fetchSet(setOf(bytes), folder, quick))).message).toMatch(/does not hold the published files/);
    expect(asked).toEqual([]);
    await fetchSet(setOf(bytes), folder, { ...quick, force: true });
    expect(readFileSync(join(folder, "cifar-10-batches-bin", "data_batch_1.bin"))).toHaveLength(3073);
  });

  it("is refused when it lacks a file, has one of another size, or a link in its place; nothing is left half done", async () => {
    const changes: ((inside: string) => void)[] = [
      (inside) => rmSync(join(inside, "batches.meta.txt")),
      (inside) => writeFileSync(join(inside, "data_batch_1.bin"), Buffer.alloc(3072)),
      (inside) => writeFileSync(join(inside, "batches.meta.txt"), Buffer.alloc(1 << 17)),
      (inside) => {
        rmSync(join(inside, "batches.meta.txt"));
        symlinkSync("/etc/passwd", join(inside, "batches.meta.txt"));
      },
    ];
    for (const change of changes) {
      fresh();
      const bytes = packed((root) => change(join(root, "cifar-10-batches-bin")));
      behavior = sound(bytes);
      expect((await failure(fetchSet(setOf(bytes), folder, quick))).message).toMatch(
        /does not hold the files of cifar10/,
      );
      expect(readdirSync(folder)).toEqual(["cifar-10-binary.tar.gz"]);
    }
  });
});

it("knows sums, sizes and places of every set", () => {
  for (const set of remoteSets) {
    for (const source of set.sources) expect(source).toMatch(/^https?:\/\/.*\/$/);
    for (const { bytes, sha256 } of set.files) {
      expect(bytes).toBeGreaterThan(1000);
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(set.archive === undefined || set.files.length === 1).toBe(true);
  }
  const sums = remoteSets.flatMap((set) => set.files.map((f) => f.sha256));
  expect(new Set(sums).size).toBe(10);
});
