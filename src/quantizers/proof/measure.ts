/** How far a decoded update is from the original. */
export interface Distortion {
  /** Σ(q − v)² / Σ v²; 0 for zero from zero, Infinity for something from zero */
  nmse: number;
  /** max |q − v| */
  maxError: number;
}

export function distortion(original: Float32Array, decoded: Float32Array): Distortion {
  let error = 0;
  let energy = 0;
  let maxError = 0;
  for (let i = 0; i < original.length; i++) {
    const v = original[i] as number;
    const difference = (decoded[i] as number) - v;
    error += difference * difference;
    energy += v * v;
    maxError = Math.max(maxError, Math.abs(difference));
  }
  return { nmse: error === 0 ? 0 : error / energy, maxError };
}
