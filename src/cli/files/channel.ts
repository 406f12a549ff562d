import { dirname, extname, resolve } from "node:path";
import { InputError } from "../../config/errors.js";
import { parseJson } from "../../config/json.js";
import { readInput } from "../../disk/input.js";
import { type NumpyArray, parseNpy } from "../../disk/npy.js";
import { type ChannelFile, importChannel, type Network } from "../../network/index.js";

/** Reads a channel, and makes a network of it. @throws InputError naming the file or the element */
export async function readChannel(path: string): Promise<Network> {
  return importChannel(await readChannelFile(path), path);
}

/**
 * Reads a channel: JSON, in which an array may also be the name of a NumPy file beside it ("gain.npy", or
 * "channel.npz:gain"), or a .npz archive that holds all fields under their names (numbers as arrays of one).
 * A complex array may stand for `correlation`; in an archive it may be split into correlation_re and correlation_im.
 * @returns what JSON can hold; `importChannel` checks it
 * @throws InputError naming the file
 */
export async function readChannelFile(path: string): Promise<ChannelFile> {
  const extension = extname(path).toLowerCase();
  if (extension === ".npy")
    throw new InputError(path, "one array is not a channel (allowed: a JSON file that names it, or a .npz archive)");
  if (extension === ".npz") return plain(fromArchive(await readArchive(path), path));
  const value = parseJson((await readInput(path)).toString("utf8"), path);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new InputError(path, "not an object");
  const file = await withArrays(value as Record<string, unknown>, dirname(path));
  return plain(file as unknown as ChannelFile);
}

/** Typed arrays as plain ones: a job's data survives JSON. */
function plain(file: ChannelFile): ChannelFile {
  const inner = (value: unknown): unknown => {
    if (ArrayBuffer.isView(value)) return [...(value as Float64Array)];
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inner(one)]));
  };
  return inner(file) as ChannelFile;
}

/** Replaces names of NumPy files by their arrays. */
async function withArrays(file: Record<string, unknown>, folder: string): Promise<Record<string, unknown>> {
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(file)) {
    const name = typeof value === "string" ? /^(.+\.(?:npy|npz))(?::(\w+))?$/i.exec(value) : null;
    if (name === null) {
      const nested = key === "correlation" && typeof value === "object" && value !== null;
      out[key] = nested ? await withArrays(value as Record<string, unknown>, folder) : value;
      continue;
    }
    const path = resolve(folder, name[1]!);
    const array = path.toLowerCase().endsWith(".npz")
      ? member(await readArchive(path), name[2] ?? key, path)
      : parseNpy(await readInput(path), path);
    out[key] = key === "correlation" ? complexPlanes(array) : array.re;
  }
  return out;
}

function fromArchive(arrays: Map<string, NumpyArray>, path: string): ChannelFile {
  const out: Record<string, unknown> = {};
  for (const [name, array] of arrays) {
    if (name === "correlation") out[name] = complexPlanes(array);
    else if (!name.startsWith("correlation_"))
      out[name] = array.re.length === 1 && array.shape.length === 0 ? array.re[0] : array.re;
  }
  if (arrays.has("correlation_re"))
    out.correlation = { re: arrays.get("correlation_re")!.re, im: member(arrays, "correlation_im", path).re };
  // Sizes that are not there are those of the arrays.
  const gain = arrays.get("gain");
  const correlation = arrays.get("correlation") ?? arrays.get("correlation_re");
  if (gain?.shape.length === 2) {
    out.clients ??= gain.shape[0];
    out.accessPoints ??= gain.shape[1];
  }
  if (correlation?.shape.length === 4) out.antennas ??= correlation.shape[2];
  return out as unknown as ChannelFile;
}

function complexPlanes({ re, im }: NumpyArray): { re: Float64Array; im: Float64Array } {
  return { re, im: im ?? new Float64Array(re.length) };
}

function member(arrays: Map<string, NumpyArray>, name: string, path: string): NumpyArray {
  const array = arrays.get(name);
  if (array === undefined)
    throw new InputError(path, `holds no array "${name}" (it has: ${[...arrays.keys()].join(", ")})`);
  return array;
}

async function readArchive(path: string): Promise<Map<string, NumpyArray>> {
  const bytes = await readInput(path);
  const { unzipSync } = await import("fflate");
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes);
  } catch (cause) {
    throw new InputError(path, `not a .npz archive: ${(cause as Error).message}`, { cause });
  }
  return new Map(
    Object.entries(files).map(([file, content]) => [file.replace(/\.npy$/, ""), parseNpy(content, `${path}:${file}`)]),
  );
}
