import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { trainingIdentity } from "../../src/federated/identity.js";
import { resolveConfig } from "../../src/parts/resolve.js";
import { quantizer } from "../../src/quantizers/index.js";

const page = readFileSync(new URL("../../docs/system.md", import.meta.url), "utf8");
const table = page
  .slice(page.indexOf("| option | is learned anew |"))
  .split("\n\n")[0]!
  .split("\n")
  .map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
const [header, , ...rows] = table as [string[], string[], ...string[][]];

/** The ways to set what a row names, each by itself. */
const options: Record<string, readonly string[][]> = {
  "selection by `random`, `all`, `round-robin`, `update-norm`": [
    ["server.participation=0.5"],
    ...["all", "round-robin", "update-norm"].map((rule) => [`selection=${rule}`, "server.participation=0.5"]),
  ],
  "selection by `best-channel`, `proportional-fair`": ["best-channel", "proportional-fair"].map((rule) => [
    ...[`selection=${rule}`, "server.participation=0.5"],
  ]),
  "selection by `deadline`": [["selection=deadline", "selection.seconds=1", "server.participation=0.5"]],
  "selection by `energy-left`": [["selection=energy-left", "server.participation=0.5"]],
  batteries: [["devices.battery.enabled=true"], ["devices.battery.enabled=true", "devices.battery.horizon=true"]],
  "processors (`devices.frequency`, `cyclesPerSample`, `capacitance`)": [
    "frequency",
    "cyclesPerSample",
    "capacitance",
  ].map((field) => [`devices.${field}.distribution=log-normal`]),
  "`loss`": [["loss=random"], ["loss=outage"]],
  "`waiting` other than synchronous": [
    ["waiting=deadline"],
    ["waiting=semi-synchronous"],
    ["waiting=asynchronous", "waiting.buffer=2"],
  ],
  "`aggregation` over the air": [["aggregation=over-the-air", "quantizer=identity"]],
  "`aggregation` at the access points, `downlink` counted": [
    ["aggregation=access-points"],
    ["budgets.downlink.enabled=true"],
  ],
  "`downlink.quantizer`": [["downlink.quantizer=emq"]],
  "`plan.kind` `joint-resolution`": [["plan.kind=joint-resolution"]],
};

/** What is changed beside, by the column. */
const columns: Record<string, readonly { sets?: string[]; drop?: number }[]> = {
  "for each drop and radio": [{ drop: 1 }, { sets: ["network.accessPoints=17"] }],
  "power method and budgets": [{ sets: ["budgets.energy=0.5"] }, { sets: ["power=joint"] }],
  "kind of devices": [{ sets: ["devices.cyclesPerSample.distribution=uniform", "devices.cyclesPerSample.minimum=2"] }],
  "time of computing, bits billed": [
    { sets: ["budgets.compute.cpu.cyclesPerSample=12345"] },
    { sets: ["budgets.bits=wire"] },
  ],
};

const base = ["data.split=iid", "budgets.compute.cpu.enabled=true"];

function identityOf(sets: readonly string[], drop = 0): string {
  const config = resolveConfig({ preset: "quick", sets: [...base, ...sets] });
  return JSON.stringify(trainingIdentity(config, { quantizer: quantizer(config.quantizer), drop }));
}

it("is told of every option", () => {
  expect(rows.map(([option]) => option)).toEqual(Object.keys(options));
  expect(header.slice(2)).toEqual(Object.keys(columns));
});

it.each(rows.map((row) => ({ option: row[0]!, learned: row[1]!, cells: row.slice(2) })))(
  "$option: what its learning belongs to",
  ({ option, learned, cells }) => {
    for (const sets of options[option]!) {
      const own = identityOf(sets);
      const plain = identityOf(sets.filter((set) => set.startsWith("quantizer=")));
      expect([sets, own !== plain]).toEqual([sets, learned === "yes"]);
      Object.entries(columns).forEach(([column, changes], i) => {
        // The plan goes with one power method alone.
        const possible = changes.filter(
          ({ sets: more }) => !(option.startsWith("`plan.kind`") && more?.[0] === "power=joint"),
        );
        const anew = possible.map(({ sets: more = [], drop = 0 }) => identityOf([...sets, ...more], drop) !== own);
        expect([sets, column, anew]).toEqual([sets, column, possible.map(() => cells[i] === "yes")]);
      });
    }
  },
);
