import { access, constants, mkdtemp, readFile, rename, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { InputError, RunError } from "../../config/errors.js";
import { makeFolder } from "../../disk/folders.js";
import type { RemoteFile, RemoteSet } from "./catalog.js";
import { type DownloadOptions, download, sha256Of } from "./download.js";

export interface FetchOptions extends Omit<DownloadOptions, "onProgress"> {
  /** A base address to take the files from instead of the set's own sources */
  mirror?: string;
  /** Replace files that are there and differ */
  force?: boolean;
  onProgress?: (file: RemoteFile, received: number) => void;
}

export interface Fetched {
  name: string;
  /** What to give as `--data-dir` is the folder above */
  folder: string;
  files: { name: string; bytes: number; sha256: string; status: "fetched" | "already there" }[];
}

/** A text in an archive is never longer. */
const longestText = 1 << 16;

/**
 * Fetches a data set into a folder, so that `--data-dir` finds it there. What is already there and right is left as
 * it is; what was begun is continued.
 *
 * @param root folder for data sets, made if need be; the set gets its own below
 * @throws InputError a folder that cannot be written, files in the way that are not the set's own (without `force`);
 * RunError when no source gives a file
 */
export async function fetchSet(set: RemoteSet, root: string, options: FetchOptions = {}): Promise<Fetched> {
  const sources = options.mirror === undefined ? set.sources : [baseAddress(options.mirror)];
  const folder = join(root, set.folder);
  const target = set.archive === undefined ? folder : root;
  const made = await writableFolder(target);
  try {
    const files =
      set.archive === undefined
        ? await fetchFiles(set, folder, sources, options)
        : await fetchArchive(set, root, sources, options);
    return { name: set.name, folder, files };
  } catch (error) {
    if (made !== undefined) await removeEmpty(target, made);
    throw error;
  }
}

/** Takes away the folders from `path` up to `made` that nothing has come into. */
async function removeEmpty(path: string, made: string): Promise<void> {
  for (let at = resolve(path); ; at = dirname(at)) {
    const gone = await rmdir(at).then(
      () => true,
      () => false,
    );
    if (!gone || at === made) return;
  }
}

async function fetchFiles(
  set: RemoteSet,
  folder: string,
  sources: readonly string[],
  options: FetchOptions,
): Promise<Fetched["files"]> {
  const done: Fetched["files"] = [];
  for (const file of set.files) {
    const path = join(folder, file.name);
    done.push({ ...file, status: await fetchFile(file, path, sources, options) });
  }
  return done;
}

async function fetchFile(
  file: RemoteFile,
  path: string,
  sources: readonly string[],
  options: FetchOptions,
): Promise<"fetched" | "already there"> {
  const present = await stat(path).catch(() => undefined);
  if (present !== undefined) {
    if (present.size === file.bytes && (await sha256Of(path, options.signal)) === file.sha256) return "already there";
    if (options.force !== true) {
      throw new InputError(
        path,
        "is there and is not the published file; --force replaces it, --out puts it elsewhere",
      );
    }
  }
  const urls = sources.map((source) => source + file.name);
  const { onProgress } = options;
  await download(urls, file, path, { ...options, onProgress: (received) => onProgress?.(file, received) });
  return "fetched";
}

/** Fetches the archive beside the folder, unpacks it aside, checks, moves it in place, and drops the archive. */
async function fetchArchive(
  set: RemoteSet,
  root: string,
  sources: readonly string[],
  options: FetchOptions,
): Promise<Fetched["files"]> {
  const [file] = set.files;
  const folder = join(root, set.folder);
  if ((await stat(folder).catch(() => undefined)) !== undefined) {
    if ((await isComplete(set, folder)) && (await agreesWithSums(folder, options.signal)))
      return [{ ...file!, status: "already there" }];
    if (options.force !== true) {
      throw new InputError(
        folder,
        "is there and does not hold the published files; --force replaces it, --out puts them elsewhere",
      );
    }
  }
  const archive = join(root, file!.name);
  await fetchFile(file!, archive, sources, options);
  options.signal?.throwIfAborted();
  const aside = await mkdtemp(join(root, `.${set.folder}-`));
  try {
    const tar = await import("tar");
    const wanted = new Map(set.archive!.map((entry) => [`${set.folder}/${entry.name}`, entry.bytes]));
    await tar.extract({
      file: archive,
      cwd: aside,
      strict: true,
      preserveOwner: false,
      filter: (name, entry) =>
        wanted.has(name) &&
        (entry as { type?: string }).type === "File" &&
        (entry.size ?? Number.POSITIVE_INFINITY) <= (wanted.get(name) ?? longestText),
    });
    const unpacked = join(aside, set.folder);
    if (!(await isComplete(set, unpacked))) {
      throw new RunError(`${archive}: does not hold the files of ${set.name} in their sizes`);
    }
    await writeSums(set, unpacked, options.signal);
    if (options.force === true) await rm(folder, { recursive: true, force: true });
    await rename(unpacked, folder);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  await rm(archive);
  return [{ ...file!, status: "fetched" }];
}

/** Whether every file of an unpacked archive is there, in its size. */
async function isComplete(set: RemoteSet, folder: string): Promise<boolean> {
  const sizes = await Promise.all(set.archive!.map(({ name }) => stat(join(folder, name)).catch(() => undefined)));
  return set.archive!.every(
    ({ bytes }, i) => sizes[i] !== undefined && (bytes === undefined || sizes[i].size === bytes),
  );
}

/** In the form of `sha256sum`, whose `--check` can read it. The archive's own sum has vouched for these files. */
const sumsFile = "SHA256SUMS";

async function writeSums(set: RemoteSet, folder: string, signal?: AbortSignal): Promise<void> {
  let lines = "";
  for (const { name } of set.archive!) lines += `${await sha256Of(join(folder, name), signal)}  ${name}\n`;
  await writeFile(join(folder, sumsFile), lines);
}

/** Files that were unpacked by other means have no sums: their sizes must do. */
async function agreesWithSums(folder: string, signal?: AbortSignal): Promise<boolean> {
  const lines = await readFile(join(folder, sumsFile), "utf8").catch(() => "");
  for (const [, sum, name] of lines.matchAll(/^([0-9a-f]{64}) {2}([\w.-]+)$/gm)) {
    const path = join(folder, name!);
    if ((await stat(path).catch(() => undefined)) === undefined || (await sha256Of(path, signal)) !== sum) return false;
  }
  return true;
}

/** @returns the first folder that had to be made */
async function writableFolder(path: string): Promise<string | undefined> {
  try {
    const made = makeFolder(path);
    await access(path, constants.W_OK);
    return made;
  } catch (cause) {
    throw new InputError("--out", `cannot write to "${path}": ${(cause as Error).message}`, { cause });
  }
}

function baseAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new InputError("--mirror", `${JSON.stringify(text)} is not allowed (allowed: an http or https address)`);
  }
  return url.href.endsWith("/") ? url.href : `${url.href}/`;
}
