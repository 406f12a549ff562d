import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sources } from "../sources.js";
import { shell } from "./shell.js";
import { cellfed, inFolder } from "./spawn.js";

const small = "--set data.trainExamples=100 --set data.testExamples=50 --set network.clients=4 --workers 1";
const full = existsSync("/dev/full");

describe("a stream that breaks", () => {
  test.concurrent("a reader that has gone costs no results", async () => {
    await inFolder(async (folder) => {
      const { status, stdout } = await shell(
        `cf run quick ${small} --rounds 3 --out run 2>&1 | head -1; exit \${PIPESTATUS[0]}`,
        folder,
      );
      expect(stdout).toMatch(/^round 1: .*\n$/);
      expect(status).toBe(0);
      expect(JSON.parse(readFileSync(join(folder, "run/summary.json"), "utf8")).final.rounds).toBe(3);
    });
  });

  test.concurrent("nor does it end a comparison", async () => {
    await inFolder(async (folder) => {
      const compare = `cf compare quick ${small} --quantizers emq,laq --seeds 1 --rounds 2 --out compared`;
      const { status } = await shell(`${compare} 2>&1 | head -1; exit \${PIPESTATUS[0]}`, folder);
      expect(status).toBe(0);
      expect(readFileSync(join(folder, "compared/table.csv"), "utf8").match(/^(emq|laq),/gm)).toEqual(["emq,", "laq,"]);
      expect(existsSync(join(folder, "compared/report.html"))).toBe(true);
    });
  });

  test.runIf(full).concurrent("a full disk behind stdout is an error, and the folder is whole", async () => {
    await inFolder(async (folder) => {
      const run = await shell(`cf run quick ${small} --rounds 2 --out run > /dev/full`, folder);
      expect(run.status).toBe(1);
      expect(run.stderr).toMatch(/\nerror: stdout cannot be written: the disk is full \(ENOSPC\)\n$/);
      expect(readdirSync(join(folder, "run"))).toEqual(expect.arrayContaining(["summary.json", "rounds.csv"]));
    });
  });

  test.runIf(full).concurrent("so it is where nothing else is kept", async () => {
    await inFolder(async (folder) => {
      for (const args of [`run quick ${small} --rounds 1 --no-out --json`, "schema", "--help", "run --help"]) {
        const { status, stderr } = await shell(`cf ${args} > /dev/full`, folder);
        expect({ args, status }).toEqual({ args, status: 1 });
        expect(stderr).toContain("stdout cannot be written: the disk is full");
      }
    });
  });

  test.runIf(full).concurrent("a broken or closed stderr changes nothing", async () => {
    await inFolder(async (folder) => {
      for (const [name, streams] of Object.entries({ full: "2> /dev/full", closed: "2>&-", both: ">&- 2>&-" })) {
        const { status } = await shell(`cf run quick ${small} --rounds 1 --out ${name} ${streams}`, folder);
        expect({ name, status }).toEqual({ name, status: 0 });
        expect(existsSync(join(folder, name, "summary.json"))).toBe(true);
      }
    });
  });

  test.concurrent("one whose disk fills up in the middle is told of too", async () => {
    await inFolder(async (folder) => {
      // Files of 4 KiB at most: the schema is longer, and a single write of it would end short without an error.
      const { status, stderr } = await shell("ulimit -f 4; cf schema > schema.json", folder);
      expect(status).toBe(1);
      expect(stderr).toContain("stdout cannot be written: files may not be that large");
    });
  });
});

describe("signals", () => {
  test.concurrent.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
    ["SIGQUIT", 131],
  ] as const)("%s keeps the rounds that are finished", async (signal, status) => {
    await inFolder(async (folder) => {
      let sent = false;
      const run = await cellfed(["run", "quick", "--rounds", "100000", "--workers", "1", "--out", "kept"], {
        cwd: folder,
        meanwhile(child, stderr) {
          if (sent || !stderr.includes("round 2:")) return;
          sent = true;
          child.kill(signal);
          // A lost terminal is told of twice.
          if (signal === "SIGHUP") setTimeout(() => child.kill(signal), 5);
        },
      });
      expect(run.status).toBe(status);
      expect(run.stderr).toMatch(
        /interrupted; \d+ finished rounds are kept in kept\ngo on with: cellfed run .* --resume/,
      );
      const { final } = JSON.parse(readFileSync(join(folder, "kept/summary.json"), "utf8"));
      expect(final.rounds).toBeGreaterThanOrEqual(2);
    });
  });

  test.concurrent.each([
    [["run", "quick", "--out", "none"], "before the first round was finished"],
    [["run", "quick", "--seeds", "1,2", "--out", "none"], "before a seed was finished"],
    [["rates", "quick", "--out", "none"], "before the first drop was done"],
  ])("before anything is finished it is said that nothing is kept: %j", async (args, what) => {
    await inFolder(async (folder) => {
      const early = `const timer = setInterval(() => {
        if (process.listenerCount("SIGINT") === 0) return;
        clearInterval(timer);
        process.kill(process.pid, "SIGINT");
      }, 1);`;
      writeFileSync(join(folder, "early.mjs"), early);
      const line = `export NODE_OPTIONS="--import ./early.mjs"; cf ${args.join(" ")} --workers 1`;
      const { status, stderr } = await shell(line, folder);
      expect(stderr).toBe(`interrupted: ${what}: nothing is kept\n`);
      expect(status).toBe(130);
      expect(readdirSync(folder)).toEqual(["early.mjs"]);
    });
  });

  test.concurrent("the second one ends the work at once, and says so", async () => {
    await inFolder(async (folder) => {
      // So much work is in the middle of the first round, however slow the machine
      const twice = `import { isMainThread } from "node:worker_threads";
      const interrupt = () => process.kill(process.pid, "SIGINT");
      const timer = setInterval(() => {
        if (process.cpuUsage().user < 4e6) return;
        clearInterval(timer);
        interrupt();
        setTimeout(interrupt, 500);
      }, 20);
      if (!isMainThread) clearInterval(timer);`;
      writeFileSync(join(folder, "twice.mjs"), twice);
      const long = `${small.replace(/1$/, "2")} --set training.localEpochs=10000 --out cut`;
      const { status, stderr } = await shell(
        `export NODE_OPTIONS="--import ./twice.mjs"; cf run quick ${long} > out 2> err`,
        folder,
      );
      expect({ status, stderr }).toEqual({ status: 130, stderr: "" });
      expect(readFileSync(join(folder, "err"), "utf8")).toBe(
        "finishing this round; press Ctrl-C again to stop at once\nstopped at once: what was finished before is kept where results are\n",
      );
    });
  });
});

test("a working folder that is gone is told of in words", async () => {
  await inFolder(async (folder) => {
    const { status, stderr } = await shell("mkdir gone; cd gone; rmdir ../gone; cf run quick --rounds 1", folder);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: the folder that this was started in is gone: change to one that is there\n$/m);
  });
});

test("the process ends in one place", () => {
  const exits = sources("src").flatMap(({ path, tree }) =>
    [...tree.text.matchAll(/process\.(exit|abort|reallyExit)\(/g)].map(() => path),
  );
  expect(exits).toEqual(["src/cli/main.ts"]);
});
