import type { ResultsFolder } from "../../disk/results.js";
import { openStateFile } from "../../disk/state.js";
import type { RunResult } from "../../federated/result.js";

/** What a finished run shows when it is asked for again. */
export interface KeptResult {
  runs: RunResult[];
  seconds: number;
}

/** The results of a finished folder, kept beside its state. */
export function openKeptResult(folder: ResultsFolder, say: (sentence: string) => void) {
  const file = openStateFile(folder.state, "result", say);
  return {
    async read(): Promise<KeptResult | undefined> {
      const bytes = await file.read();
      return bytes === undefined ? undefined : (JSON.parse(new TextDecoder().decode(bytes)) as KeptResult);
    },
    write: (result: KeptResult): Promise<void> => file.write(new TextEncoder().encode(JSON.stringify(result))),
  };
}

/** The text of a JSON file. */
export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
