import { startPrograms } from "./programs.js";
import { startSearch } from "./search.js";

/** What a page does beside being read: it finds, and it runs its programs. */

const menu = document.querySelector<HTMLDetailsElement>(".menu");
if (menu !== null && matchMedia("(max-width: 60rem)").matches) menu.open = false;
startSearch(document.querySelector<HTMLInputElement>("#search")!, document.querySelector<HTMLElement>("#found")!);
startPrograms();
