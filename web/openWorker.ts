/**
 * Workers of the page's one script, and word of those that end without one: by their memory, by the browser, by whatever
 * blocks them. A worker holds a lock as long as it lives; who has opened it asks for that lock, and has it when it is gone.
 */
export type Role = "desk" | "run" | "client";

export interface Opened {
  worker: Worker;
  /** Ends it; nobody is told */
  end(): void;
}

/**
 * @param lost called once, with what is known, where the worker cannot be started or is gone
 * @throws nothing: a worker that may not be opened is one that is lost
 */
export function openWorker<Reply>(
  script: string,
  role: Role,
  { heard, lost }: { heard(reply: Reply): void; lost(reason: string): void },
): Opened | undefined {
  const name = `${role} ${Date.now()}-${Math.random()}`;
  const watching = new AbortController();
  let watched = false;
  let over = false;
  let worker: Worker;

  function end(): void {
    over = true;
    watching.abort();
    worker.terminate();
  }

  function tell(reason: string): void {
    if (over) return;
    end();
    lost(reason);
  }

  /** Once it has said something it has its lock. */
  function watch(): void {
    watched = true;
    locks()
      ?.request(name, { signal: watching.signal }, () => tell("it ended without a word"))
      .catch(() => {});
  }

  try {
    worker = new Worker(script, { type: "module", name });
  } catch (error) {
    // Not before the caller has what it asked for
    queueMicrotask(() => lost((error as Error).message));
    return undefined;
  }
  worker.addEventListener("message", ({ data }: MessageEvent<Reply>) => {
    if (over) return;
    if (!watched) watch();
    heard(data);
  });
  worker.addEventListener("error", (event) => tell(event.message || "it could not be started"));
  return { worker, end };
}

/** In a worker: what it is to do, once its life can be followed. */
export async function roleOf(name: string): Promise<Role> {
  const held = locks();
  if (held !== undefined) {
    await new Promise<void>((resolve) => {
      held
        .request(name, () => {
          resolve();
          return new Promise<never>(() => {});
        })
        .catch(() => resolve());
    });
  }
  return name.split(" ")[0] as Role;
}

/** Pages that are not served over https, nor from this machine, have none. */
const locks = (): LockManager | undefined => navigator.locks as LockManager | undefined;
