import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { differingFields, inOneSentence } from "../../config/differences.js";
import { InputError } from "../../config/errors.js";
import { writeFirst, writeWhole } from "../../disk/files.js";
import type { Finding } from "./contract.js";
import type { JournalHeader } from "./journal.js";
import type { Json } from "./record.js";

/** What a folder's results are those of. */
export interface SettledPlan {
  plan: Json;
  /** What is wrong with the file that says so; it is written anew when the store is opened to go on */
  finding?: Finding;
  /** It takes the place of the folder's, as was asked */
  replaces?: Json;
}

const planName = "plan.json";

/**
 * The plan of a folder. It stands in plan.json for people and, checked, in the first line of every journal: where the
 * two disagree the file is damaged.
 * @param asked what the caller wants the results to be those of; any if left out
 * @param replaced the plan whose place it may take, where the folder has that
 * @throws InputError saying what differs, where the folder's is another
 */
export function settlePlan(
  directory: string,
  headers: readonly Pick<JournalHeader, "plan">[],
  asked: Json | undefined,
  flag: string,
  replaced?: Json,
): SettledPlan {
  const file = readPlan(join(directory, planName));
  const kept = headers.map(({ plan }) => plan).filter((plan) => plan !== null);
  const agreeing = kept.find((plan) => file.plan !== undefined && planDifference(plan, file.plan) === "");
  const known = kept.length === 0 ? file.plan : (agreeing ?? kept[0]);
  const equal = (plan: Json) => asked === undefined || planDifference(plan, asked) === "";
  if (known !== undefined && asked !== undefined && replaced !== undefined && planDifference(known, replaced) === "")
    return { plan: asked, replaces: known };
  if (known !== undefined && !equal(known) && !kept.some(equal)) {
    throw new InputError(flag, `${directory} holds results of another plan: ${planDifference(known, asked!)}`);
  }
  const plan = asked ?? known ?? null;
  const other = file.plan === undefined ? "it is missing" : "it is not the plan that the journals name";
  const damage = file.damage ?? (kept.length > 0 && agreeing === undefined ? other : undefined);
  if (damage === undefined) return { plan };
  return { plan, finding: { kind: "damaged", where: planName, lost: false, reason: damage } };
}

/** Writes the plan where it is missing, damaged or replaced. @returns whether this made the file */
export function mendPlan(directory: string, { plan, finding, replaces }: SettledPlan): boolean {
  const path = join(directory, planName);
  if (plan === null) return false;
  const text = `${JSON.stringify(plan, null, 2)}\n`;
  if (finding !== undefined || replaces !== undefined) writeWhole(path, text);
  if (existsSync(path)) return false;
  if (writeFirst(path, text)) return true;
  // Another writer came first: with the same plan, or it is an error.
  settlePlan(directory, [], plan, "--out");
  return false;
}

function readPlan(path: string): { plan?: Json; damage?: string } {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? {} : { damage: (error as Error).message };
  }
  try {
    return { plan: JSON.parse(text) };
  } catch (error) {
    return { damage: (error as Error).message };
  }
}

const mostNamed = 4;

/** Puts a plan back that another one has taken the place of. */
export function restorePlan(directory: string, { replaces }: SettledPlan): void {
  if (replaces !== undefined) writeWhole(join(directory, planName), `${JSON.stringify(replaces, null, 2)}\n`);
}

/** "seeds is [1,2] there and [1,2,3] here; …" for the first few paths in which two plans differ; "" for equal ones. */
export function planDifference(kept: Json, asked: Json): string {
  return inOneSentence(
    differingFields(kept, asked),
    mostNamed,
    ({ path, there = "not set", here = "not set" }) => `${path || "the plan"} is ${there} there and ${here} here`,
  );
}
