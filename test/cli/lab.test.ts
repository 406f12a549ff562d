import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { serveLab } from "../../src/cli/actions/lab.js";
import { root } from "../sources.js";

const built = existsSync(join(root, "dist/web/index.html"));

/** As written: `fetch` would tidy a path before it is sent. */
function get(
  url: string,
  path: string,
  method = "GET",
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => {
        body += text;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    sent.on("error", reject);
    sent.end();
  });
}

describe.skipIf(!built)("the lab's server (skipped where dist/web has not been built)", () => {
  it("serves the page and nothing else, and ends when told", async () => {
    const controller = new AbortController();
    const { url, ended } = await serveLab({ port: 0, host: "127.0.0.1", signal: controller.signal });
    const page = await get(url, "/?x=1");
    expect(page.status).toBe(200);
    expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(page.headers["content-security-policy"]).toContain("default-src 'self'");
    expect(page.body).toContain("<title>cellfed lab</title>");
    // Nothing from elsewhere
    expect(page.body).not.toMatch(/(src|href)="(https?:)?\/\//);
    const script = /src="\.(\/assets\/[^"]+\.js)"/.exec(page.body)?.[1];
    expect((await get(url, script!)).headers["content-type"]).toBe("text/javascript; charset=utf-8");
    for (const path of [
      "/../cli.js",
      "/..%2fcli.js",
      "/%2e%2e/cli.js",
      "/../../package.json",
      "//etc/passwd",
      "/assets/",
    ]) {
      expect((await get(url, path)).status, path).toBe(404);
    }
    expect((await get(url, "/", "POST")).status).toBe(405);
    expect(await get(url, "/", "HEAD")).toMatchObject({ status: 200, body: "" });
    controller.abort();
    await ended;
    await expect(get(url, "/")).rejects.toThrow(/ECONNREFUSED/);
  });

  it("sends little, and what has a hash in its name once", async () => {
    const controller = new AbortController();
    const { url, ended } = await serveLab({ port: 0, host: "127.0.0.1", signal: controller.signal });
    const names = readdirSync(join(root, "dist/web/assets")).map((name) => `/assets/${name}`);
    const kernels = readFileSync(join(root, "bindings/generated/kernels.ts"), "utf8").match(/base64[^"]*"(.{80})/)![1]!;
    const holding = names.filter((name) => readFileSync(join(root, "dist/web", name), "utf8").includes(kernels));
    expect(holding).toHaveLength(1);
    let toRun = 0;
    for (const name of names) {
      const plain = await get(url, name);
      const small = await get(url, name, "HEAD", { "accept-encoding": "gzip, br" });
      expect(small.headers["cache-control"], name).toContain("immutable");
      // Plot draws only what is saved as a file; relaxed kernels are asked for
      if (!/figures|esm|relaxed|reporting/.test(name)) toRun += Number(small.headers["content-length"]);
      const again = await get(url, name, "GET", { "if-none-match": String(plain.headers.etag) });
      expect(again).toMatchObject({ status: 304, body: "" });
    }
    // What the first picture takes of it, `npm run lab:check` measures
    expect(toRun).toBeLessThan(400 * 1024);
    const page = await get(url, "/", "GET", { "accept-encoding": "gzip" });
    expect(page.headers).toMatchObject({ "content-encoding": "gzip", "cache-control": "no-cache" });
    controller.abort();
    await ended;
  });

  it("answers to no name that somebody else had point here", async () => {
    const controller = new AbortController();
    const { url, ended } = await serveLab({ port: 0, host: "127.0.0.1", signal: controller.signal });
    for (const [host, status] of [
      ["evil.example", 421],
      ["localhost:80", 200],
      ["192.168.1.7:8017", 200],
      ["[::1]:8017", 200],
      ["127.0.0.1.evil.example", 421],
    ] as const) {
      expect((await get(url, "/", "GET", { host })).status, host).toBe(status);
    }
    controller.abort();
    await ended;
  });

  it("tells the addresses that another device can use", async () => {
    const controller = new AbortController();
    const { url, elsewhere, ended } = await serveLab({ port: 0, host: "0.0.0.0", signal: controller.signal });
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    for (const one of elsewhere) expect(one).toMatch(/^http:\/\/(?!0\.0\.0\.0|127\.)[\d.]+:\d+\/$/);
    controller.abort();
    await ended;
  });

  it("names the port that is in use and the host that is none", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as { port: number };
    await expect(serveLab({ port, host: "127.0.0.1" })).rejects.toMatchObject({
      name: "InputError",
      path: "--port",
      message: expect.stringContaining(`${port} is in use`),
    });
    taken.close();
    await expect(serveLab({ port: 0, host: "192.0.2.1" })).rejects.toMatchObject({
      name: "InputError",
      path: "--host",
    });
  });

  it("is a command: prints its address, refuses a bad port with status 2, ends on Ctrl-C", async () => {
    const bad = await run(["lab", "--port", "70000"]);
    expect(bad).toMatchObject({ status: 2, stdout: "" });
    expect(bad.stderr).toContain("--port");
    expect((await run(["lab", "--port", "1e3"])).status).toBe(2);
    const ended = await run(["lab", "--port", "0"], (child, stdout) => {
      if (stdout.includes("\n")) child.kill("SIGINT");
    });
    expect(ended.stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\n$/);
    expect(ended.status).toBe(130);
  });
});

function run(
  args: readonly string[],
  onOutput: (child: ReturnType<typeof spawn>, stdout: string) => void = () => {},
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, "dist/cli.js"), ...args]);
    let stdout = "";
    let stderr = "";
    child.stderr.on("data", (text) => {
      stderr += text;
    });
    child.stdout.on("data", (text) => {
      stdout += text;
      onOutput(child, stdout);
    });
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}
