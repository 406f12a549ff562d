import { dirname, extname, resolve } from "node:path";
import { InputError } from "../../config/errors.js";
import { parseJson } from "../../config/json.js";
import { readLimited } from "../../disk/limited.js";
import { type NumpyArray, parseNpy } from "../../disk/npy.js";
import { unpack, zipEntries } from "../../disk/zip.js";
import { type ChannelFile, importChannel, type Network } from "../../network/index.js";

/** Reads a channel, and makes a network of it. @throws InputError naming the file or the element */
export async function readChannel(path: string): Promise<Network> {
  return importChannel(await readChannelFile(path), path);
}

/** What a channel file holds, and the shape that a NumPy array of it must have; [] a number. */
const shapes = {
  accessPoints: [],
  antennas: [],
  clients: [],
  bandwidth: [],
  noisePower: [],
  transmitPower: [],
  coherence: [],
  pilots: [],
  normalize: [],
  pilotIndex: ["clients"],
  serves: ["clients", "accessPoints"],
  gain: ["clients", "accessPoints"],
  correlation: ["clients", "accessPoints", "antennas", "antennas"],
} as const satisfies Record<keyof ChannelFile, readonly ("clients" | "accessPoints" | "antennas")[]>;

type Field = keyof ChannelFile;
const fields = Object.keys(shapes) as Field[];
/** In an archive, the two parts of the correlation may be files of their own. */
const parts = { correlation_re: "re", correlation_im: "im" } as const;

/** Field by field, what a file gives: what JSON can hold, or NumPy arrays. */
type Given = Partial<Record<Field, unknown>>;

/**
 * Reads a channel: JSON, in which an array may also be the name of a NumPy file beside it ("gain.npy", or
 * "channel.npz:gain"), or a .npz archive that holds all fields under their names (numbers as arrays of one).
 * A complex array may stand for `correlation`; in an archive it may be split into correlation_re and correlation_im.
 * Of JSON and archives only the fields of a channel are read.
 * @returns what JSON can hold; `importChannel` checks it
 * @throws InputError naming the file, or the array whose shape is another than the field's
 */
export async function readChannelFile(path: string): Promise<ChannelFile> {
  const extension = extname(path).toLowerCase();
  if (extension === ".npy")
    throw new InputError(path, "one array is not a channel (allowed: a JSON file that names it, or a .npz archive)");
  const given = extension === ".npz" ? await fromArchive(path) : await fromJson(path);
  return plain(given, path);
}

async function fromJson(path: string): Promise<Given> {
  const value = parseJson(new TextDecoder().decode(await readLimited(path)), path);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new InputError(path, "not an object");
  const given: Given = {};
  const folder = dirname(path);
  for (const field of fields) {
    if (!Object.hasOwn(value, field)) continue;
    const one = (value as Given)[field];
    given[field] = (await named(one, field, folder)) ?? one;
    if (field !== "correlation" || typeof one !== "object" || one === null) continue;
    const { re, im } = one as { re?: unknown; im?: unknown };
    given.correlation = {
      re: (await named(re, "correlation_re", folder)) ?? re,
      im: (await named(im, "correlation_im", folder)) ?? im,
    };
  }
  return given;
}

/** The NumPy array that a field names, undefined where it names none. */
async function named(value: unknown, field: string, folder: string): Promise<NumpyArray | undefined> {
  const name = typeof value === "string" ? /^(.+\.(?:npy|npz))(?::(\w+))?$/i.exec(value) : null;
  if (name === null) return undefined;
  const path = resolve(folder, name[1]!);
  if (!path.toLowerCase().endsWith(".npz")) return numpy(await readLimited(path), path);
  const wanted = name[2] ?? field;
  return (await readArchive(path, [wanted])).get(wanted)!;
}

async function fromArchive(path: string): Promise<Given> {
  const arrays = await readArchive(path);
  const given: Given = {};
  for (const field of fields) if (arrays.has(field)) given[field] = arrays.get(field);
  if (arrays.has("correlation_re") || arrays.has("correlation_im")) {
    for (const name of Object.keys(parts))
      if (!arrays.has(name)) throw new InputError(path, `holds no array "${name}" (it has: ${listed(arrays.keys())})`);
    given.correlation = { re: arrays.get("correlation_re"), im: arrays.get("correlation_im") };
  }
  // Sizes that are not there are those of the arrays.
  const gain = arrays.get("gain");
  const correlation = arrays.get("correlation") ?? arrays.get("correlation_re");
  if (gain?.shape.length === 2) {
    given.clients ??= gain.shape[0];
    given.accessPoints ??= gain.shape[1];
  }
  if (correlation?.shape.length === 4) given.antennas ??= correlation.shape[2];
  return given;
}

/** NumPy arrays, whose shapes are checked, as plain ones: a job's data survives JSON. */
function plain(given: Given, path: string): ChannelFile {
  const out: Record<string, unknown> = {};
  for (const field of fields) {
    const value = given[field];
    if (value === undefined) continue;
    out[field] = isNumpy(value) && shapes[field].length === 0 ? numberOf(value, `${path}.${field}`) : value;
  }
  if (out.normalize === 0 || out.normalize === 1) out.normalize = out.normalize === 1;
  const check = (array: NumpyArray, field: Field, name: string) =>
    checkShape(array, shapes[field], out, `${path}.${name}`);
  for (const field of ["pilotIndex", "serves", "gain"] as const) {
    const value = out[field];
    if (!isNumpy(value)) continue;
    check(value, field, field);
    if (value.im)
      throw new InputError(`${path}.${field}`, `complex numbers of ${shapeWords(value.shape)} (allowed: real)`);
    out[field] = [...value.re];
  }
  const correlation = out.correlation as { re?: unknown; im?: unknown } | NumpyArray | undefined;
  if (isNumpy(correlation)) {
    check(correlation, "correlation", "correlation");
    out.correlation = { re: [...correlation.re], im: [...(correlation.im ?? new Float64Array(correlation.re.length))] };
  } else if (typeof correlation === "object" && correlation !== null) {
    for (const part of ["re", "im"] as const) {
      const array = correlation[part];
      if (!isNumpy(array)) continue;
      check(array, "correlation", `correlation.${part}`);
      if (array.im) throw new InputError(`${path}.correlation.${part}`, "complex numbers (allowed: real)");
      correlation[part] = [...array.re];
    }
  }
  return out as unknown as ChannelFile;
}

/** @throws InputError with both shapes; sizes that are not known yet are `importChannel`'s to miss */
function checkShape(
  { shape, im }: NumpyArray,
  names: readonly string[],
  sizes: Record<string, unknown>,
  path: string,
): void {
  const wanted = names.map((name) => sizes[name]);
  if (shape.length === wanted.length && wanted.every((size, axis) => size === undefined || size === shape[axis]))
    return;
  throw new InputError(
    path,
    `${im ? "complex, " : ""}shape ${shapeWords(shape)} instead of (${wanted.map((size) => size ?? "?").join(", ")}) = ` +
      `(${names.join(", ")})`,
  );
}

function numberOf({ re, im, shape }: NumpyArray, path: string): number {
  if (re.length !== 1) throw new InputError(path, `shape ${shapeWords(shape)} instead of one number`);
  if (im) throw new InputError(path, "a complex number (allowed: a real one)");
  return re[0]!;
}

function shapeWords(shape: readonly number[]): string {
  return `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
}

const numpyArrays = new WeakSet<object>();

function numpy(bytes: Uint8Array, path: string): NumpyArray {
  const array = parseNpy(bytes, path);
  numpyArrays.add(array);
  return array;
}

/** Not by its looks: JSON could have the same. */
function isNumpy(value: unknown): value is NumpyArray {
  return typeof value === "object" && value !== null && numpyArrays.has(value);
}

/**
 * The arrays of an archive that a channel has, or those `wanted`.
 * @throws InputError for what is no archive or too large, and for an array that is wanted and not there
 */
async function readArchive(path: string, wanted?: readonly string[]): Promise<Map<string, NumpyArray>> {
  const bytes = await readLimited(path);
  const arrayName = (file: string) => file.replace(/\.npy$/, "");
  const entries = zipEntries(bytes, path);
  const known: readonly string[] = wanted ?? [...fields, ...Object.keys(parts)];
  const chosen = entries.filter(({ name }) => known.includes(arrayName(name)));
  for (const name of wanted ?? [])
    if (!chosen.some((entry) => arrayName(entry.name) === name))
      throw new InputError(
        path,
        `holds no array "${name}" (it has: ${listed(entries.map((entry) => arrayName(entry.name)))})`,
      );
  const arrays = new Map<string, NumpyArray>();
  for (const [file, content] of await unpack(bytes, chosen, path)) {
    if (arrays.has(arrayName(file))) throw new InputError(path, `two arrays named "${arrayName(file)}"`);
    arrays.set(arrayName(file), numpy(content, `${path}:${file}`));
  }
  return arrays;
}

/** Names in a message, of which there may be any number. */
function listed(names: Iterable<string>): string {
  const all = [...names].map((name) => (name.length > 40 ? `${name.slice(0, 39)}…` : name));
  return all.length > 20 ? `${all.slice(0, 20).join(", ")} and ${all.length - 20} more` : all.join(", ");
}
