import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import type { Missing } from "../comparison.js";
import type { Side, Turn } from "../sides.js";

/**
 * Peers in another process that take their turns with ours. The process reads a line of JSON and answers with one:
 *
 *   {"make": task, "with": {…}}   {"task": number, "name": "SciPy 1.10.1 zpotrf", "note": …} or {"missing": "why"}
 *   {"turn": number}              {"samples": [s a call, …], "processor": s a call}
 *   {"drop": number}              {}
 *
 * While it works this process waits, and the other way round, so that neither disturbs the other.
 */
interface PeerProcess {
  ask(question: object): Promise<Answer>;
}

type Answer = Partial<{
  task: number;
  name: string;
  note: string;
  missing: string;
  samples: number[];
  processor: number;
}>;

export interface PeerSide {
  side: Side | Missing;
  free(): void;
}

const children: ChildProcess[] = [];
let pythons: PeerProcess[] | undefined;

/** Every Python with NumPy among PYTHON, python3 and Debian's, since one may have what the other lacks. One thread, as ours. */
function openPythons(): PeerProcess[] {
  const candidates = [...new Set([process.env.PYTHON ?? "python3", "python3", "/usr/bin/python3"])];
  const env = { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };
  return candidates
    .filter((name) => spawnSync(name, ["-c", "import numpy"]).status === 0)
    .map((name) => openProcess(name, ["-u", "bench/peers/serve.py"], env));
}

function openProcess(command: string, args: string[], env: NodeJS.ProcessEnv): PeerProcess {
  const child = spawn(command, args, { env, stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  const waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = [];
  createInterface({ input: child.stdout! }).on("line", (line) => waiting.shift()?.resolve(JSON.parse(line) as Answer));
  child.on("exit", (code) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`${command} ${args.join(" ")} ended with ${code}`));
  });
  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        if (child.exitCode !== null) reject(new Error(`${command} has ended`));
        waiting.push({ resolve, reject });
        child.stdin!.write(`${JSON.stringify(question)}\n`);
      }),
  };
}

/**
 * A task of bench/peers/serve.py, made with its options by the first Python that can; `name` is what it is called where
 * none can.
 */
export async function pythonPeer(name: string, task: string, options: object = {}): Promise<PeerSide> {
  pythons ??= openPythons();
  let missing = "no Python with NumPy (set PYTHON)";
  for (const python of pythons) {
    const made = await python.ask({ make: task, with: options });
    if (made.missing === undefined) return sideOf(python, made, name);
    missing = made.missing;
  }
  return { side: { name, missing }, free() {} };
}

function sideOf(python: PeerProcess, made: Answer, name: string): PeerSide {
  return {
    side: {
      name: made.name ?? name,
      ...(made.note !== undefined && { note: made.note }),
      async turn(): Promise<Turn> {
        const { samples = [], processor = 0 } = await python.ask({ turn: made.task });
        return { best: Math.min(...samples), samples, processor };
      },
    },
    free: () => void python.ask({ drop: made.task }),
  };
}

/** Ends the processes that were opened. */
export function closePeers(): void {
  for (const child of children) child.stdin!.end();
  pythons = undefined;
}
