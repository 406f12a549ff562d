import type { Config, RoundRecord } from "../src/index.js";
import { byId, setAttributes, setText } from "./dom.js";
import type { ClientFacts, UpdateView } from "./figures.js";
import { percent, quantity, significant } from "./format.js";
import { partsOf } from "./timeline/parts.js";
import { splitWords, timelineWords } from "./timeline/words.js";

/** What happens within a round, one after the other, a sentence each; the figure that shows it is framed. */

export interface StepsState {
  config: Config;
  record: RoundRecord | undefined;
  /** The round before, for what the model has gained */
  before: RoundRecord | undefined;
  update: UpdateView | undefined;
  facts: ClientFacts | undefined;
  client: number;
}

type Said = StepsState & { record: RoundRecord };

interface StepOfRound {
  name: string;
  /** The panel that shows it */
  panel: string;
  say(state: Said): string;
}

export const stepsOfRound: readonly StepOfRound[] = [
  {
    name: "train",
    panel: "update",
    say: ({ record, config, client }) =>
      `Each client starts from the server's model and trains ${times(record.localEpochs, "epoch")} of ${config.training.optimizer.name} on its own examples, client ${client} among them; the loss is ${significant(record.loss)} on the average.`,
  },
  {
    name: "quantize",
    panel: "update",
    say({ record, config, update, client }) {
      const name = config.quantizer.name;
      if (record.perClient.skipped[client]) return `Client ${client} sends nothing in this round.`;
      if (record.air !== undefined)
        return `Nothing becomes bits: client ${client}'s entries are amplitudes of ${record.air.uses} channel uses, which all share.`;
      if (update === undefined) return `${name} makes ${quantity(record.nominalBits, "bit")} of all updates.`;
      const zero = (update.zeros + update.zeroed.reduce((sum, one) => sum + one, 0)) / update.entries;
      return `${name} makes ${significant(update.nominalBits / update.entries)} bits an entry of client ${client}'s update: ${percent(zero)} of ${update.entries} entries become zero.`;
    },
  },
  {
    name: "allocate",
    panel: "drop",
    say({ record, config }) {
      const powers = record.perClient.power.filter((power) => power > 0);
      if (powers.length === 0) return "Nobody has anything to send, and no powers are needed.";
      if (record.air !== undefined)
        return `Prescaling ${config.aggregation.prescaling} sets powers from ${percent(Math.min(...powers))} to ${percent(Math.max(...powers))}.`;
      return `${config.power.method} looks at all channels and sizes and sets powers from ${percent(Math.min(...powers))} to ${percent(Math.max(...powers))}, in ${times(record.power.iterations, "step")} of its solver.`;
    },
  },
  {
    name: "send",
    panel: "round",
    say: ({ config, record, facts }) => {
      const round = partsOf(config, record, facts);
      return `${timelineWords(round)} ${splitWords(round)}`;
    },
  },
  {
    name: "average",
    panel: "accuracy-panel",
    say({ record, before }) {
      const senders = record.perClient.skipped.filter((skipped) => !skipped).length;
      const updates = times(senders, "update");
      const averaged =
        record.air !== undefined
          ? `The server takes the sum of ${updates} that it heard into its model`
          : record.fronthaul !== undefined
            ? `Access points decode ${updates} and add them, and the server takes their sums into its model`
            : `The server decodes ${updates} and averages them into its model`;
      if (record.accuracy === null) return `${averaged}, which is not tested in this round.`;
      const gain = before?.accuracy == null ? undefined : 100 * (record.accuracy - before.accuracy);
      const more = gain === undefined ? "" : `, ${gain < 0 ? "−" : "+"}${Math.abs(gain).toFixed(1)} points`;
      return `${averaged}: ${percent(record.accuracy)} of the test is right now${more}.`;
    },
  },
];

const times = (count: number, what: string) =>
  `${significant(count).replace(/\.0+$/, "")} ${what}${count === 1 ? "" : "s"}`;

export function createSteps(): { update(state: StepsState): void } {
  const place = byId("steps");
  let chosen = -1;
  let state: StepsState | undefined;
  place.addEventListener("change", () => {
    chosen = Number(place.querySelector<HTMLInputElement>("input:checked")?.value ?? -1);
    draw();
  });

  function draw(): void {
    const step = stepsOfRound[chosen];
    const record = state?.record;
    const shown = step !== undefined && record !== undefined;
    setAttributes(document.querySelector("main")!, { "data-step": shown ? step.panel : undefined });
    for (const panel of document.querySelectorAll("main > .panel"))
      panel.classList.toggle("stepped", shown && panel.id === step.panel);
    place.hidden = record === undefined;
    setText(byId("step-words"), shown ? `Round ${record.round}: ${step.say({ ...state!, record })}` : "");
  }

  return {
    update(next) {
      state = next;
      draw();
    },
  };
}
