import { execFile } from "node:child_process";
import type { Outcome } from "./spawn.js";
import { cli } from "./spawn.js";

/** Runs a line of a shell in a folder, in which `cf` is the command. */
export function shell(line: string, cwd: string): Promise<Outcome> {
  const script = `cf() { "${process.execPath}" "${cli}" "$@"; }; ${line}`;
  return new Promise((resolve) => {
    execFile("bash", ["-c", script], { cwd }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}
