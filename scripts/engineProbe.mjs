// Runs configs with the library as it is bundled, in whatever engine loads this: scripts/engines.mjs does, in several.

/** @returns of each config its fingerprint and how it ended, or what it was refused with */
export async function probe(simulate, configs) {
  const said = [];
  for (const config of configs) {
    try {
      const { fingerprint, ended } = await simulate(config);
      said.push(`${fingerprint.config} ${fingerprint.results} ${ended.by}: ${ended.reason}`);
    } catch (error) {
      said.push(`${error.name}: ${error.message}`);
    }
  }
  return said;
}

// As a program of Node's: the configs come in JSON on the standard input, what was said goes out
if (globalThis.process?.argv[2] === "--stdin") {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const { simulate } = await import("../dist/index.js");
  console.log(JSON.stringify(await probe(simulate, JSON.parse(Buffer.concat(chunks).toString("utf8")))));
}
