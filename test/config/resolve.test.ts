import { describe, expect, test } from "vitest";
import { InputError } from "../../src/config/errors.js";
import { presetNames, presets } from "../../src/config/presets.js";
import { defaults } from "../../src/parts/defaults.js";
import { configJsonSchema, fieldsJsonSchema } from "../../src/parts/jsonSchema.js";
import { setPath } from "../../src/parts/merge.js";
import { configPaths } from "../../src/parts/paths.js";
import { parseConfig, resolveConfig } from "../../src/parts/resolve.js";

describe("resolveConfig", () => {
  test("the defaults are complete and allowed, and the caller's copy is his own", () => {
    const config = resolveConfig();
    expect(config).toEqual(defaults);
    config.network.clients = 7;
    expect(defaults.network.clients).toBe(20);
  });

  test.each(presetNames)("the preset %s is allowed", (preset) => {
    const config = resolveConfig({ preset });
    expect(config.network.clients).toBe(presets[preset].config.network.clients);
  });

  test("a complete config comes back as it is", () => {
    for (const preset of presetNames) {
      const config = resolveConfig({ preset, sets: ["quantizer.digits=1", "training.optimizer=adam"] });
      expect(parseConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
    }
  });

  test("later sources go over earlier ones: preset, file, settings", () => {
    const config = resolveConfig({
      preset: "paper-cifar10-k40",
      file: { network: { clients: 30, antennas: 2 }, data: { split: { alpha: 0.1 } } },
      sets: ["network.clients=25", "budgets.energy=null", "data.directory=some where/else"],
    });
    expect(config.network).toMatchObject({ clients: 25, antennas: 2, accessPoints: 16 });
    expect(config.data).toMatchObject({
      name: "cifar10",
      split: { kind: "dirichlet", alpha: 0.1 },
      directory: "some where/else",
    });
    expect(config.budgets).toMatchObject({ energy: null, latency: 5 });
  });

  test("a file may name its preset and its schema", () => {
    const config = resolveConfig({ file: { $schema: "./schema.json", preset: "paper-mnist", rounds: 3 } });
    expect(config.data.name).toBe("mnist");
    expect(config.rounds).toBe(3);
    expect(config).not.toHaveProperty("preset");
    expect(config).not.toHaveProperty("$schema");
  });

  test("arrays are replaced whole", () => {
    const given = { deployment: { clients: "given", clientPositions: [[1, 2]] }, clients: 1 };
    const config = resolveConfig({
      file: { network: given },
      sets: ["network.deployment.clientPositions=[[3, 4]]"],
    });
    expect(config.network.deployment.clientPositions).toEqual([[3, 4]]);
  });

  test("naming another optimizer brings its defaults, whatever the order of the settings", () => {
    const sets = ["training.optimizer.momentum=0.5", "training.optimizer.name=momentum"];
    for (const order of [sets, [...sets].reverse()]) {
      expect(resolveConfig({ sets: order }).training.optimizer).toEqual({
        name: "momentum",
        learningRate: 0.01,
        momentum: 0.5,
        weightDecay: 0,
      });
    }
    expect(resolveConfig({ sets: ["training.optimizer.rho=0.9"] }).training.optimizer).toMatchObject({
      name: "adadelta",
      learningRate: 1,
      rho: 0.9,
    });
  });

  test("naming another quantizer drops the settings of the one before", () => {
    expect(resolveConfig({ sets: ["quantizer.name=identity"] }).quantizer).toEqual({
      name: "identity",
      coder: "auto",
      errorFeedback: false,
    });
    expect(resolveConfig({ file: { quantizer: { name: "laq", bits: 4 } } }).quantizer).toMatchObject({ bits: 4 });
    expect(resolveConfig({ sets: ["quantizer.name=emq", "quantizer.digits=2"] }).quantizer).toMatchObject({
      digits: 2,
      base: 10,
    });
  });

  test("a section may be given by its name alone", () => {
    const config = resolveConfig({
      sets: ["quantizer=laq", "quantizer.bits=4", "training.optimizer=adam", "power=full", "data=mnist", "model=mlp"],
    });
    expect(config.quantizer).toMatchObject({ name: "laq", bits: 4 });
    expect(config.training.optimizer).toMatchObject({ name: "adam", learningRate: 0.001 });
    expect([config.power.method, config.data.name, config.model.preset]).toEqual(["full", "mnist", "mlp"]);
    expect(parseConfig({ quantizer: "identity" }).quantizer.name).toBe("identity");
  });

  test.each<[string, string[]]>([
    ["a name after its section's fields", ["data.trainExamples=0", "data.split.alpha=2", "data=mnist"]],
    ["an object after a field", ["data.split.alpha=2", 'data={"name":"mnist","trainExamples":0}']],
    ["an object after a name", ["data=mnist", "data.split.alpha=2", 'data={"trainExamples":0}']],
    [
      "a name inside an object",
      ['data={"split":{"alpha":2},"trainExamples":0}', 'data={"name":"mnist","split":"iid"}'],
    ],
  ])("settings merge in any order: %s", (_what, sets) => {
    const { data } = resolveConfig({ preset: "quick", sets });
    expect(data).toMatchObject({
      name: "mnist",
      trainExamples: 0,
      testExamples: 1000,
      split: { kind: "iid", alpha: 2 },
    });
  });

  test("of two names of a section the later holds, and fields set before it stay", () => {
    const { quantizer } = resolveConfig({ sets: ["quantizer=emq", "quantizer.bits=3", "quantizer=laq"] });
    expect(quantizer).toMatchObject({ name: "laq", bits: 3 });
    expect(quantizer).not.toHaveProperty("digits");
  });

  test("undefined means not given", () => {
    expect(parseConfig({ rounds: undefined, network: { clients: undefined } })).toEqual(defaults);
  });
});

describe("what is refused", () => {
  const layers = [{ type: "dense", units: 10 }];
  const nested = { model: { layers: JSON.parse("[".repeat(5000) + "]".repeat(5000)) } };
  const circle: Record<string, unknown> = {};
  circle.network = circle;
  test.each<[string, { preset?: string; file?: unknown; sets?: string[] }, string]>([
    ["an unknown preset", { preset: "quik" }, 'preset: unknown preset "quik"; did you mean "quick"?'],
    ["a preset that is every object's", { preset: "constructor" }, 'preset: unknown preset "constructor"'],
    [
      "a preset that is no name",
      { file: { preset: 3 } },
      "preset: 3 is not allowed (allowed: quick, paper-cifar10-k20",
    ],
    ["a file that is no object", { file: [1] }, "config: [1] is not allowed (allowed: an object)"],
    ["a misspelt section", { file: { netwrok: {} } }, 'netwrok: unknown key; did you mean "network"?'],
    [
      "a misspelt key",
      { sets: ["network.cleints=3"] },
      'network.cleints: unknown key; did you mean "network.clients"?',
    ],
    ["a key in the wrong place", { sets: ["clients=3"] }, 'clients: unknown key; did you mean "network.clients"?'],
    ["a key of every object", { file: JSON.parse('{"__proto__": {"rounds": 3}}') }, "__proto__: unknown key"],
    [
      "such a key inside a setting",
      { sets: ["network.clients=3", 'network={"__proto__":{"x":1}}'] },
      "network.__proto__: unknown key",
    ],
    ["a preset among the settings", { sets: ["preset=quick"] }, "preset: is no field: a preset is named on the"],
    ["a file nested without end", { file: nested }, "model.layers.0: nested more than 64 levels deep"],
    ["a file that contains itself", { file: circle }, "network.network.network: nested more than 64 levels deep"],
    ["such a key in a setting", { sets: ["network.__proto__.clients=3"] }, "network.__proto__.clients: unknown key"],
    ["a field below a number", { sets: ["rounds=3", "rounds.x=4"] }, "rounds.x: rounds is 3, which has no fields"],
    ["a setting with no value", { sets: ["rounds"] }, '--set: "rounds" is not of the form path=value'],
    ["a setting with no path", { sets: ["=3"] }, '--set: "=3" is not of the form path=value'],
    [
      "zero clients",
      { sets: ["network.clients=0"] },
      "network.clients: 0 is not allowed (allowed: a whole number from 1 to 100000)",
    ],
    ["half a client", { sets: ["network.clients=2.5"] }, "network.clients: 2.5 is not allowed"],
    ["a text for a number", { sets: ["rounds=many"] }, 'rounds: "many" is not allowed (allowed: a whole number'],
    ["an infinite budget", { file: { budgets: { energy: Infinity } } }, "budgets.energy: Infinity is not allowed"],
    ["NaN", { file: { budgets: { latency: Number.NaN } } }, "budgets.latency: NaN is not allowed"],
    [
      "a budget of nothing",
      { sets: ["budgets.energy=0"] },
      "budgets.energy: 0 is not allowed (allowed: a number above 0, or null)",
    ],
    ["null where it means nothing", { sets: ["rounds=null"] }, "rounds: null is not allowed"],
    [
      "α above 1",
      { sets: ["power.alpha=1.5"] },
      "power.alpha: 1.5 is not allowed (allowed: a number at least 0 and at most 1)",
    ],
    [
      "an unknown power method",
      { sets: ["power.method=min-mx"] },
      'power.method: unknown name "min-mx"; did you mean "min-max"? (allowed: joint, most-rounds,',
    ],
    [
      "an unknown optimizer",
      { sets: ["training.optimizer.name=adamax"] },
      'training.optimizer.name: unknown name "adamax"; did you mean "adam"?',
    ],
    [
      "an unknown data set",
      { sets: ["data.name=cifar-10"] },
      'data.name: unknown name "cifar-10"; did you mean "cifar10"?',
    ],
    [
      "a number for a name",
      { sets: ["power.method=3"] },
      "power.method: 3 is not allowed (allowed: joint, most-rounds,",
    ],
    ["a number for a section", { sets: ["network=3"] }, "network: 3 is not allowed (allowed: an object)"],
    ["a quantizer setting that is an object", { sets: ['quantizer.digits={"a":1}'] }, "quantizer.digits: "],
    [
      "no samples left for data",
      { sets: ["network.pilots=200"] },
      "network.pilots: 200 pilots leave no samples for data (allowed: fewer than network.coherence, which is 200)",
    ],
    ["the same with pilots by default", { sets: ["network.coherence=10"] }, "network.pilots: 10 pilots leave no"],
    ["missing pilots", { sets: ["network.pilotAssignment=given"] }, "network.pilotIndex: missing"],
    [
      "too few pilots",
      { sets: ["network.pilotAssignment=given", "network.pilotIndex=[0,1]"] },
      "network.pilotIndex: 2 pilots given for 20 clients",
    ],
    [
      "a pilot that there is not",
      { sets: ["network.pilotAssignment=given", "network.clients=2", "network.pilotIndex=[0,2]"] },
      "network.pilotIndex.1: 2 is not allowed (allowed: 0 to 1, there being 2 pilots)",
    ],
    [
      "missing positions",
      { sets: ["network.deployment.accessPoints=given"] },
      "network.deployment.accessPointPositions: missing",
    ],
    [
      "too few positions",
      { sets: ["network.deployment.clients=given", "network.deployment.clientPositions=[[1,2]]"] },
      "network.deployment.clientPositions: 1 positions given, but network.clients is 20",
    ],
    [
      "a position outside",
      {
        sets: [
          "network.clients=1",
          "network.deployment.clients=given",
          "network.deployment.clientPositions=[[1,2000]]",
        ],
      },
      "network.deployment.clientPositions.0: [1,2000] is outside the area",
    ],
    [
      "half a position",
      { sets: ["network.deployment.clientPositions=[[1]]"] },
      "network.deployment.clientPositions.0: [1] is not allowed (allowed: a pair [x, y] in m)",
    ],
    [
      "fewer examples than clients",
      { sets: ["data.trainExamples=5"] },
      "data.trainExamples: 5 examples cannot be shared",
    ],
    ["a split with no file", { sets: ["data.split.kind=file"] }, "data.split.file: missing"],
    ["a text with no file", { sets: ["data.name=text"] }, "data.file: missing"],
    ["custom without layers", { sets: ["model.preset=custom"] }, "model.layers: missing"],
    ["layers without custom", { file: { model: { layers } } }, 'model.layers: not used with preset "paper-cnn"'],
    [
      "fewer epochs at most than at first",
      { sets: ["training.adaptiveEpochs.increment=1", "training.adaptiveEpochs.maximum=2"] },
      "training.adaptiveEpochs.maximum: 2 is below training.localEpochs, which is 5",
    ],
  ])("%s", (_what, sources, message) => {
    let thrown: unknown;
    try {
      resolveConfig(sources);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(InputError);
    expect((thrown as Error).message.slice(0, message.length)).toBe(message);
  });

  test("several mistakes are told at once", () => {
    expect(() => resolveConfig({ sets: ["rounds=0", "network.antenas=2"] })).toThrow(
      /^rounds: 0 is not allowed .*\n {2}network\.antenas: unknown key; did you mean "network\.antennas"\?/s,
    );
  });
});

test("setPath makes the objects on its way", () => {
  const target = { a: { b: 1 } };
  setPath(target, "a.c.d", 2);
  expect(target).toEqual({ a: { b: 1, c: { d: 2 } } });
});

test("the schema describes every field of the defaults", () => {
  const paths = new Set(configPaths());
  const leaves = (value: object, path: string): string[] =>
    Object.entries(value).flatMap(([key, child]) => {
      const at = path === "" ? key : `${path}.${key}`;
      return typeof child === "object" && child !== null ? leaves(child, at) : [at];
    });
  const missing = leaves(defaults, "").filter((path) => !paths.has(path) && !path.startsWith("quantizer."));
  expect(missing).toEqual([]);

  const undescribed: string[] = [];
  const visit = (node: Record<string, unknown>, path: string): void => {
    if (path !== "" && typeof node.description !== "string") undescribed.push(path);
    for (const [key, child] of Object.entries((node.properties ?? {}) as Record<string, Record<string, unknown>>)) {
      visit(child, `${path}.${key}`);
    }
  };
  visit(fieldsJsonSchema() as Record<string, unknown>, "");
  expect(undescribed).toEqual([]);
});

test("the JSON Schema lets a file name its preset, and a section be its name", () => {
  const schema = configJsonSchema();
  expect(schema.properties?.preset?.enum).toEqual(presetNames);
  expect(schema.properties?.quantizer?.anyOf?.map(({ type }) => type)).toEqual(["object", "string"]);
  const training = schema.properties?.training;
  expect(training?.properties?.optimizer?.anyOf?.[1]?.enum).toContain("adadelta");
  const data = schema.properties?.data?.anyOf?.[0];
  expect(data?.properties?.split?.anyOf?.[1]?.enum).toContain("dirichlet");
});
