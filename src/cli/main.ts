#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { version } from "../version.js";
import { compareCommand } from "./commands/compare.js";
import { dataCommand } from "./commands/data.js";
import { dequantizeCommand } from "./commands/dequantize.js";
import { labCommand } from "./commands/lab.js";
import { powerCommand } from "./commands/power.js";
import { quantizeCommand } from "./commands/quantize.js";
import { quantizersCommand } from "./commands/quantizers.js";
import { ratesCommand } from "./commands/rates.js";
import { reproduceCommand } from "./commands/reproduce.js";
import { runCommand } from "./commands/run.js";
import { schemaCommand } from "./commands/schema.js";
import { describeError, exitStatus } from "./terminal/errors.js";
import { interruptedBy, listenForInterruption } from "./terminal/interruption.js";

/**
 * Every subcommand, in the order of the help.
 * A command's file must stay light: what is heavy is imported inside its action.
 */
const commands: readonly (() => Command)[] = [
  runCommand,
  compareCommand,
  reproduceCommand,
  labCommand,
  ratesCommand,
  dataCommand,
  powerCommand,
  quantizeCommand,
  dequantizeCommand,
  quantizersCommand,
  schemaCommand,
];

let verbose = false;

function createProgram(): Command {
  const program = new Command("cellfed")
    .description("Energy-efficient federated learning over cell-free massive MIMO networks, simulated.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print help for a command")
    .addHelpText("after", "\nExit status: 0 done, 1 failed while running, 2 bad input, 130 interrupted.")
    .configureHelp({ helpWidth: Math.min(process.stdout.columns ?? 100, 100) })
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError("(--help tells what there is)");
  for (const command of commands) program.addCommand(command());
  shareSettings(program);
  return program;
}

/** Commands that were made elsewhere know nothing of the program's settings yet; `--verbose` is understood everywhere. */
function shareSettings(command: Command): void {
  command.option("--verbose", "show where an error was thrown").on("option:verbose", () => {
    verbose = true;
  });
  for (const child of command.commands) shareSettings(child.copyInheritedSettings(command));
}

async function main(): Promise<number> {
  listenForInterruption();
  try {
    await createProgram().parseAsync();
  } catch (error) {
    // Commander has already printed its message
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    // What an interruption breaks off is not a failure
    if (interruptedBy() === undefined || exitStatus(error) === 2) return fail(error);
  }
  const signal = interruptedBy();
  return signal === undefined ? 0 : signal === "SIGINT" ? 130 : 143;
}

function fail(error: unknown): number {
  process.stderr.write(`${describeError(error, verbose)}\n`);
  return exitStatus(error);
}

// `cellfed … | head` closes our output early: that is no error
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
}
process.on("uncaughtException", (error) => process.exit(fail(error)));

const status = await main();
// A command may have set a status of its own. Waiting for both streams keeps the end of a piped output
process.exitCode = status === 0 ? (process.exitCode ?? 0) : status;
process.stdout.write("", () => process.stderr.write("", () => process.exit()));
