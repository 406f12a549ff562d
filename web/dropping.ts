import { byId, setText } from "./dom.js";
import { filesOf, recognize } from "./ownFiles.js";
import type { Runs } from "./runs.js";
import type { Page } from "./wanted.js";

const usual = "Files of MNIST or CIFAR: choose them, or drop them anywhere on the page. They stay in this browser.";

/** Data files that are dropped on the page, or chosen: the next run trains on them. */
export function createDropping({ page, runs }: { page: Page; runs: Runs }): { update(): void } {
  const input = byId<HTMLInputElement>("data-files");
  const note = byId("data-files-note");
  let refused = "";

  function take(files: readonly File[]): void {
    const wanted = page.settings.shared.get("data.name") ?? "";
    const found = recognize(files, wanted);
    refused = typeof found === "string" ? found : "";
    if (typeof found !== "string") runs.takeFiles(found);
    // Said before the settings say it, not a frame later
    update();
    if (typeof found === "string") return;
    if (wanted !== found.name) {
      const shared = new Map([...page.settings.shared, ["data.name", found.name] as const]);
      page.change({ ...page.settings, shared }, "data.name");
    }
  }

  input.addEventListener("change", () => take([...(input.files ?? [])]));
  addEventListener("dragover", (event) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  });
  addEventListener("drop", async (event) => {
    if (event.dataTransfer === null || !event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    take(await filesOf(event.dataTransfer));
  });

  function update(): void {
    const { files } = runs;
    const held =
      files === undefined
        ? usual
        : `${files.name}: ${files.files.length} files, ${(files.files.reduce((sum, { size }) => sum + size, 0) / 1e6).toFixed(1)} MB, held by this tab.`;
    setText(note, refused || held);
    note.classList.toggle("error", refused !== "");
  }
  return { update };
}
