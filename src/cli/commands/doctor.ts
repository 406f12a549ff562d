import { Command } from "commander";
import type { DoctorOptions } from "../actions/doctor.js";
import { withExamples, withShared } from "./options.js";

/** `cellfed doctor`: what this machine has of what cellfed can use. */
export function doctorCommand(): Command {
  const command = new Command("doctor").description(
    "what there is on this machine: versions, SIMD, threads, data, optional packages, and its speed",
  );
  return withExamples(
    withShared(command, ["dataDir", "json"], { dataDir: "folder to look for data sets in (default: data)" }),
    [
      ["cellfed doctor", "a line for each; status 1 where something is missing that runs need"],
      ["cellfed doctor --json", "the same for a report of a bug"],
    ],
  ).action(async (options: DoctorOptions) => (await import("../actions/doctor.js")).doctor(options));
}
