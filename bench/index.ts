/** `npm run bench [-- area …]`: every area's benchmark in turn. One file an area, exporting `run`. */
export {};

type Areas = Record<string, () => Promise<{ run(): Promise<void> | void }>>;

/** Only when asked for by name: they take minutes, or need files. */
const onRequest: Areas = {
  optimize: () => import("./optimize.js"),
  clients: () => import("./clients.js"),
  "fedavg-peer": () => import("./peers/fedavg.js"),
  store: () => import("./store.js"),
};

const areas: Areas = {
  training: () => import("./training.js"),
  transformers: () => import("./transformers.js"),
  quantizers: () => import("./quantizers.js"),
  round: () => import("./round.js"),
  radio: () => import("./radio.js"),
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in areas || name in onRequest));
if (unknown.length > 0) {
  console.error(
    `unknown benchmark ${unknown.join(", ")} (allowed: ${[...Object.keys(areas), ...Object.keys(onRequest)].join(", ")})`,
  );
  process.exit(2);
}
for (const name of asked.length > 0 ? asked : Object.keys(areas)) {
  console.log(`\n## ${name}`);
  await (await (areas[name] ?? onRequest[name])!()).run();
}
