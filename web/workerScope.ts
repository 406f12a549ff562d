/** The part of a dedicated worker's global that is used here; TypeScript's own declaration excludes the page's. */
export interface WorkerScope<Reply> {
  postMessage(message: Reply): void;
  addEventListener<Request>(type: "message", listener: (event: MessageEvent<Request>) => void): void;
}

export function scopeOf<Reply>(): WorkerScope<Reply> {
  return globalThis as unknown as WorkerScope<Reply>;
}
