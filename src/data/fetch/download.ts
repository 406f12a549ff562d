import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { InputError, RunError } from "../../config/errors.js";
import type { RemoteFile } from "./catalog.js";

export interface DownloadOptions {
  signal?: AbortSignal;
  /** Bytes that are on the disk so far */
  onProgress?: (received: number) => void;
  /** What went wrong and is being mended, one line each */
  onTrouble?: (line: string) => void;
  /** A connection that sends nothing for so long is given up, ms */
  idleTimeout?: number;
  /** Before the first new try after one without progress, ms; doubles with each */
  retryDelay?: number;
}

/** Tries at one source that bring nothing new, one after the other, and tries there at all. */
const fruitlessTries = 4;
const mostTries = 100;

/**
 * Fetches one file whose size and SHA-256 are known.
 *
 * It grows as `PATH.part`, which a later call, of this process or of another, continues by a Range request;
 * only when it is complete and its sum is right does it get its name, in one step. So `path` is either absent or right.
 * Cut connections are resumed, at the next source if need be; a source that sends other bytes, too many, or announces
 * another length is left for the next one.
 *
 * @param urls where it is to be had, in the order of preference
 * @param path where it shall be; its folder exists
 * @throws RunError when no source gives it, with the reason of each; InputError where it cannot be written
 */
export async function download(
  urls: readonly string[],
  file: RemoteFile,
  path: string,
  options: DownloadOptions = {},
): Promise<void> {
  const part = `${path}.part`;
  const failures: string[] = [];
  for (const [i, url] of urls.entries()) {
    const reason = await fromSource(url, file, part, options);
    if (reason === undefined) {
      await onDisk(path, () => rename(part, path));
      return;
    }
    failures.push(`${url}: ${reason}`);
    if (i + 1 < urls.length) options.onTrouble?.(`${url}: ${reason}; trying the next source`);
  }
  const received = await sizeOf(part);
  if (received === 0) await rm(part, { force: true });
  throw new RunError(
    `cannot fetch ${file.name}\n  ${failures.join("\n  ")}` +
      (received > 0
        ? `\n  ${received} of its ${file.bytes} bytes are kept in ${part}: the same command continues there`
        : ""),
  );
}

/** SHA-256 of a file, in hexadecimal. */
export async function sha256Of(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { signal, highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** @returns undefined when `part` is complete and right, or why this source is no use */
async function fromSource(
  url: string,
  file: RemoteFile,
  part: string,
  options: DownloadOptions,
): Promise<string | undefined> {
  const { signal, onTrouble, retryDelay = 1000 } = options;
  let best = await sizeOf(part);
  let fruitless = 0;
  for (let tries = 0; tries < mostTries; tries++) {
    signal?.throwIfAborted();
    const resumed = (await sizeOf(part)) > 0;
    const outcome = await attempt(url, file, part, options);
    if (outcome.kind === "useless") return outcome.reason;
    if (outcome.kind === "complete") {
      const sum = await sha256Of(part, signal);
      if (sum === file.sha256) return undefined;
      await rm(part, { force: true });
      const reason = `wrong bytes: SHA-256 ${sum}, expected ${file.sha256}`;
      // The first part may have come from elsewhere: only what this source sent in one piece speaks against it.
      if (!resumed) return reason;
      onTrouble?.(`${url}: ${reason}; starting over`);
      best = 0;
      continue;
    }
    const now = await sizeOf(part);
    fruitless = now > best ? 0 : fruitless + 1;
    best = Math.max(best, now);
    if (fruitless >= fruitlessTries) return outcome.reason;
    onTrouble?.(`${url}: ${outcome.reason}; trying again`);
    if (fruitless > 0) await pause(retryDelay * 2 ** (fruitless - 1), signal);
  }
  return `the connection was lost ${mostTries} times`;
}

type Outcome = { kind: "complete" } | { kind: "again" | "useless"; reason: string };
const again = (reason: string): Outcome => ({ kind: "again", reason });
const useless = (reason: string): Outcome => ({ kind: "useless", reason });

/** One request, from where `part` ends. */
async function attempt(url: string, file: RemoteFile, part: string, options: DownloadOptions): Promise<Outcome> {
  const from = await sizeOf(part);
  if (from === file.bytes) return { kind: "complete" };
  if (from > file.bytes) {
    await rm(part, { force: true });
    return again(`${part} was longer than the file`);
  }
  const { signal, idleTimeout = 30_000 } = options;
  const controller = new AbortController();
  const stop = () => controller.abort();
  signal?.addEventListener("abort", stop, { once: true });
  let timer = setTimeout(stop, idleTimeout);
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(stop, idleTimeout);
  };
  let handle: FileHandle | undefined;
  try {
    const response = await fetch(url, {
      // What is summed up is the file, not what a server makes of it on the way; with a range, fetch says so itself
      headers: from > 0 ? { range: `bytes=${from}-` } : { "accept-encoding": "identity" },
      signal: controller.signal,
    });
    alive();
    const answer = judge(response, from, file);
    if ("kind" in answer) {
      if (response.status === 416) await rm(part, { force: true });
      return answer;
    }
    let position = answer.start;
    handle = await onDisk(part, () => open(part, "a"));
    options.onProgress?.(from);
    if (response.body !== null) {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        alive();
        const known = Math.max(0, from - position); // a server without ranges repeats what is there
        position += chunk.length;
        if (position > file.bytes) {
          await handle.truncate(0);
          return useless(`sends more than the file's ${file.bytes} bytes`);
        }
        if (known >= chunk.length) continue;
        await onDisk(part, () => handle!.appendFile(chunk.subarray(known)));
        options.onProgress?.(position);
      }
    }
    if (position < file.bytes) return again(`the connection ended after ${position} of ${file.bytes} bytes`);
    await onDisk(part, () => handle!.sync());
    return { kind: "complete" };
  } catch (error) {
    if (error instanceof InputError || error instanceof RunError) throw error;
    signal?.throwIfAborted();
    if (controller.signal.aborted) return again(`nothing came for ${idleTimeout / 1000} s`);
    return again(networkReason(error));
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
    controller.abort(); // gives up what is still open
    await handle?.close();
  }
}

/** Where in the file the answer's bytes begin, or why it is not what was asked for. */
function judge(response: Response, from: number, file: RemoteFile): { start: number } | Outcome {
  const { status } = response;
  if (status === 416) return again("cannot continue there (HTTP 416)");
  if (status === 408 || status === 429 || status >= 500) return again(`HTTP ${status} ${response.statusText}`.trim());
  if (status !== 200 && status !== 206) return useless(`HTTP ${status} ${response.statusText}`.trim());
  const encoding = response.headers.get("content-encoding") ?? "identity";
  if (encoding !== "identity") return useless(`sends the file encoded as ${encoding}`);
  let start = 0;
  if (status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get("content-range") ?? "");
    start = Number(range?.[1]);
    if (start !== from) return useless(`sends another range than the one asked for (${from}-)`);
    if (range![2] !== "*" && Number(range![2]) !== file.bytes) {
      return useless(`has a file of ${range![2]} bytes, expected ${file.bytes}`);
    }
  }
  const announced = response.headers.get("content-length");
  if (announced !== null && Number(announced) !== file.bytes - start) {
    return useless(`announces ${announced} bytes, expected ${file.bytes - start}`);
  }
  return { start };
}

function networkReason(error: unknown): string {
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  return cause?.code ?? cause?.message ?? (error as Error).message;
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

async function onDisk<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOSPC" || code === "EDQUOT") throw new RunError(`${path}: the disk is full`, {}, { cause });
    throw new InputError(path, `cannot be written: ${message}`, { cause });
  }
}

function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener("abort", done, { once: true });
  });
}
