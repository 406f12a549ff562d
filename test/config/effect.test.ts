import { describe, expect, it } from "vitest";
import type { Condition } from "../../src/config/conditions.js";
import type { Config } from "../../src/config/config.js";
import { simulate } from "../../src/federated/simulate.js";
import { catalog } from "../../src/parts/catalog.js";
import { checkEffects, withoutEffect } from "../../src/parts/effect.js";
import { configPaths, declaredAt, valueAt } from "../../src/parts/paths.js";
import { parseConfig, resolveConfig, resolveSources } from "../../src/parts/resolve.js";

const conditional = configPaths().filter((path) => {
  const declared = declaredAt(path);
  return declared !== undefined && [...declared.sections, declared.field].some(({ when }) => when !== undefined);
});

/** Settings of parts that need another one. */
const conditionalSettings = catalog.flatMap(({ path, nameField, registry, settingsOf }) =>
  registry.parts.flatMap((part) =>
    Object.entries(settingsOf(part)).flatMap(([setting, { when }]) =>
      when === undefined ? [] : [{ part: `${path}.${nameField}=${part.name}`, path: `${path}.${setting}`, when }],
    ),
  ),
);

describe("conditions", () => {
  it("name fields that there are, and values that these allow", () => {
    const check = (condition: Condition): void => {
      if ("either" in condition || "both" in condition) {
        for (const one of "either" in condition ? condition.either : condition.both) check(one);
        return;
      }
      const field = declaredAt(condition.path)?.field;
      expect(field, condition.path).toBeDefined();
      const values = "is" in condition ? condition.is : "isNot" in condition ? condition.isNot : [];
      const names = catalog.find(({ path, nameField }) => `${path}.${nameField}` === condition.path)?.registry.names;
      for (const value of values) {
        expect(field!.schema.safeParse(value).success, `${condition.path} ${value}`).toBe(true);
        if (names !== undefined) expect(names).toContain(value);
      }
    };
    for (const path of conditional) {
      const { field, sections } = declaredAt(path)!;
      for (const { when } of [...sections, field]) if (when !== undefined) check(when);
    }
    for (const { part, path, when } of conditionalSettings) {
      const other = `${path.slice(0, path.lastIndexOf("."))}.${when.setting}`;
      for (const value of when.is) {
        const config = resolveConfig({ sets: [part, `${other}=${value}`] });
        expect(withoutEffect(config, [path]), `${part} ${path}`).toEqual([]);
      }
    }
  });

  it("are looked at for every field: each is either without, or in one of these cases", () => {
    expect(configPaths().length).toBeGreaterThan(105);
    expect(conditional.length).toBeGreaterThan(45);
    const always = configPaths().filter((path) => declaredAt(path) !== undefined && !conditional.includes(path));
    expect(always).toEqual([
      ...["seed", "rounds", "kernels", "data.name", "data.trainExamples", "data.testExamples", "data.split.kind"],
      ...["model.preset", "training.optimizer.name", "training.localEpochs", "training.adaptiveEpochs.increment"],
      ...["training.batchSize", "training.schedule.kind", "training.proximal", "server.rule"],
      ...["aggregation.by", "waiting.kind"],
      ...["selection.rule", "selection.weights", "selection.forgetAfter"],
      ...["quantizer.name", "downlink.quantizer.name", "network.clients", "network.estimator", "network.combining"],
      "network.mobility.model",
      ...["network.ageing.enabled", "network.channel", "plan.kind"],
      ...["budgets.energy", "budgets.latency", "budgets.bits", "budgets.compute.cpu.enabled"],
      ...["budgets.circuitPower", "budgets.downlink.enabled", "devices.battery.enabled", "loss.kind"],
      "evaluation.every",
    ]);
  });
});

const tiny = [
  ...["rounds=2", "data.trainExamples=60", "data.testExamples=20", "model=softmax", "training.localEpochs=1"],
  ...["network.clients=3", "network.accessPoints=4", "network.realizations=4"],
];

/** Another value of a field than the config's, of the kind that it takes. */
function otherValue(config: Config, path: string): string | undefined {
  const value = valueAt(config, path);
  if (path === "network.pilotIndex") return "[0,0,1]";
  if (path.endsWith("Positions")) return path.includes("client") ? "[[1,2],[3,4],[5,6]]" : "[[1,2],[3,4],[5,6],[7,8]]";
  if (typeof value === "boolean") return String(!value);
  const candidates: unknown[] =
    typeof value === "number" ? [value * 1.25, value + 1, value / 2] : ["clients", "some/where", "0.5"];
  return candidates
    .map((candidate) => JSON.stringify(candidate))
    .find((text) => {
      try {
        resolveConfig({ sets: [...tiny, `${path}=${text}`] });
        return true;
      } catch {
        return false;
      }
    });
}

describe("a setting that is said to have no effect", () => {
  const situations: [string, string[]][] = [
    ["as the defaults are", []],
    [
      "with the other path loss, the CPU model, no shadowing",
      [
        "network.pathLoss.model=three-slope",
        "budgets.compute.cpu.enabled=true",
        "network.shadowing.deviation=0",
        "network.deployment.accessPoints=uniform",
      ],
    ],
    [
      "of text, with a receiver that is simulated",
      ["data=corpus", "network.combining=l-mmse", "quantizer=laq", "quantizer.variant=authors-code"],
    ],
  ];
  it.each(situations)("has none: %s", async (_what, sets) => {
    const base = [...tiny, ...sets];
    const config = resolveConfig({ sets: base });
    const paths = [...conditional, ...conditionalSettings.map(({ path }) => path)];
    const nothing = withoutEffect(config, paths).map(({ path }) => path);
    expect(nothing.length).toBeGreaterThan(20);
    const { results } = (await simulate(config)).fingerprint;
    let tried = 0;
    for (const path of new Set(nothing)) {
      const value = otherValue(config, path);
      if (value === undefined) continue;
      const changed = resolveConfig({ sets: [...base, `${path}=${value}`] });
      expect((await simulate(changed)).fingerprint.results, `${path}=${value}`).toBe(results);
      tried++;
    }
    expect(tried).toBeGreaterThan(15);
  });
});

describe("is refused on a command line, told of in a file", () => {
  it.each([
    [
      ["data.split.alpha=2"],
      'data.split.alpha: 2 has no effect with data.split.kind "iid" (it has one with "dirichlet", "quantity")',
    ],
    [
      ["power.alpha=0.5"],
      'power.alpha: 0.5 has no effect with power.method "most-rounds" (it is a setting of joint, coordinate)',
    ],
    [
      ["network.mobility.speed=3"],
      'network.mobility.speed: 3 has no effect with network.mobility.model "none" (it has one with any other); nor with network.ageing.enabled false (it has one with true)',
    ],
    [["budgets.compute.cpu.frequency=1e9"], "budgets.compute.cpu.frequency: "],
    [
      ["network.pathLoss.nearBreakpoint=5"],
      'network.pathLoss.nearBreakpoint: 5 has no effect with network.pathLoss.model "log-distance"',
    ],
    [["network.realizations=10"], 'network.realizations: 10 has no effect with network.combining "mr"'],
    [["network.realizations=10", "network.combining=mr+lsfd"], "network.realizations: 10 has no effect"],
    [
      ["training.optimizer.momentum=0.5"],
      'training.optimizer.momentum: 0.5 has no effect with training.optimizer.name "adadelta" (it is a setting of momentum)',
    ],
    [["server.tau=0.1"], 'server.tau: 0.1 has no effect with server.rule "fedavg"'],
    [
      ["quantizer.block=16"],
      'quantizer.block: 16 has no effect with quantizer.scope "vector" (it has one with "block")',
    ],
    [["network.channel=x.json", "network.area=500"], "network.area: 500 has no effect with network.channel given"],
    [
      ["network.deployment.jitter=1", "network.deployment.accessPoints=uniform"],
      "network.deployment.jitter: 1 has no effect",
    ],
    [["data.directory=/data"], 'data.directory: "/data" has no effect with data.name "glyphs"'],
  ])("%j", (sets, message) => {
    const resolved = resolveSources({ sets });
    expect(() => checkEffects([resolved])).toThrow(message);
    const file = {};
    for (const { path, value } of resolved.given) Object.assign(file, merged(file, path, value));
    const told = checkEffects([resolveSources({ file })]);
    // 0.5 is what alpha would be anyway
    if (sets[0] === "power.alpha=0.5" || sets[0] === "budgets.compute.cpu.frequency=1e9") expect(told).toEqual([]);
    else expect(told.join("\n")).toContain(message);
  });

  it("where it has one, nothing is said", () => {
    const sets = [
      "data.split=dirichlet",
      "data.split.alpha=2",
      "power=joint",
      "power.alpha=0.1",
      "network.coherence=150",
    ];
    expect(checkEffects([resolveSources({ sets })])).toEqual([]);
    expect(
      checkEffects([resolveSources({ sets: ["network.ageing.enabled=true", "network.mobility.speed=3"] })]),
    ).toEqual([]);
  });

  it.each(["quick", "paper-mnist"])("a complete config of %s says nothing when it is run again", (preset) => {
    const complete = JSON.parse(JSON.stringify(resolveConfig({ preset, sets: ["quantizer.digits=1"] })));
    expect(checkEffects([resolveSources({ file: complete })])).toEqual([]);
    // As it was written when every optimizer's, server's and power method's settings stood in it
    complete.power = { ...complete.power, alpha: 0.5, minimumRate: 0, exponent: 0.5 };
    Object.assign(complete.training.optimizer, { momentum: 0.9, beta1: 0.9, beta2: 0.999, initialAccumulator: 0.1 });
    Object.assign(complete.server, { momentum: 0.9, beta1: 0.9, beta2: 0.99, tau: 1e-3 });
    expect(checkEffects([resolveSources({ file: complete })])).toEqual([]);
    expect(parseConfig(complete).power).toEqual({ method: "most-rounds", batteries: false });
  });

  it("over the cells of a grid, one cell in which it has an effect is enough", () => {
    const cells = ["full", "joint"].map((method) => resolveSources({ sets: ["power.alpha=0.3", `power=${method}`] }));
    expect(checkEffects(cells)).toEqual([]);
    expect(() => checkEffects([cells[0]!])).toThrow('power.alpha: 0.3 has no effect with power.method "full"');
  });

  it("a setting that naming another part drops is not spoken of", () => {
    const file = { training: { optimizer: { name: "adam", beta1: 0.8 } }, power: { method: "joint", alpha: 0.2 } };
    const resolved = resolveSources({ file, sets: ["training.optimizer=sgd", "power=full"] });
    expect(resolved.config.training.optimizer).toEqual({ name: "sgd", learningRate: 0.01, weightDecay: 0 });
    expect(checkEffects([resolved])).toEqual([]);
    expect(resolveConfig({ file: { power: { alpha: 0.2 } }, sets: ["power=joint"] }).power.alpha).toBe(0.2);
  });

  it("what no part of the kind has is refused everywhere, with the nearest name", () => {
    expect(() => parseConfig({ power: { alhpa: 0.2 } })).toThrow(
      'power.alhpa: unknown setting of most-rounds "alhpa"; did you mean "alpha"? (allowed: batteries, alpha, rounds, minimumRate, exponent)',
    );
    expect(() => parseConfig({ power: { alhpa: 0.2 } })).toThrow(/^power\.alhpa/);
    expect(() => resolveConfig({ file: { power: { alhpa: 0.2 } }, sets: ["power=joint"] })).toThrow(/^power\.alhpa/);
    expect(() => parseConfig({ quantizer: { name: "laq", digits: 1 } })).toThrow(
      'quantizer.digits: unknown setting of laq "digits"',
    );
  });
});

function merged(tree: Record<string, unknown>, path: string, value: unknown): Record<string, unknown> {
  const [key, ...rest] = path.split(".");
  const inner = (tree[key!] ?? {}) as Record<string, unknown>;
  return { ...tree, [key!]: rest.length === 0 ? value : merged(inner, rest.join("."), value) };
}
