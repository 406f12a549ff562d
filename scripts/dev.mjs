// The inner loop: watches and keeps everything up to date while one works.
//
//   npm run dev [-- TESTS…]
//
// A change of assembly/ compiles the kernels again, one of the TypeScript bundles the command anew: dist/cli.js can be
// run at any time. The test files whose path contains one of TESTS run at the start and after each change that reaches
// them. CELLFED_KERNELS=debug does all of it on the debug kernels, which compile in a third of the time and keep names
// and assertions. The page has a server of its own: npm run dev:page.
import { spawn } from "node:child_process";
import { rmSync, watch } from "node:fs";
import { join, resolve } from "node:path";
import { build, stampFile } from "./build.mjs";

const root = resolve(import.meta.dirname, "..");
const tests = process.argv.slice(2);
const exact = process.env.CELLFED_KERNELS === "debug" ? ["kernels-debug"] : ["kernels", "kernels-debug"];
const kernels = [...exact, "kernels-relaxed"];

await build(["one-test"]);
// What is in dist/ from now on is the watcher's
rmSync(stampFile("command"), { force: true });

const start = (...args) => spawn(process.execPath, args, { cwd: root, stdio: "inherit" });
const watchers = [start("node_modules/vite/bin/vite.js", "build", "--watch", "--logLevel", "warn")];
if (tests.length > 0) watchers.push(start("node_modules/vitest/vitest.mjs", "watch", "--clearScreen=false", ...tests));
else console.error("watching; name test files (npm run dev -- test/power) to run them after each change");

/** One compilation at a time, and another one when something has changed meanwhile. */
let compiling = false;
let changed = false;
function compile() {
  changed = true;
  if (compiling) return;
  compiling = true;
  changed = false;
  start("scripts/build.mjs", ...kernels).on("close", () => {
    compiling = false;
    if (changed) compile();
  });
}
let wait;
for (const path of ["assembly", "asconfig.json"]) {
  watch(join(root, path), { recursive: path === "assembly" }, () => {
    clearTimeout(wait);
    wait = setTimeout(compile, 100);
  });
}

function end(status) {
  for (const watcher of watchers) watcher.kill();
  process.exit(status);
}
process.on("SIGTERM", () => end(143));
process.on("SIGINT", () => end(130));
for (const watcher of watchers) watcher.on("close", (status) => end(status ?? 0));
