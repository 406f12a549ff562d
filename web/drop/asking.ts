/** Asks for the latest only: while one answer is on its way, newer questions replace one another. */
export interface Asking<Request> {
  ask(request: Request): void;
  stop(): void;
}

/** @param receive is told whether something newer has been asked since */
export function latestOnly<Request, Answer>(
  compute: (request: Request) => Promise<Answer>,
  receive: (answer: Answer, overtaken: boolean) => void,
  fail: (error: unknown) => void,
): Asking<Request> {
  let next: { request: Request } | undefined;
  let busy = false;
  let stopped = false;
  async function work(): Promise<void> {
    busy = true;
    while (next !== undefined && !stopped) {
      const { request } = next;
      next = undefined;
      try {
        const answer = await compute(request);
        if (!stopped) receive(answer, next !== undefined);
      } catch (error) {
        if (!stopped) fail(error);
      }
    }
    busy = false;
  }
  return {
    ask(request) {
      next = { request };
      if (!busy) work();
    },
    stop() {
      stopped = true;
    },
  };
}
