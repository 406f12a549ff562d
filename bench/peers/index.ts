import type { Missing } from "../comparison.js";
import type { Side } from "../sides.js";
import { type PeerSide, pythonPeer } from "./pipe.js";

/** A task of bench/peers/tasks and how it is called where it cannot be made. */
export interface Beside {
  name: string;
  task: string;
  options?: object;
}

/** The Python peers of one comparison, each a side, or why it is not here. */
export async function besides(wanted: readonly Beside[]): Promise<{ sides: (Side | Missing)[]; free(): void }> {
  const peers: PeerSide[] = [];
  for (const { name, task, options } of wanted) peers.push(await pythonPeer(name, task, options));
  return {
    sides: peers.map(({ side }) => side),
    free() {
      for (const peer of peers) peer.free();
    },
  };
}
