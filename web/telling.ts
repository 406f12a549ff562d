import { byId, element } from "./dom.js";
import type { Runs } from "./runs.js";
import { fromHash } from "./settings.js";
import { captionAt, type Story, stories, storyOf } from "./stories.js";
import type { Page } from "./wanted.js";
import { setTermed } from "./words.js";

/** Rounds of the longest run of a story, about: what its captions are laid over */
const storyRounds = 30;
/** Milliseconds a round: time to read */
const pace = 600;

/** The stories of the page: chosen from a list or by their link, told while they run. */
export function createTelling({
  page,
  runs,
  play,
  along,
}: {
  page: Page;
  runs: Runs;
  /** Starts all runs as soon as the settings have been read */
  play(): void;
  along(axis: NonNullable<Story["along"]>): void;
}): { update(): void; open(story: Story, telling: { playing: boolean }): void } {
  const select = byId<HTMLSelectElement>("story");
  select.append(...stories.map(({ id, title }) => element("option", { value: id }, title)));
  let told: Story | undefined;

  function open(story: Story, { playing }: { playing: boolean }): void {
    const { problems: _, ...settings } = fromHash(story.link);
    tell(story);
    if (playing) {
      byId<HTMLSelectElement>("pace").value = String(pace);
      runs.setPace(pace);
      runs.clearGhosts();
      page.restore(settings);
      play();
    }
  }

  function tell(story: Story | undefined): void {
    if (story === told) return;
    told = story;
    select.value = story?.id ?? "";
    byId("telling").hidden = story === undefined;
    if (story !== undefined) along(story.along ?? "energy");
  }

  select.addEventListener("change", () => {
    const story = stories.find(({ id }) => id === select.value);
    if (story === undefined) tell(undefined);
    else open(story, { playing: true });
  });
  byId("leave-story").addEventListener("click", () => tell(undefined));

  return {
    open,
    update() {
      // A link pasted into the tab may be a story's; a touched setting makes it another's
      if (page.settled) tell(storyOf(location.hash));
      if (told === undefined) return;
      const lanes = page.settings.lanes.map((_, i) => runs.state(i));
      const ended = lanes.every(({ outcome }) => outcome !== undefined);
      const rounds = Math.max(...lanes.map((state) => state.rounds.length));
      setTermed(byId("caption"), captionAt(told, ended ? 1 : Math.min(0.99, rounds / storyRounds)));
    },
  };
}
