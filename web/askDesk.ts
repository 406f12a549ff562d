import { type Opened, openWorker } from "./openWorker.js";
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
  let opened: Opened | undefined;
  let next = 0;
  const pending = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();

  let heardOf = false;

  function heard(reply: DeskReply): void {
    heardOf = true;
    const asked = pending.get(reply.id);
    pending.delete(reply.id);
    if ("ok" in reply) asked?.resolve(reply.ok as never);
    else asked?.reject(new ProblemError(reply.failed));
  }

  function lost(reason: string): void {
    opened = undefined;
    const message = heardOf
      ? `The worker that reads the settings was lost: ${reason}. The next change starts it again.`
      : `The worker that reads the settings could not be started: ${reason}. Is the page's script complete on its server, and may this page open workers?`;
    for (const { reject } of pending.values()) reject(new ProblemError({ message }));
    pending.clear();
  }

  return {
    ask: <Answer>(request: DeskRequest) =>
      new Promise<Answer>((resolve, reject) => {
        const id = next++;
        pending.set(id, { resolve, reject });
        opened ??= openWorker<DeskReply>(script, "desk", { heard, lost });
        opened?.worker.postMessage({ id, ask: request });
      }),
  };
}
