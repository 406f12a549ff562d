import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { cellfed, cli, inFolder } from "./spawn.js";

/** Long enough to be killed in, short enough to be run again and again. */
const small = [
  ...["data.trainExamples=300", "data.testExamples=60", "network.clients=4", "model=softmax", "training.localEpochs=1"],
  'budgets={"energy":null,"latency":null}',
].flatMap((set) => ["--set", set]);

/** Each command with results that must not depend on how often it was killed. */
const commands: readonly [name: string, args: readonly string[]][] = [
  ["run", ["run", "quick", ...small, "--rounds", "250", "--workers", "1"]],
  ["run on threads", ["run", "quick", ...small, "--rounds", "40", "--workers", "2"]],
  ["run --seeds", ["run", "quick", ...small, "--rounds", "20", "--seeds", "1..4", "--workers", "2"]],
  ["rates", ["rates", "quick", "--combining", "mr,p-mmse", "--realizations", "60", "--drops", "12", "--workers", "2"]],
  ["quantizers", ["quantizers", "--quantizers", "emq,laq:bits=4", "--parts", "inputs,bias,accuracy", "--rounds", "3"]],
];

/** Kills of each command; a count in the environment makes it a long test. */
const kills = Number(process.env.CELLFED_KILLS ?? 1);

describe("kill -9 at any moment", () => {
  test.each(commands)("%s goes on and ends as if nothing had happened", { timeout: 300_000 }, (_name, args) =>
    inFolder(async (folder) => {
      const begun = performance.now();
      expect(await cellfed([...args, "--out", "whole"], { cwd: folder })).toMatchObject({ status: 0 });
      const length = performance.now() - begun;
      const whole = contents(join(folder, "whole"));
      for (let kill = 0; kill < kills; kill++) {
        const out = `killed-${kill}`;
        // Twice in one life: a run that goes on can be killed as well.
        for (let life = 0; life < 2; life++)
          await killedAfter(length * (0.1 + 0.9 * Math.random()), [...args, "--out", out, "--resume"], folder);
        const { status, stderr } = await cellfed([...args, "--out", out, "--resume"], { cwd: folder });
        expect({ status, stderr }).toMatchObject({ status: 0 });
        expect(contents(join(folder, out))).toEqual(whole);
        expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
      }
    }),
  );
});

describe("Ctrl-C", () => {
  test.each<[string, readonly string[]]>([
    ["run --seeds", ["run", "quick", ...small, "--rounds", "150", "--seeds", "1..6"]],
    ["rates", ["rates", "quick", "--combining", "p-mmse", "--realizations", "400", "--drops", "60"]],
    ["quantizers", ["quantizers", "--quantizers", "emq,laq,qsgd", "--parts", "inputs,sweep,accuracy", "--rounds", "6"]],
  ])("%s keeps what is finished, says how to go on, and goes on", { timeout: 120_000 }, (_name, args) =>
    inFolder(async (folder) => {
      let sent = false;
      const broken = await cellfed([...args, "--workers", "2", "--out", "one"], {
        cwd: folder,
        meanwhile(child, said) {
          if (sent || !said.includes("1/")) return;
          sent = true;
          child.kill("SIGTERM");
        },
      });
      expect(broken.status).toBe(143);
      expect(broken.stderr).toMatch(/^interrupted: .*\ngo on with: cellfed .* --out one --resume\n$/m);
      expect(broken.stdout).not.toBe("");
      const on = await cellfed([...args, "--workers", "2", "--out", "one", "--resume"], { cwd: folder });
      expect(on.status).toBe(0);
      expect(on.stderr).toMatch(/^going on with what one holds$/m);
      expect(await cellfed([...args, "--out", "whole"], { cwd: folder })).toMatchObject({ status: 0 });
      expect(contents(join(folder, "one"))).toEqual(contents(join(folder, "whole")));
    }),
  );
});

describe("--resume", () => {
  const args = ["run", "quick", ...small, "--rounds", "5", "--workers", "1"];

  test("of a finished folder says so, and prints the result again", () =>
    inFolder(async (folder) => {
      const first = await cellfed([...args, "--out", "one"], { cwd: folder });
      const before = contents(join(folder, "one"));
      const again = await cellfed([...args, "--out", "one", "--resume"], { cwd: folder });
      expect(again).toMatchObject({
        status: 0,
        stdout: first.stdout,
        stderr: "one is finished: what it holds is shown\n",
      });
      expect(contents(join(folder, "one"))).toEqual(before);
      const json = await cellfed([...args, "--out", "one", "--resume", "--json"], { cwd: folder });
      expect(JSON.parse(json.stdout)).toMatchObject({ folder: "one", final: { rounds: 5 } });
      expect(JSON.parse(json.stdout).rounds).toHaveLength(5);
    }));

  test(
    "of a reproduction goes on to more seeds and drops, to what it would have been, and back to fewer",
    () =>
      inFolder(async (folder) => {
        const reproduce = (out: string, samples: string, ...more: string[]) =>
          cellfed(["reproduce", "rounds", ...samples.split(" "), "--out", out, "--workers", "1", ...more], {
            cwd: folder,
          });
        const few = "--seeds 1 --drops 2";
        const many = "--seeds 1..2 --drops 3";
        const first = await reproduce("grown", few);
        expect(await reproduce("grown", many)).toMatchObject({
          status: 2,
          stderr: expect.stringContaining("add --resume"),
        });
        // What a choice of before had drawn goes, what the user put there stays.
        for (const file of ["maps-of-before.svg", "mine.png"])
          writeFileSync(join(folder, "grown", "figures", file), "");
        const grown = await reproduce("grown", many, "--resume");
        expect(grown).toMatchObject({
          status: 0,
          stderr: expect.stringMatching(/^grown goes on with other samples: seeds is \[1\] there/m),
        });
        const drawn = new Set(readdirSync(join(folder, "grown", "figures")));
        expect([drawn.has("maps-of-before.svg"), drawn.has("mine.png")]).toEqual([false, true]);
        const whole = await reproduce("whole", many);
        expect(grown.stdout).toBe(whole.stdout.replaceAll("whole", "grown"));
        for (const file of ["claims.json", "records.jsonl.br"]) {
          expect(readFileSync(join(folder, "grown", file))).toEqual(readFileSync(join(folder, "whole", file)));
        }
        const fewer = await reproduce("grown", few, "--resume");
        expect(fewer.stdout).toBe(first.stdout);
        expect((await reproduce("grown", many, "--resume")).stdout).toBe(grown.stdout);
      }),
    120_000,
  );

  test(
    "of a reproduction takes over what a report was shipped with or a folder holds, damaged or others' refused",
    () =>
      inFolder(async (folder) => {
        const reproduce = (out: string, seeds: string, ...more: string[]) => {
          const asked = ["reproduce", "rounds", "--seeds", seeds, "--drops", "2", "--workers", "1"];
          return cellfed([...asked, "--out", out, ...more], { cwd: folder });
        };
        await reproduce("one", "1");
        const whole = await reproduce("whole", "1..2");
        const lone = readFileSync(join(folder, "one", "records.jsonl.br"));
        cpSync(join(folder, "one"), join(folder, "stopped"), { recursive: true });
        for (const file of ["study.json", "records.jsonl.br"]) rmSync(join(folder, "stopped", file));
        for (const file of ["journal", "plan.json"]) rmSync(join(folder, "one", file), { recursive: true });
        const both = await reproduce("both", "1..2", "--known", "one");
        expect(both.stdout).toBe(whole.stdout.replaceAll("whole", "both"));
        const taken = takenFrom("one", both.stderr);
        const gone = await reproduce("gone", "1..2", "--known", "stopped");
        expect(gone.stdout).toBe(whole.stdout.replaceAll("whole", "gone"));
        expect(takenFrom("stopped", gone.stderr)).toBe(taken);
        expect(taken).toBeGreaterThan(1);
        const [journal] = readdirSync(join(folder, "stopped", "journal"));
        damage(join(folder, "stopped", "journal", journal as string));
        const mended = await reproduce("mended", "1..2", "--known", "stopped");
        expect(mended.stdout).toBe(whole.stdout.replaceAll("whole", "mended"));
        expect(takenFrom("stopped", mended.stderr)).toBe(taken - 1);
        expect(mended.stderr).toContain(journal);
        const journals = contents(join(folder, "both", "journal"));
        for (const file of ["claims.json", "records.jsonl.br"]) {
          expect(readFileSync(join(folder, "both", file))).toEqual(readFileSync(join(folder, "whole", file)));
        }
        const again = await reproduce("both", "1..2", "--known", "one", "--resume");
        expect(again.stderr).toContain("0 results taken over from one");
        expect(contents(join(folder, "both", "journal"))).toEqual(journals);
        const other = await cellfed("reproduce rounds --scale paper --known stopped --out never".split(" "), {
          cwd: folder,
        });
        expect(other).toMatchObject({
          status: 2,
          stderr: expect.stringContaining('stopped has results of the scale "quick" (allowed: "paper")'),
        });
        const unlike = await reproduce("unlike", "3", "--known", "one");
        expect(unlike).toMatchObject({ status: 0, stderr: expect.stringContaining("nothing of one was wanted here") });
        expect(both.stderr).not.toContain("was wanted");
        const study = readFileSync(join(folder, "one", "study.json"), "utf8");
        writeFileSync(join(folder, "one", "study.json"), study.replace('"scale": "quick"', '"scale": "paper"'));
        expect(await reproduce("never", "1", "--known", "one")).toMatchObject({
          status: 2,
          stderr: expect.stringContaining('one has results of the scale "paper" (allowed: "quick")'),
        });
        writeFileSync(join(folder, "one", "study.json"), study);
        writeFileSync(join(folder, "one", "records.jsonl.br"), lone.subarray(0, 100));
        expect(await reproduce("never", "1", "--known", "one")).toMatchObject({
          status: 2,
          stderr: expect.stringContaining(join("one", "records.jsonl.br")),
        });
        expect(await reproduce("never", "1", "--known", "nowhere")).toMatchObject({
          status: 2,
          stderr: expect.stringContaining("there is no such file"),
        });
        expect(await reproduce("never", "1", "--known", "one", "--plan", "p.json")).toMatchObject({
          status: 2,
          stderr: expect.stringContaining("a plan takes over no results"),
        });
        for (const file of ["never", "p.json"]) expect(existsSync(join(folder, file)), file).toBe(false);
      }),
    120_000,
  );

  test("of another config, plan or command is refused in one message, and nothing is touched", () =>
    inFolder(async (folder) => {
      await cellfed([...args, "--out", "one"], { cwd: folder });
      const before = contents(folder);
      const cases = [
        [
          [...args, "--set", "network.clients=5", "--seed", "9"],
          /--resume: one holds something else: seed is 1 there, 9 here; network\.clients is 4 there, 5 here\n$/,
        ],
        [
          ["run", "quick", ...small, "--seeds", "1..2"],
          /--resume: one holds something else: it was made by `cellfed run`\n$/,
        ],
        [
          ["rates", "quick", "--combining", "mr"],
          /--resume: one holds something else: it was made by `cellfed run`\n$/,
        ],
      ] as const;
      for (const [words, message] of cases) {
        const { status, stdout, stderr } = await cellfed([...words, "--out", "one", "--resume"], { cwd: folder });
        expect(stderr).toMatch(message);
        expect([status, stdout]).toEqual([2, ""]);
      }
      mkdirSync(join(folder, "mine"));
      writeFileSync(join(folder, "mine", "notes"), "");
      const foreign = await cellfed([...args, "--out", "mine", "--resume"], { cwd: folder });
      expect(foreign.stderr).toBe("error: --resume: mine holds nothing that `cellfed run` began\n");
      const none = await cellfed([...args, "--no-out", "--resume"], { cwd: folder });
      expect(none.stderr).toMatch(/^error: --resume: no folder is kept/);
      rmSync(join(folder, "mine"), { recursive: true });
      expect(contents(folder)).toEqual(before);
    }));

  test(
    "is asked for where a folder holds something unfinished; a folder of its own goes on by itself",
    () =>
      inFolder(async (folder) => {
        const long = ["run", "quick", ...small, "--rounds", "400", "--workers", "1"];
        await interrupted([...long, "--out", "named"], folder);
        const refused = await cellfed([...long, "--out", "named"], { cwd: folder });
        expect(refused).toMatchObject({ status: 2, stdout: "" });
        expect(refused.stderr).toMatch(
          /^error: --out: named holds something unfinished: go on with --resume, or choose/,
        );

        const { stderr } = await interrupted(long, folder);
        expect(stderr).toMatch(/^interrupted; \d+ finished rounds are kept in results\/quick-[0-9a-f]{8}$/m);
        expect(stderr).toMatch(/^go on with: cellfed run quick --set .* --resume$/m);
        const on = await cellfed(long, { cwd: folder });
        expect(on.status).toBe(0);
        expect(on.stderr).toMatch(/^going on with what results\/quick-[0-9a-f]{8} holds$/m);
        expect(on.stderr).not.toMatch(/^round 1:/m);
        expect(on.stderr).toMatch(/^round 400:/m);
      }),
    60_000,
  );

  test(
    "from a damaged state begins again, or from the one before, and says so",
    () =>
      inFolder(async (folder) => {
        const long = ["run", "quick", ...small, "--rounds", "400", "--workers", "1"];
        await cellfed([...long, "--out", "whole"], { cwd: folder });
        await interrupted([...long, "--out", "broken"], folder);
        const state = join(folder, "broken", "state", "training");
        cpSync(state, `${state}.before`);
        damage(state);
        cpSync(join(folder, "broken"), join(folder, "twice"), { recursive: true });
        const one = await cellfed([...long, "--out", "broken", "--resume"], { cwd: folder });
        expect(one.status).toBe(0);
        expect(one.stderr).toMatch(/state\/training is damaged \(its sum is another\) and is not used$/m);
        expect(one.stderr).not.toMatch(/^round 1:/m);
        damage(join(folder, "twice", "state", "training.before"));
        damage(join(folder, "twice", "state", "plan.json"), 0);
        const both = await cellfed([...long, "--out", "twice", "--resume"], { cwd: folder });
        expect(both.status).toBe(0);
        expect(both.stderr).toMatch(/^round 1:/m);
        for (const out of ["broken", "twice"])
          expect(contents(join(folder, out))).toEqual(contents(join(folder, "whole")));
      }),
    60_000,
  );

  test("is refused while another process works in the folder", () =>
    inFolder(async (folder) => {
      const long = ["run", "quick", ...small, "--rounds", "100000", "--workers", "1", "--out", "one"];
      let second: Promise<{ status: number | null; stderr: string }> | undefined;
      await cellfed(long, {
        cwd: folder,
        meanwhile(child, said) {
          if (second !== undefined || !said.includes("round 2:")) return;
          second = cellfed([...long, "--resume"], { cwd: folder });
          void second.then(() => child.kill("SIGINT"));
        },
      });
      const { status, stderr } = await second!;
      expect(stderr).toMatch(/^error: --out: one is being worked on by process \d+\n$/);
      expect(status).toBe(2);
    }));
});

test("hidden folders that nobody owns any more are taken away, others stay", () =>
  inFolder(async (folder) => {
    const results = join(folder, "results");
    for (const name of [".cellfed-ancient", ".cellfed-recent", ".other"])
      mkdirSync(join(results, name), { recursive: true });
    const yesterday = new Date(Date.now() - 25 * 3600_000);
    utimesSync(join(results, ".cellfed-ancient"), yesterday, yesterday);
    expect(await cellfed(["run", "quick", ...small, "--rounds", "1"], { cwd: folder })).toMatchObject({ status: 0 });
    expect(readdirSync(results).filter((name) => name.startsWith("."))).toEqual([".cellfed-recent", ".other"]);
  }));

/** Starts the command and kills it with a signal that it cannot hear. */
function killedAfter(milliseconds: number, args: readonly string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, ...args], { cwd, stdio: "ignore" });
    const timer = setTimeout(() => child.kill("SIGKILL"), milliseconds);
    child.on("error", reject);
    child.on("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Runs until the second round is told, then Ctrl-C. */
async function interrupted(args: readonly string[], cwd: string): Promise<{ stderr: string }> {
  let sent = false;
  const outcome = await cellfed(args, {
    cwd,
    meanwhile(child, said) {
      if (sent || !said.includes("round 2:")) return;
      sent = true;
      child.kill("SIGINT");
    },
  });
  expect(outcome.status).toBe(130);
  return outcome;
}

/** How many results a reproduction says that it has from a folder. */
function takenFrom(folder: string, said: string): number {
  return Number(new RegExp(`^(\\d+) results taken over from ${folder}$`, "m").exec(said)?.[1]);
}

/** Every file below a folder but for the state and the times, which depend on how it came about. */
function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const named = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(
    named
      .filter((path) => !/(^|\/)(state\/|timing\.json$)/.test(relative(folder, path)))
      .map((path) => [relative(folder, path), readFileSync(path, "latin1")]),
  );
}

/** Flips a bit. */
function damage(file: string, at = 500): void {
  const bytes = readFileSync(file);
  bytes[at]! ^= 1;
  writeFileSync(file, bytes);
}
