// How often the intervals of comparisons hold a known truth, over simulated studies:
// npm run coverage -- [studies, 2000] [seed, 1]. A slice of the same runs with the tests.
import { runnerImport } from "vite";

const [studies, seed] = [process.argv[2] ?? "2000", process.argv[3] ?? "1"].map(Number);
const { module } = await runnerImport(new URL("../test/study/simulated/index.ts", import.meta.url).pathname);
const percent = (share) => (share === null ? "–" : (100 * share).toFixed(1)).padStart(7);
const begun = performance.now();
console.log(`${"truth".padEnd(14)}${"examples".padEnd(10)}seeds  two-way  seeds alone  bootstrap`);
let missed = 0;
for (const truth of Object.keys(module.truths)) {
  for (const design of ["fixed", "drawn", "own"]) {
    for (const seeds of [5, 10, 15]) {
      const found = module.coverage(truth, design, seeds, { studies, resampled: Math.min(studies, 400), seed });
      const { crossed, seedsAlone, bootstrap } = found;
      console.log(
        `${truth.padEnd(14)}${design.padEnd(10)}${String(seeds).padStart(5)}  ${percent(crossed)}      ${percent(seedsAlone)}    ${percent(bootstrap)}`,
      );
      if (crossed < 0.93 || crossed > 0.97) missed++;
    }
  }
}
console.log(`${studies} studies each of seed ${seed} in ${((performance.now() - begun) / 1000).toFixed(0)} s`);
if (studies < 1000) missed = 0; // too few to tell 95 from 93
if (missed > 0) console.error(`${missed} of the two-way intervals are not within 93 to 97 %`);
process.exitCode = missed > 0 ? 1 : 0;
