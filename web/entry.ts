import { type Role, roleOf } from "./openWorker.js";

/**
 * One script for the page and its workers, so that what they share (the kernels above all) is sent once. A worker's name
 * says what it is to do.
 */
const roles: Record<Role, () => Promise<{ begin(script: string): void }>> = {
  desk: () => import("./desk.js"),
  run: () => import("./run.js"),
  client: () => import("./clientWorker.js"),
};

if (typeof document === "undefined") {
  // What is asked before the role's own listener is there
  const early: MessageEvent[] = [];
  const hold = (event: Event) => early.push(event as MessageEvent);
  addEventListener("message", hold);
  roleOf((globalThis as { name?: string }).name ?? "")
    .then((role) => roles[role]())
    .then(({ begin }) => {
      removeEventListener("message", hold);
      begin(import.meta.url);
      for (const { data } of early) dispatchEvent(new MessageEvent("message", { data }));
    })
    // Thrown where the worker's opener hears of it: a rejected promise would be lost
    .catch((error: unknown) =>
      setTimeout(() => {
        throw error;
      }),
    );
} else {
  import("./main.js").then(({ begin }) => begin(import.meta.url));
}
