import { Argument, Command } from "commander";
import { withExamples } from "./options.js";

/** `cellfed completion`: what the shell needs to finish words by itself. */
export function completionCommand(): Command {
  const command = new Command("completion")
    .description("print a script that lets a shell complete the command's words")
    .addArgument(new Argument("<shell>", "the shell").choices(["bash", "zsh", "fish"]));
  return withExamples(command, [
    ["cellfed completion bash > cellfed.bash", "then source cellfed.bash in ~/.bashrc"],
    ["cellfed completion zsh > _cellfed", "into a folder of $fpath"],
    ["cellfed completion fish > cellfed.fish", "into ~/.config/fish/completions"],
  ]).action(async (shell: "bash" | "zsh" | "fish") =>
    (await import("../actions/completion.js")).completion(shell, command.parent!),
  );
}
