import type { Finding } from "../../study/store/contract.js";
import { say } from "../terminal/output.js";

/** Says what is wrong with results that are read, but for what a writer has not ended yet. */
export function sayFindings(findings: readonly Finding[]): void {
  for (const { where, reason, kind } of findings) if (kind !== "unfinished") say(`${where}: ${reason}`);
}
