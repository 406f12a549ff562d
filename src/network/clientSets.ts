import type { Network } from "./network.js";

/** All clients. */
export function allClients({ clients }: Network): Int32Array {
  return Int32Array.from({ length: clients }, (_, i) => i);
}

/** Those with a serving AP in common with client k (k included; [B] 5.15). */
export function sharingClients({ clients: K, accessPoints: L, serves }: Network, k: number): Int32Array {
  const set: number[] = [];
  for (let i = 0; i < K; i++)
    for (let l = 0; l < L; l++)
      if (serves[k * L + l]! > 0 && serves[i * L + l]! > 0) {
        set.push(i);
        break;
      }
  return Int32Array.from(set);
}

/** Clients whose access points have no gain to them. */
export function unheardClients({ clients: K, accessPoints: L, gain, serves }: Network): number[] {
  return Array.from({ length: K }, (_, k) => k).filter((k) => {
    for (let l = k * L; l < (k + 1) * L; l++) if (serves[l]! > 0 && gain[l]! > 0) return false;
    return true;
  });
}
