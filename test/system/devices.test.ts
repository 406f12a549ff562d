import { describe, expect, it } from "vitest";
import { parseConfig, resolveConfig } from "../../src/parts/resolve.js";
import { drawDevices } from "../../src/system/devices.js";
import { devicesSettings } from "../../src/system/devicesFile.js";

const cpu = { compute: { cpu: { enabled: true, frequency: 1e9 } } };
const drawn = (frequency: object, clients = 400, seed = 1) =>
  drawDevices(parseConfig({ seed, network: { clients }, budgets: cpu, devices: { frequency } })).frequency;

describe("devices", () => {
  it("are the same for all unless they are drawn, and draws those of seed and client alone", () => {
    expect(new Set(drawn({}))).toEqual(new Set([1e9]));
    const uniform = { distribution: "uniform", minimum: 1e9, maximum: 3e9 };
    expect([...drawn(uniform, 5)]).toEqual([...drawn(uniform, 400).subarray(0, 5)]);
    expect([...drawn(uniform, 5)]).not.toEqual([...drawn(uniform, 5, 2)]);
  });

  it("have the moments of their distributions", () => {
    const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
    // Six standard errors of 400 each: of U(1, 3) 2/√12/20, of a logarithm uniform over ln 4 that/√12/20, normal ½/20
    const uniform = drawn({ distribution: "uniform", minimum: 1e9, maximum: 3e9 });
    expect(Math.abs(mean(uniform) / 1e9 - 2)).toBeLessThan((6 * 2) / Math.sqrt(12) / 20);
    expect(uniform.every((value) => value >= 1e9 && value <= 3e9)).toBe(true);
    const logUniform = drawn({ distribution: "log-uniform", minimum: 5e8, maximum: 2e9 }).map(Math.log);
    expect(Math.abs(mean(logUniform) - Math.log(1e9))).toBeLessThan((6 * Math.log(4)) / Math.sqrt(12) / 20);
    const logNormal = drawn({ distribution: "log-normal", deviation: 0.5 }).map(Math.log);
    expect(Math.abs(mean(logNormal) - Math.log(1e9))).toBeLessThan((6 * 0.5) / 20);
  });

  it("that are given must be as many as the clients, and limits the right way round", () => {
    expect(() => drawn({ distribution: "given", values: [1e9] }, 2)).toThrow(
      "devices.frequency.values: 1 values given, but network.clients is 2",
    );
    expect(() => drawn({ distribution: "given" }, 2)).toThrow("devices.frequency.values: missing");
    expect(() => drawn({ distribution: "uniform", minimum: 3e9 }, 2)).toThrow(
      "devices.frequency.minimum: 3000000000 is above devices.frequency.maximum, which is 2000000000",
    );
  });
});

describe("a file of devices", () => {
  it("gives each client its own figures, in CSV and in JSON", () => {
    const csv = devicesSettings("client,frequency,battery\n1,2e9,0.2\n0,1e9,0.1\n", "phones.csv");
    const json = devicesSettings('[{"frequency":1e9,"battery":0.1},{"frequency":2e9,"battery":0.2}]', "phones.json");
    expect(csv).toEqual(json);
    const devices = drawDevices(resolveConfig({ sets: ["network.clients=2", ...csv] }));
    expect([...devices.frequency]).toEqual([1e9, 2e9]);
    expect([...devices.charge]).toEqual([0.1, 0.2]);
    expect(devices.differ).toBe(true);
  });

  it.each([
    ["client,frequncy\n0,1e9\n", /phones line 1: unknown column "frequncy"; did you mean "frequency"/],
    ["frequency\n-1\n", /phones row 1: frequency is "-1"/],
    ["client,frequency\n0,1\n0,2\n", /phones row 2: client is "0" \(allowed: each of 0 to 1 once\)/],
    ["client\n0\n", /none of the columns/],
    ["frequency\n", /no rows/],
    ["frequency,battery\n1\n", /line 2: 1 cells under 2 columns/],
    ["[1]", /row 1: 1 is no row/],
    ["[", /no JSON/],
  ])("says what is wrong with %j", (text, message) => {
    expect(() => devicesSettings(text, "phones")).toThrow(message);
  });
});
