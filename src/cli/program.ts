import { Command, Option } from "commander";
import { version } from "../version.js";
import { citeCommand } from "./commands/cite.js";
import { compareCommand } from "./commands/compare.js";
import { completionCommand } from "./commands/completion.js";
import { dataCommand } from "./commands/data.js";
import { dequantizeCommand } from "./commands/dequantize.js";
import { doctorCommand } from "./commands/doctor.js";
import { figuresCommand } from "./commands/figures.js";
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
import { print, sayRaw, speak } from "./terminal/output.js";

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
  figuresCommand,
  citeCommand,
  doctorCommand,
  completionCommand,
];

/** What the words say of how to speak, beside what the command does. */
export interface Manner {
  /** Show where an error was thrown */
  verbose: boolean;
}

/** The command's grammar, with what each command does; `parseAsync` does it. */
export function createProgram(manner: Manner): Command {
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
  shareSettings(program, manner);
  return program;
}

/** Commands that were made elsewhere know nothing of the program's settings yet; how it speaks is understood everywhere. */
function shareSettings(command: Command, manner: Manner): void {
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
      manner.verbose = true;
    })
    .on("option:quiet", () => speak({ quiet: true }))
    .on("option:log-format", (format: string) => speak({ json: format === "json" }));
  for (const child of command.commands) shareSettings(child.copyInheritedSettings(command), manner);
}
