import type { DeskReply, DeskRequest, Problem } from "./protocol.js";

/** The page's side of the desk. */
export interface Desk {
  /** @throws ProblemError with what is wrong and the setting to mend */
  ask<Answer>(request: DeskRequest): Promise<Answer>;
}

export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.message);
  }
}

/** A desk that is lost is opened anew with the next question. */
export function openDesk(script: string): Desk {
  let worker: Worker | undefined;
  let next = 0;
  const pending = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();

  function open(): Worker {
    const made = new Worker(script, { type: "module", name: "desk" });
    made.addEventListener("message", ({ data }: MessageEvent<DeskReply>) => {
      const asked = pending.get(data.id);
      pending.delete(data.id);
      if ("ok" in data) asked?.resolve(data.ok as never);
      else asked?.reject(new ProblemError(data.failed));
    });
    made.addEventListener("error", (event) => {
      worker = undefined;
      made.terminate();
      const message = `The worker that reads the settings could not be started${event.message ? `: ${event.message}` : ""}. Is the page's script complete on its server?`;
      for (const { reject } of pending.values()) reject(new ProblemError({ message }));
      pending.clear();
    });
    return made;
  }

  return {
    ask: <Answer>(request: DeskRequest) =>
      new Promise<Answer>((resolve, reject) => {
        worker ??= open();
        const id = next++;
        pending.set(id, { resolve, reject });
        worker.postMessage({ id, ask: request });
      }),
  };
}
