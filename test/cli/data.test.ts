import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { remoteSets } from "../../src/data/fetch/catalog.js";
import { cellfed, inFolder } from "./spawn.js";

describe("cellfed data partition", () => {
  const few = ["quick", "--set", "data.trainExamples=200", "--set", "network.clients=4"];

  test.concurrent("prints labels per client, whose sums are right, draws them and saves them", async () => {
    await inFolder(async (folder) => {
      const dirichlet = [...few, "--set", "data.split=dirichlet", "--set", "data.split.alpha=0.1"];
      const shown = await cellfed(["data", "partition", ...dirichlet, "--figure", "a.svg", "--save", "a.json"], {
        cwd: folder,
      });
      expect(shown).toMatchObject({ status: 0 });
      const lines = shown.stdout.trimEnd().split("\n");
      expect(lines[0]).toMatch(/^client +examples +ring +triangle/);
      const rows = lines.slice(2, 6).map((line) => line.trim().split(/ +/).map(Number));
      for (const [client, examples, ...labels] of rows) {
        expect(client).toBe(rows.findIndex(([number]) => number === client));
        expect(examples).toBe(50);
        expect(labels.reduce((sum, count) => sum + count, 0)).toBe(50);
      }
      expect(lines[6]).toMatch(/^all +200( +20){10}$/);
      expect(shown.stderr).toBe("glyphs, dirichlet, α = 0.1, 4 clients, seed 1: 200 of 200 training examples dealt\n");
      const figure = readFileSync(join(folder, "a.svg"), "utf8");
      expect(figure).toMatch(/^<svg xmlns/);
      expect(figure.match(/<rect /g)!.length).toBeGreaterThanOrEqual(40);

      // What was saved is a split of its own, and says the same
      const again = ["--set", "data.split=file", "--set", "data.split.file=a.json"];
      const json = await cellfed(["data", "partition", ...few, ...again, "--json"], { cwd: folder });
      const table = JSON.parse(json.stdout);
      expect(table).toMatchObject({ data: "glyphs", trainExamples: 200, unused: 0 });
      expect(table.clients.map(({ labels }: { labels: number[] }) => labels)).toEqual(rows.map((row) => row.slice(2)));
    });
  });

  test.concurrent("counts examples where there are no classes", async () => {
    await inFolder(async (folder) => {
      const speakers = ["--set", "data.name=corpus", "--set", "data.split=groups", "--set", "data.speakers=5"];
      const { status, stdout } = await cellfed(["data", "partition", ...few, ...speakers, "--figure", "b.svg"], {
        cwd: folder,
      });
      expect(status).toBe(0);
      expect(stdout.trimEnd().split("\n").slice(2)).toEqual([
        "0             80",
        "1             40",
        "2             40",
        "3             40",
      ]);
      expect(readFileSync(join(folder, "b.svg"), "utf8")).toContain("training examples");
    });
  });

  test.concurrent("says what cannot be", async () => {
    await inFolder(async (folder) => {
      const problem = async (...args: string[]) => {
        const { status, stdout, stderr } = await cellfed(["data", "partition", ...few, ...args], { cwd: folder });
        expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
        return stderr;
      };
      const set = (...settings: string[]) => settings.flatMap((setting) => ["--set", setting]);
      expect(await problem(...set("network.clients=201"))).toMatch(/^error: data.trainExamples: .*201 clients/);
      expect(await problem(...set("data.split=shards", "data.split.classesPerClient=11"))).toMatch(
        /classesPerClient: 11/,
      );
      expect(await problem(...set("data.name=mnist"))).toMatch(/^error: data.directory: .*data fetch mnist/);
      expect(await problem(...set("data.name=cifar10"), "--data-dir", "nowhere")).toMatch(
        /there is no folder "nowhere"/,
      );
      expect(await problem("--figure", "no/such/folder/a.svg")).toMatch(/^error: --figure: cannot write/);
      writeFileSync(join(folder, "one.txt"), "aaaa");
      expect(await problem(...set("data.name=text", "data.file=one.txt"))).toMatch(
        /one.txt: a text of the one character "a"/,
      );
      expect(readdirSync(folder)).toEqual(["one.txt"]);
    });
  });
});

describe("cellfed data list", () => {
  test.concurrent("names every set, and where its files are", async () => {
    await inFolder(async (folder) => {
      const { stdout, status } = await cellfed(["data", "list"], { cwd: folder });
      expect(status).toBe(0);
      for (const name of ["glyphs", "corpus", "regression", "text", ...remoteSets.map((set) => set.name)]) {
        expect(stdout).toMatch(new RegExp(`^${name} `, "m"));
      }
      expect(stdout).toContain("cellfed data fetch cifar100");
      writeFileSync(join(folder, "train.bin"), "");
      const list = JSON.parse((await cellfed(["data", "list", "--data-dir", ".", "--json"], { cwd: folder })).stdout);
      const found = list.filter((entry: { found: string | null }) => entry.found !== null);
      expect(found).toMatchObject([{ name: "cifar100", train: 50000, source: "files" }]);
    });
  });
});

describe("cellfed data fetch", () => {
  async function withServer<T>(listener: RequestListener, work: (address: string) => Promise<T>): Promise<T> {
    const server: Server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  test.concurrent("takes nothing from a mirror whose files are others", async () => {
    const { bytes } = remoteSets[0]!.files[0]!;
    const zeros = Buffer.alloc(bytes);
    await inFolder((folder) =>
      withServer(
        (_, response) => response.end(zeros),
        async (address) => {
          const { status, stdout, stderr } = await cellfed(["data", "fetch", "mnist", "--mirror", address], {
            cwd: folder,
          });
          expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
          const sum = createHash("sha256").update(zeros).digest("hex");
          expect(stderr).toMatch(/error: cannot fetch train-images-idx3-ubyte.gz\n.*wrong bytes: SHA-256/);
          expect(stderr).toContain(sum);
          expect(stderr).toContain("train-images-idx3-ubyte.gz  9.9 of 9.9 MB");
          expect(existsSync(join(folder, "data"))).toBe(false);
        },
      ),
    );
  });

  test.concurrent("ends in order at an interruption and keeps what came", async () => {
    await inFolder((folder) =>
      withServer(
        (_, response) => {
          response.writeHead(200, { "content-length": remoteSets[0]!.files[0]!.bytes });
          response.write(Buffer.alloc(5000));
        },
        async (address) => {
          let told = false;
          const part = join(folder, "data", "mnist", "train-images-idx3-ubyte.gz.part");
          const { status, stderr } = await cellfed(["data", "fetch", "mnist", "--mirror", address], {
            cwd: folder,
            meanwhile: (child, said) => {
              if (told || !said.includes("train-images")) return;
              told = true;
              const timer = setInterval(() => {
                if (!existsSync(part) || readFileSync(part).length < 5000) return;
                clearInterval(timer);
                child.kill("SIGINT");
              }, 10);
            },
          });
          expect(status).toBe(130);
          expect(stderr).toMatch(/interrupted; what came is kept/);
          expect(readFileSync(part)).toHaveLength(5000);
        },
      ),
    );
  });

  test.concurrent("says what cannot be", async () => {
    await inFolder(async (folder) => {
      const problem = async (...args: string[]) => {
        const { status, stderr } = await cellfed(["data", "fetch", ...args], { cwd: folder });
        expect(status).toBe(2);
        return stderr;
      };
      expect(await problem("cifar")).toMatch(/unknown data set "cifar"; did you mean "cifar10" or "cifar100"\?/);
      expect(await problem("mnist", "--mirror", "nonsense")).toMatch(/^error: --mirror: "nonsense" is not allowed/);
      writeFileSync(join(folder, "file"), "");
      expect(await problem("mnist", "--out", "file/data")).toMatch(
        /^error: --out: cannot write to "file\/data\/mnist"/,
      );
      expect(existsSync(join(folder, "data"))).toBe(false);
    });
  });
});
