#!/usr/bin/env node
import { Command, CommanderError, Option } from "commander";
import { version } from "../version.js";
import { citeCommand } from "./commands/cite.js";
import { compareCommand } from "./commands/compare.js";
import { completionCommand } from "./commands/completion.js";
import { dataCommand } from "./commands/data.js";
import { dequantizeCommand } from "./commands/dequantize.js";
import { doctorCommand } from "./commands/doctor.js";
import { labCommand } from "./commands/lab.js";
import { powerCommand } from "./commands/power.js";
import { priceCommand } from "./commands/price.js";
import { quantizeCommand } from "./commands/quantize.js";
import { quantizersCommand } from "./commands/quantizers.js";
import { ratesCommand } from "./commands/rates.js";
import { reproduceCommand } from "./commands/reproduce.js";
import { runCommand } from "./commands/run.js";
import { schemaCommand } from "./commands/schema.js";
import { studyCommand } from "./commands/study.js";
import { describeError, describeInterruption, exitStatus } from "./terminal/errors.js";
import { interruptedBy, interruptedStatus, listenForInterruption } from "./terminal/interruption.js";
import { outliveStreams, outputTaken, print, say, sayRaw, speak } from "./terminal/output.js";

/**
 * Every subcommand, in the order of the help.
 * A command's file must stay light: what is heavy is imported inside its action.
 */
const commands: readonly (() => Command)[] = [
  runCommand,
  compareCommand,
  reproduceCommand,
  studyCommand,
  labCommand,
  ratesCommand,
  dataCommand,
  powerCommand,
  priceCommand,
  quantizeCommand,
  dequantizeCommand,
  quantizersCommand,
  schemaCommand,
  citeCommand,
  doctorCommand,
  completionCommand,
];

let verbose = false;

function createProgram(): Command {
  const program = new Command("cellfed")
    .description("Energy-efficient federated learning over cell-free massive MIMO networks, simulated.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print help for a command")
    .addHelpText(
      "after",
      "\nExit status: 0 done, 1 failed while running, 2 bad input, 130 interrupted (129, 131, 143 by another signal).",
    )
    .configureHelp({ helpWidth: Math.min(process.stdout.columns ?? 100, 100) })
    .configureOutput({ writeOut: print, writeErr: sayRaw })
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError("(--help tells what there is)");
  for (const command of commands) program.addCommand(command());
  shareSettings(program);
  return program;
}

/** Commands that were made elsewhere know nothing of the program's settings yet; how it speaks is understood everywhere. */
function shareSettings(command: Command): void {
  command
    .option("--verbose", "show where an error was thrown")
    .option("--quiet", "say nothing on stderr but errors")
    .addOption(
      new Option("--log-format <format>", "lines on stderr as text, or each as a JSON object").choices([
        "text",
        "json",
      ]),
    )
    .on("option:verbose", () => {
      verbose = true;
    })
    .on("option:quiet", () => speak({ quiet: true }))
    .on("option:log-format", (format: string) => speak({ json: format === "json" }));
  for (const child of command.commands) shareSettings(child.copyInheritedSettings(command));
}

async function main(): Promise<number> {
  try {
    await createProgram().parseAsync();
  } catch (error) {
    // Commander has already printed its message
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const signal = interruptedBy();
    if (signal === undefined || exitStatus(error) === 2) return fail(error);
    // What an interruption breaks off is not a failure
    say(describeInterruption(error, verbose));
  }
  const signal = interruptedBy();
  // A command may have set a status of its own
  return signal === undefined ? Number(process.exitCode ?? 0) : interruptedStatus(signal);
}

function fail(error: unknown): number {
  say(describeError(error, verbose));
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
