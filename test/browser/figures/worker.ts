import { type PartialConfig, resolveConfig, simulate } from "../../../src/index.js";
import { computeDrop, type DropRequest } from "../../../web/drop/compute.js";
import { keepUpdates } from "../../../web/update/compute.js";

/** What the figures' page asks: a drop, or a run with the updates of one client. */
type Asked =
  | { id: number; drop: DropRequest }
  | { id: number; resolve: string[] }
  | { id: number; run: PartialConfig; client: number };

const scope = globalThis as unknown as {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: MessageEvent<Asked>) => void): void;
};

async function answer(asked: Asked): Promise<unknown> {
  if ("drop" in asked) return computeDrop(asked.drop);
  if ("resolve" in asked) return resolveConfig({ preset: "quick", sets: asked.resolve });
  const config = resolveConfig({ preset: "quick", sets: [], file: asked.run } as never);
  const updates = keepUpdates((client) => client === asked.client);
  const views: unknown[] = [];
  const { rounds } = await simulate(config, {
    observers: [updates.observer],
    onRound(record) {
      views.push(updates.view(asked.client, record));
    },
  });
  return { config, rounds, views };
}

scope.addEventListener("message", async ({ data }) => {
  try {
    scope.postMessage({ id: data.id, answer: await answer(data) });
  } catch (error) {
    scope.postMessage({ id: data.id, failure: (error as Error).message });
  }
});
