import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** Who holds something on a disk that several machines may share. */
export interface Owner {
  host: string;
  process: number;
  /** When the process began, in the system's own count, so that a number given again is not taken for it; "" where the system does not say */
  began: string;
}

/** This process. */
export function thisProcess(): Owner {
  return { host: hostname(), process: process.pid, began: beginning(process.pid) };
}

/** Whether an owner has certainly ended. Of a process on another machine nobody here knows. */
export function hasEnded(owner: Owner): boolean {
  if (owner.host !== hostname()) return false;
  return !isRunning(owner.process) || beginning(owner.process) !== owner.began;
}

/** Whether this machine has a process of that number. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** Field 22 of /proc/PID/stat; the fields before it may hold blanks only within brackets. */
function beginning(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}
