import { Command } from "commander";

/** `cellfed lab`: serves the page, which does all its work in the browser. */
export function labCommand(): Command {
  return new Command("lab")
    .description("serve a page that runs the simulation live in a browser")
    .option("--port <number>", "port to listen on, 0 for any that is free", "8017")
    .option("--host <address>", "address to listen on; 0.0.0.0 lets a phone in the same network in", "127.0.0.1")
    .option("--open", "open the page in the browser")
    .action(async (options: { port: string; host: string; open?: boolean }) =>
      (await import("../actions/lab.js")).lab(options),
    );
}
