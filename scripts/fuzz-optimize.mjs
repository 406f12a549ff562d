// Random quadratic programs and smooth problems with known answers through solveQp and minimize:
// npm run fuzz:optimize -- [cases, 20000] [seed, 1]. A slice of the same runs with the tests. Where python3 has SciPy,
// HiGHS and SLSQP check the programs in even units too.
import { spawnSync } from "node:child_process";
import { runnerImport } from "vite";

const [cases, seed] = [process.argv[2] ?? "20000", process.argv[3] ?? "1"].map(Number);
const folder = new URL("../test/optimize/fuzz/", import.meta.url);
const { module } = await runnerImport(new URL("index.ts", folder).pathname);
const begun = performance.now();
const result = module.fuzzOptimize(cases, seed, (done) => {
  if (done % 5000 === 0) console.error(`${done} of ${cases}`);
});
const { table, wrong } = module.reportOf(result);
console.log(table);
console.log(`${cases} cases of seed ${seed} in ${((performance.now() - begun) / 1000).toFixed(0)} s`);
wrong.push(...askScipy(result.programs.slice(0, 4000)));
for (const line of wrong) console.error(line);
if (wrong.length === 0) console.log("nothing false");
process.exitCode = wrong.length === 0 ? 0 : 1;

/**
 * Where others refute an answer: HiGHS, by another status or value, SLSQP, by a lower value (its own may be too high:
 * it stops early where rows depend on each other).
 */
function askScipy(programs) {
  // JSON has no infinities: null is a bound that is not there.
  const input = programs.map(({ program }) => JSON.stringify(program)).join("\n");
  const python = spawnSync("python3", [new URL("peers.py", folder).pathname], {
    input,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    timeout: 600_000,
  });
  if (python.status !== 0) {
    console.log("no python3 with SciPy here: its solvers were not asked");
    return [];
  }
  const [{ version }, ...answers] = python.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const count = { HiGHS: 0, SLSQP: 0 };
  const differing = [];
  answers.forEach(({ by, status, value }, i) => {
    const ours = programs[i];
    if (status === "unknown" || ours.status === "numerical" || ours.status === "iteration-limit") return;
    count[by]++;
    const same = status === "feasible" ? ours.status !== "infeasible" : status === ours.status;
    const off = value === null ? 0 : ours.value - value;
    if (!same || (by === "HiGHS" ? Math.abs(off) : off) > 1e-5 * (1 + Math.abs(value)))
      differing.push(`${ours.name}: ${by} says ${status} ${value ?? ""}, solveQp ${ours.status} ${ours.value}`);
  });
  console.log(
    `SciPy ${version}: ${count.HiGHS} programs asked of HiGHS, ${count.SLSQP} of SLSQP, ${differing.length} refuted`,
  );
  return differing.slice(0, 20);
}
