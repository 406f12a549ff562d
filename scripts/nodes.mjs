// One Node of each line that is supported, from the registry's node-PLATFORM-ARCH packages.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

export const nodeVersions = ["20.20.2", "22.23.3", "24.21.0", "26.12.1"];

/**
 * Installs a Node into a folder that somebody takes away again.
 * @returns {{ binary?: string, why?: string }} where it lies, or why it cannot be had here
 */
export function installNode(version, folder) {
  const system = `${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  const name = `node-${version.split(".")[0]}`;
  const packed = `${name}@npm:node-${system}@${version}`;
  const npm = spawnSync("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--prefix", folder, packed], {
    encoding: "utf8",
    timeout: 120_000,
    shell: process.platform === "win32",
  });
  const binary = join(folder, "node_modules", name, "bin", process.platform === "win32" ? "node.exe" : "node");
  if (npm.status === 0 && existsSync(binary)) return { binary };
  const why = npm.stderr?.split("\n").find((line) => line.includes("code")) ?? npm.error?.message ?? "no binary in it";
  return { why: `node-${system}@${version} could not be installed (${why.trim()})` };
}
