// Config, problem, channel, partition, plan and trace files with something wrong in them, in every way of test/hostile/spoil.ts:
// npm run hostile -- [files of each kind, 20000] [seed, 1]. A slice of the same runs with the tests.
import { runnerImport } from "vite";

const [cases, seed] = [process.argv[2] ?? "20000", process.argv[3] ?? "1"].map(Number);
const entry = new URL("../test/hostile/index.ts", import.meta.url).pathname;
const { module } = await runnerImport(entry, { configFile: false, logLevel: "error" });
const begun = performance.now();
const { counts, faults } = await module.tryHostile(cases, seed, (done) => {
  if (done % 5000 === 0) console.error(`${done} files`);
});
for (const fault of faults.slice(0, 20)) console.log(fault);
for (const [kind, { refused, used }] of Object.entries(counts))
  console.log(`${kind}: ${refused} refused, ${used} of use`);
console.log(
  `${cases} files of each kind, seed ${seed}, in ${((performance.now() - begun) / 1000).toFixed(0)} s: ${faults.length} faults`,
);
process.exitCode = faults.length === 0 ? 0 : 1;
