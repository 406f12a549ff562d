import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { small } from "./browser.mjs";

/** ms for a run in a browser that has just been started */
const patience = 120_000;

/**
 * A run in the system's Firefox, with Node's fingerprint. No driver knows every Firefox: it is opened as somebody would,
 * on the lab's page with a script that presses Play and tells how it ended.
 */
export async function firefox({ url }) {
  const path = process.env.FIREFOX_PATH ?? ["/usr/bin/firefox", "/usr/bin/firefox-esr"].find((one) => existsSync(one));
  if (path === undefined || !existsSync(path)) {
    return [{ skipped: "there is no Firefox on this machine (FIREFOX_PATH may name one)" }];
  }
  const { resolveConfig, simulate } = await import("../../dist/index.js");
  const host = await telling(url);
  const profile = mkdtempSync(join(tmpdir(), "cellfed-firefox-"));
  const address = `http://127.0.0.1:${host.port}/#${small}`;
  const child = spawn(path, ["--headless", "--no-remote", "--profile", profile, address], { stdio: "ignore" });
  try {
    const late = new Promise((resolve) => setTimeout(() => resolve({ failed: `nothing in ${patience} ms` }), patience));
    const told = await Promise.race([host.told, late]);
    const sets = [...new URLSearchParams(small)].map(([key, value]) => `${key}=${value}`);
    const { fingerprint } = await simulate(resolveConfig({ preset: "quick", sets }));
    return [
      {
        what: `runs with Node's fingerprint in ${told.engine ?? "Firefox"}`,
        value: told.fingerprint === fingerprint.results ? 1 : 0,
        least: 1,
        notes: [JSON.stringify(told)],
      },
    ];
  } finally {
    child.kill();
    host.close();
    await new Promise((resolve) => (child.exitCode === null ? child.once("exit", resolve) : resolve()));
    rmSync(profile, { recursive: true, force: true });
  }
}

/** The lab's files, the page with a script more. */
async function telling(lab) {
  let tell;
  const told = new Promise((resolve) => {
    tell = resolve;
  });
  const server = createServer(async (request, response) => {
    if (request.url === "/told") {
      const pieces = [];
      for await (const piece of request) pieces.push(piece);
      tell(JSON.parse(Buffer.concat(pieces).toString()));
      response.end();
      return;
    }
    if (request.url === "/tell.js") {
      response.setHeader("Content-Type", "text/javascript").end(`(${script})();`);
      return;
    }
    const found = await fetch(new URL(request.url, lab));
    const body = Buffer.from(await found.arrayBuffer());
    const type = found.headers.get("content-type") ?? "";
    response.writeHead(found.status, { "Content-Type": type, "Cross-Origin-Embedder-Policy": "require-corp" });
    const page = () => body.toString().replace("</head>", '<script defer src="./tell.js"></script></head>');
    response.end(type.startsWith("text/html") ? page() : body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    told,
    port: server.address().port,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Runs in the page. */
function script() {
  const tell = (what) =>
    fetch("./told", {
      method: "POST",
      body: JSON.stringify({ ...what, engine: navigator.userAgent.split(" ").at(-1) }),
    });
  const press = setInterval(() => {
    const run = document.querySelector("#run:not([disabled])");
    if (run === null) return;
    clearInterval(press);
    run.click();
  }, 100);
  const wait = setInterval(() => {
    const lane = document.querySelector(".lane:is([data-phase=finished], [data-phase=failed])");
    if (lane === null) return;
    clearInterval(wait);
    tell({
      fingerprint: lane.querySelector("[data-fingerprint]")?.dataset.fingerprint,
      failed: lane.querySelector(".failure").textContent,
    });
  }, 100);
}
