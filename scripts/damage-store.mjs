// Damages a store of results some thousands of times, in all the ways of test/study/storeDamages.ts, and checks what is
// left of it: npm run fuzz:store -- [cases, 5000] [seed, 1]. A slice of the same runs with the tests.
import { runnerImport } from "vite";

const [cases, seed] = [process.argv[2] ?? "5000", process.argv[3] ?? "1"].map(Number);
const { module } = await runnerImport(new URL("../test/study/storeFuzz.ts", import.meta.url).pathname);
const begun = performance.now();
const { lost, records, damages } = await module.fuzzStore(cases, seed, (done) => {
  if (done % 500 === 0) console.error(`${done} of ${cases}`);
});
for (const [kind, count] of [...damages].sort()) console.log(`${String(count).padStart(6)}  ${kind}`);
console.log(
  `${cases} damaged stores in ${((performance.now() - begun) / 1000).toFixed(0)} s: ${lost} of ${records} records were lost, ` +
    "named where anything of them was left, and computed again; every other was served as it was; all exports equal",
);
