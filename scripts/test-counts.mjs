// Reads the test runner's JSON report and prints what was skipped and, last, "N passed, N failed".
// A file that could not be loaded has no tests to count: it counts as one failure.
import { readFileSync } from "node:fs";
import { relative } from "node:path";

const path = process.argv[2];
let report;
try {
  report = JSON.parse(readFileSync(path, "utf8"));
} catch (error) {
  console.log(`no test report in ${path}: ${error.message}`);
  console.log("0 passed, 1 failed");
  process.exit(1);
}

let passed = 0;
let failed = 0;
for (const file of report.testResults) {
  const count = (status) => file.assertionResults.filter((test) => test.status === status).length;
  passed += count("passed");
  failed += count("failed");
  if (file.status === "failed" && count("failed") === 0) failed += 1;
  const skipped = count("pending") + count("skipped") + count("todo");
  if (skipped > 0) console.log(`skipped ${skipped} in ${relative(process.cwd(), file.name)}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
