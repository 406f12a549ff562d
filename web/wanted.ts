import type { Config } from "../src/index.js";
import { ProblemError } from "./askDesk.js";
import type { LaneProblem } from "./controls.js";
import type { Fields, Resolved } from "./protocol.js";
import { assignments, fromHash, type PageSettings, toHash } from "./settings.js";

export type Page = ReturnType<typeof createWanted>;

/** What is wanted: the settings, what they resolve to, and the way back. */
export function createWanted(
  { preset }: Fields,
  resolve: (settings: readonly string[]) => Promise<Resolved>,
  changed: () => void,
) {
  let settings: PageSettings = { shared: new Map(), lanes: [new Map()] };
  let resolved: (Resolved | undefined)[] = [];
  let problems: LaneProblem[] = [];
  let asked = 0;
  let large = false;
  let settled = false;
  let address = "";
  const earlier: { settings: PageSettings; path: string; when: number }[] = [];

  async function ask(linkProblems: readonly LaneProblem[]): Promise<void> {
    const number = ++asked;
    settled = false;
    const answers = await Promise.all(
      settings.lanes.map(async (_, lane): Promise<Resolved | LaneProblem[]> => {
        try {
          return await resolve(assignments(settings, lane));
        } catch (error) {
          const problem = error instanceof ProblemError ? error.problem : { message: String(error) };
          return problem.message.split("\n").map((message) => told(message.trim(), lane));
        }
      }),
    );
    if (number !== asked) return;
    problems = [...linkProblems, ...answers.flatMap((answer) => (Array.isArray(answer) ? answer : []))];
    // What was drawn stays where the new settings are refused
    resolved = answers.map((answer, lane) => (Array.isArray(answer) ? resolved[lane] : answer));
    settled = true;
    changed();
  }

  function take(next: PageSettings, linkProblems: readonly LaneProblem[] = []): void {
    settings = next;
    address = location.hash;
    large = false;
    ask(linkProblems);
    changed();
  }

  return {
    get settings() {
      return settings;
    },
    get resolved() {
      return resolved;
    },
    get problems() {
      return problems;
    },
    /** Whether the settings have been read and nothing is wrong with them */
    get sound() {
      return settled && problems.length === 0;
    },
    get settled() {
      return settled;
    },
    /** The link that has been read, once it has */
    get address(): string | undefined {
      return settled ? address : undefined;
    },
    get undoable() {
      return earlier.length > 0;
    },
    presetValue: (path: string) => preset[path] ?? "",
    change(next: PageSettings, path: string): void {
      const last = earlier.at(-1);
      // A word typed into a field is one change
      if (last?.path !== path || Date.now() - last.when > 1500) earlier.push({ settings, path, when: Date.now() });
      else last.when = Date.now();
      history.replaceState(null, "", `#${toHash(next)}`);
      take(next);
    },
    undo(): void {
      const last = earlier.pop();
      if (last === undefined) return;
      history.replaceState(null, "", `#${toHash(last.settings)}`);
      take(last.settings);
    },
    /** Back to what ran */
    restore(next: PageSettings): void {
      earlier.push({ settings, path: "", when: 0 });
      history.replaceState(null, "", `#${toHash(next)}`);
      take(next);
    },
    follow(hash: string): void {
      const { problems: wrong, ...next } = fromHash(hash);
      // "#" and what this page has written itself
      const sound = wrong.length === 0 && problems.every(({ lane }) => lane !== undefined);
      if (asked > 0 && toHash(next) === toHash(settings) && sound) {
        address = hash;
        changed();
        return;
      }
      if (asked > 0) earlier.push({ settings, path: "", when: 0 });
      take(
        next,
        wrong.map(({ path, message }) => ({ path, message: `${path}: ${message}`, lane: undefined })),
      );
    },
    drawLarge(): void {
      large = true;
      changed();
    },
    /** The first network that is to be asked for before it is drawn */
    get large(): Config | undefined {
      return large ? undefined : resolved.find((one) => one?.large)?.config;
    },
    config: (lane: number): Config | undefined => resolved[lane]?.config,
  };
}

/** "network.clients: -3 is not allowed …" → the field it belongs to. */
function told(message: string, lane: number): LaneProblem {
  const path = /^([\w.[\]-]+): /.exec(message)?.[1];
  return { message, lane, ...(path !== undefined && { path }) };
}
