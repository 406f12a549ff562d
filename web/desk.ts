import { InputError, resolveConfig } from "../src/index.js";
import { computeDrop, type DropRequest } from "./drop/compute.js";
import { allFields } from "./fields.js";
import type { DeskReply, DeskRequest, Problem, Resolved } from "./protocol.js";
import { preset } from "./settings.js";
import { scopeOf } from "./workerScope.js";

/** Links (access points times clients) beyond which a network takes long enough to ask first. */
const largeNetwork = 200_000;

/** The worker beside the runs: resolves settings and draws networks while the form is filled in. */
export function begin(): void {
  const scope = scopeOf<DeskReply>();
  scope.addEventListener("message", ({ data }: MessageEvent<{ id: number; ask: DeskRequest }>) => {
    try {
      scope.postMessage({ id: data.id, ok: answer(data.ask) });
    } catch (error) {
      scope.postMessage({ id: data.id, failed: problemOf(error) });
    }
  });
}

function answer(ask: DeskRequest): unknown {
  switch (ask.type) {
    case "fields":
      return allFields();
    case "drop":
      return computeDrop(ask.request as DropRequest);
    case "resolve":
      return resolve(ask.settings);
  }
}

function resolve(settings: readonly string[]): Resolved {
  const config = resolveConfig({ preset, sets: settings });
  return { config, large: config.network.accessPoints * config.network.clients > largeNetwork };
}

export function problemOf(error: unknown): Problem {
  const message = error instanceof Error ? error.message : String(error);
  return { message, ...(error instanceof InputError && { path: error.path }) };
}
