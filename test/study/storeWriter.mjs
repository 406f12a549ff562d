// Adds runs to a store one after the other, says which are there, and kills itself while it adds more:
// node storeWriter.mjs DIRECTORY FIRST
import { runnerImport } from "vite";

const [directory, first] = [process.argv[2], Number(process.argv[3])];
const load = async (path) => (await runnerImport(new URL(path, import.meta.url).pathname)).module;
const { openFolderStore } = await load("../../src/study/store/folder.ts");
const { runOf } = await load("./storeRecords.ts");
const store = await openFolderStore(directory, { resume: true, plan: "one" });
for (let number = first; ; number++) {
  const added = store.add([runOf(number)]);
  if (number === first + 20) process.kill(process.pid, "SIGKILL");
  await added;
  process.stdout.write(`run${number}\n`);
}
