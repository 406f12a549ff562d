#!/usr/bin/env node
import { CommanderError } from "commander";
import { createProgram } from "./program.js";
import { describeError, describeInterruption, exitStatus } from "./terminal/errors.js";
import { interruptedBy, interruptedStatus, listenForInterruption } from "./terminal/interruption.js";
import { outliveStreams, outputTaken, say } from "./terminal/output.js";

const manner = { verbose: false };

async function main(): Promise<number> {
  try {
    await createProgram(manner).parseAsync();
  } catch (error) {
    // Commander has already printed its message
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const signal = interruptedBy();
    if (signal === undefined || exitStatus(error) === 2) return fail(error);
    // What an interruption breaks off is not a failure
    say(describeInterruption(error, manner.verbose));
  }
  const signal = interruptedBy();
  // A command may have set a status of its own
  return signal === undefined ? Number(process.exitCode ?? 0) : interruptedStatus(signal);
}

function fail(error: unknown): number {
  say(describeError(error, manner.verbose));
  return exitStatus(error);
}

/** The one place where the process ends. */
function leave(status: number): void {
  process.exit(status);
}

outliveStreams();
listenForInterruption((status) => {
  say("stopped at once: what was finished before is kept where results are");
  leave(status);
});
process.on("uncaughtException", (error) => leave(fail(error)));

let status = await main();
// Waiting for both streams keeps the end of a piped output
const unprinted = await outputTaken();
if (unprinted !== undefined) {
  say(`error: ${unprinted}`);
  if (status === 0) status = 1;
}
leave(status);
