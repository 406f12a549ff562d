import { power } from "./steps.js";

/** unbiased: ‖y‖²/⟨y, c⟩; mse: ⟨y, c⟩/‖c‖², the least error; norm: ‖y‖/√n, the levels' own scale (TurboQuant) */
export type RotatedScale = "unbiased" | "mse" | "norm";

/** What a block's scale S is made of, but for the block's largest magnitude, over which y is. */
export interface BlockSums {
  /** n */
  size: number;
  largest: number;
  /** ‖y‖² */
  energy: number;
  /** ⟨y, c⟩ */
  match: number;
  /** ‖c‖² */
  levels: number;
}

/** S, held to float32. */
export function blockScale(kind: RotatedScale, { size, largest, energy, match, levels }: BlockSums): number {
  if (energy === 0) return 0;
  const scale = kind === "unbiased" ? energy / match : kind === "mse" ? match / levels : Math.sqrt(energy / size);
  return Math.min(scale * largest, 3.4028234663852886e38);
}

/** The symbols of b bits. */
export function levelLimits(bits: number): [lowest: number, highest: number] {
  const half = power(2, bits - 1);
  return [-half, half - 1];
}
