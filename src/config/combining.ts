/** Receivers by name: centralized combiners, then local ones alone, with nearly optimal and with optimal fading weights. */
export const combiningNames = [
  "mmse",
  "p-mmse",
  "p-rzf",
  "mr-centralized",
  "l-mmse",
  "l-mmse+n-lsfd",
  "l-mmse+lsfd",
  "lp-mmse",
  "lp-mmse+n-lsfd",
  "lp-mmse+lsfd",
  "mr",
  "mr+n-lsfd",
  "mr+lsfd",
] as const;
