import { createDrop } from "../../../web/drop/drop.js";
import type { DropState, Positions } from "../../../web/figures.js";
import { createEnergySplit, createTimeline } from "../../../web/timeline/timeline.js";
import { createUpdateFigure } from "../../../web/update/update.js";

/** The figures by themselves, with the worker that they ask; the test reaches them by `figures`. */
const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
let last = 0;
worker.addEventListener("message", ({ data }) => {
  const { resolve, reject } = waiting.get(data.id)!;
  waiting.delete(data.id);
  if (data.failure !== undefined) reject(new Error(data.failure));
  else resolve(data.answer);
});

function ask<Answer>(question: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    waiting.set(++last, { resolve: resolve as (value: unknown) => void, reject });
    worker.postMessage({ id: last, ...question });
  });
}

const heard: { selected: number[]; moved: Positions[]; milliseconds: number[] } = {
  selected: [],
  moved: [],
  milliseconds: [],
};
const select = (client: number) => heard.selected.push(client);
const place = (id: string) => document.getElementById(id)!;

const figures = {
  ask,
  heard,
  drop: createDrop(place("drop"), {
    select,
    moved: (positions) => heard.moved.push(positions),
    async compute<Answer>(request: unknown) {
      const start = performance.now();
      const answer = await ask<Answer>({ drop: request });
      heard.milliseconds.push(performance.now() - start);
      return answer;
    },
  }),
  update: createUpdateFigure(place("update"), { select }),
  timeline: createTimeline(place("timeline"), { select }),
  energy: createEnergySplit(place("energy"), { select }),
  async showDrop(sets: string[], rest: Partial<DropState> = {}) {
    const config = await ask<DropState["config"]>({ resolve: sets });
    figures.drop.update({
      config,
      record: undefined,
      spent: undefined,
      selected: undefined,
      classes: undefined,
      bits: 1e5,
      ...rest,
    });
  },
};
Object.assign(window, { figures });
