/** quadprog of npm ships no types; arrays are counted from 1. */
declare module "quadprog" {
  const quadprog: {
    solveQP(
      d: number[][],
      linear: number[],
      a: number[][],
      b: number[],
      equalities: number,
    ): { solution: number[]; Lagrangian: number[]; value: number[]; iterations: number[]; message: string };
  };
  export default quadprog;
}
