import { Command } from "commander";
import { withExamples } from "./options.js";

/** `cellfed lab`: serves the page, which does all its work in the browser. */
export function labCommand(): Command {
  const command = new Command("lab")
    .description("serve a page that runs the simulation live in a browser")
    .option("--port <number>", "port to listen on, 0 for any that is free", "8017")
    .option("--host <address>", "address to listen on; 0.0.0.0 lets a phone in the same network in", "127.0.0.1")
    .option("--open", "open the page in the browser");
  return withExamples(command, [["cellfed lab --port 0", "at any port that is free, until Ctrl-C"]]).action(
    async (options: { port: string; host: string; open?: boolean }) => (await import("../actions/lab.js")).lab(options),
  );
}
