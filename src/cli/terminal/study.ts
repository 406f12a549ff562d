import { relaxedRoundings, relaxedSupported } from "../../../bindings/products.js";
import type { Config } from "../../config/config.js";
import { relaxedPromise } from "../../report/tables/run.js";
import type { JobsOutcome } from "../../study/run/run.js";
import { version } from "../../version.js";

/** Jobs that gave nothing, a sentence each. */
export function failureNotes(failures: JobsOutcome["failures"]): string[] {
  return failures.map(({ job, wanted, reason }) => `${job.name}: ${wanted.size} results failed: ${reason}`);
}

/** That bits are not promised, where they are not. */
export function kernelNotes(configs: readonly Pick<Config, "kernels">[]): string[] {
  const relaxed = configs.filter(({ kernels }) => kernels === "relaxed").length;
  if (relaxed === 0) return [];
  const which = relaxed === configs.length ? "trained" : `${relaxed} of ${configs.length} cells trained`;
  return [`${which} with kernels "relaxed": ${relaxedPromise}`];
}

/**
 * What made a page or a table, and of relaxed kernels how this machine rounds: their bits are those of one machine and
 * engine.
 */
export function versions(configs: readonly Pick<Config, "kernels">[] = []): Record<string, string> {
  return {
    cellfed: version,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    ...(configs.some(({ kernels }) => kernels === "relaxed") && { kernels: relaxedKernels() }),
  };
}

function relaxedKernels(): string {
  if (!relaxedSupported()) return "relaxed, not on this engine";
  return `relaxed, ${relaxedRoundings() === 1 ? "one rounding" : "two roundings"} a product and sum`;
}
