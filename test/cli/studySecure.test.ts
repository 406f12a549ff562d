import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noRedis, type RedisServer, startRedis } from "../study/redisServer.js";
import { cellfed } from "./spawn.js";

const openssl = (...words: string[]) => spawnSync("openssl", words, { cwd: folder, encoding: "utf8" });
const folder = mkdtempSync(join(tmpdir(), "cellfed-secure-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Of a server that was built without TLS */
const knowsNoTls = () =>
  /Bad directive/.test(spawnSync("redis-server", ["--tls-auth-clients", "perhaps"]).output.join());
const noOpenssl = () => openssl("version").status !== 0;

const noTls =
  noRedis ?? (noOpenssl() ? "openssl is not installed" : knowsNoTls() ? "redis-server has no TLS" : undefined);

/** Signs would have to be escaped in an address, which a user does. */
const password = "p@ss:w/rd~7f3c";

/** An authority of one's own, and what it says of "localhost". */
function makeCertificates(): void {
  const key = (name: string) => ["-newkey", "rsa:2048", "-nodes", "-keyout", `${name}.key`];
  const made = [
    openssl("req", "-x509", ...key("ca"), "-out", "ca.pem", "-days", "2", "-subj", "/CN=an authority of one's own"),
    openssl("req", ...key("server"), "-out", "server.csr", "-subj", "/CN=localhost"),
  ];
  writeFileSync(join(folder, "names"), "subjectAltName=DNS:localhost");
  const by = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names"];
  made.push(openssl("x509", "-req", "-in", "server.csr", ...by, "-out", "server.pem"));
  for (const { status, stderr } of made) if (status !== 0) throw new Error(stderr);
}

describe.skipIf(noTls !== undefined)(`a queue with TLS and a password${noTls ? ` (${noTls})` : ""}`, () => {
  let server: RedisServer;
  const path = (name: string) => join(folder, name);
  const address = ({ user = "ada", word = password, host = "localhost", scheme = "rediss" } = {}) =>
    `${scheme}://${user === "" ? "" : `${user}:${encodeURIComponent(word)}@`}${host}:${server.port}`;
  const trusting = { NODE_EXTRA_CA_CERTS: path("ca.pem") };
  const study = (words: readonly string[], env: Record<string, string> = trusting) =>
    cellfed(["study", ...words], { cwd: folder, env });

  beforeAll(async () => {
    makeCertificates();
    writeFileSync(path("users.acl"), `user default off\nuser ada on >${password} ~* &* +@all\n`);
    const files = ["--tls-cert-file", path("server.pem"), "--tls-key-file", path("server.key")];
    const others = ["--tls-ca-cert-file", path("ca.pem"), "--tls-auth-clients", "no", "--aclfile", path("users.acl")];
    server = await startRedis([...files, ...others], { secure: true });
  });
  afterAll(() => server?.remove());

  it("brings all results back, and nobody prints the password", async () => {
    const plan = { jobs: "pricing", set: { "network.clients": 5 }, axes: { power: ["full", "min-max"] }, drops: 2000 };
    writeFileSync(path("plan.json"), JSON.stringify(plan));
    const [served, worked] = await Promise.all([
      study(["serve", "plan.json", "--out", "far", "--queue", address()]),
      study(["work", "plan.json", "--workers", "1"], { ...trusting, CELLFED_QUEUE: address() }),
    ]);
    expect([served.status, worked.status]).toEqual([0, 0]);
    const here = await study(["plan.json", "--out", "here", "--workers", "1"]);
    expect(here.status).toBe(0);
    for (const of of ["far", "here"]) expect((await study(["export", of, "--to", `${of}.csv`])).status).toBe(0);
    expect(readFileSync(path("far.csv"), "utf8")).toBe(readFileSync(path("here.csv"), "utf8"));
    const said = [served, worked].map(({ stdout, stderr }) => stdout + stderr).join("");
    for (const form of [password, encodeURIComponent(password)]) expect(said).not.toContain(form);
  });

  it.each([
    ["a password that is wrong", () => address({ word: `${password}x` }), trusting, /refuses: WRONGPASS/],
    ["no password", () => address({ user: "" }), trusting, /wants a password/],
    ["nobody who vouches for the server", () => address(), {}, /nobody vouches for here .*NODE_EXTRA_CA_CERTS/],
    [
      "another name than the certificate's",
      () => address({ host: "127.0.0.1" }),
      trusting,
      /certificate that is not good/,
    ],
    ["no TLS", () => address({ scheme: "redis" }), trusting, /begins with rediss:\/\//],
  ])("says what is wrong with %s, and not the password", async (_, at, env, reason) => {
    const { status, stdout, stderr } = await study(["work", "--queue", at()], env);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(reason);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    for (const form of [password, encodeURIComponent(password)]) expect(stderr).not.toContain(form);
  });
});
