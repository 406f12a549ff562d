import { InputError, unknownName } from "../../config/errors.js";
import { type RemoteFile, remoteSets } from "../../data/fetch/catalog.js";
import { fetchSet } from "../../data/fetch/fetch.js";
import { interruption } from "../terminal/interruption.js";
import { print, printJson, say } from "../terminal/output.js";
import { openProgress } from "../terminal/progress.js";

export interface FetchOptions {
  out: string;
  mirror?: string;
  force?: true;
  json?: true;
}

/** @throws InputError an unknown set, an address or folder that is none; RunError when nothing gives the files */
export async function dataFetch(name: string, options: FetchOptions): Promise<void> {
  const set = remoteSets.find((remote) => remote.name === name);
  if (set === undefined) {
    throw new InputError(
      "data fetch",
      unknownName(
        "data set",
        name,
        remoteSets.map((remote) => remote.name),
      ),
    );
  }
  const progress = await openProgress(name);
  const tenths = new Map<string, number>();
  const onProgress = (file: RemoteFile, received: number): void => {
    const share = received / file.bytes;
    const tenth = Math.floor(10 * share);
    const text = `${file.name}  ${megabytes(received)} of ${megabytes(file.bytes)} MB`;
    // Where there is no terminal, a line for each tenth is enough
    progress.update(share, text, tenth > (tenths.get(file.name) ?? -1) ? text : null);
    tenths.set(file.name, tenth);
  };
  try {
    const { mirror, force } = options;
    const fetched = await fetchSet(set, options.out, {
      mirror,
      force,
      signal: interruption,
      onProgress,
      onTrouble: (line) => progress.update(0, line),
    });
    progress.stop();
    if (options.json) return printJson({ ...fetched, dataDir: options.out });
    for (const file of fetched.files) {
      print(`${file.status === "fetched" ? "fetched" : "is there"}  ${file.name}  SHA-256 ${file.sha256}\n`);
    }
    print(`${fetched.folder}: use it with --set data.name=${name} --data-dir ${options.out}\n`);
  } catch (error) {
    progress.stop();
    if (!interruption.aborted) throw error;
    say("interrupted; what came is kept, and the same command continues there");
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 1e6 ? 3 : 1);
}
