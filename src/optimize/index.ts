export { minimize } from "./minimize.js";
export type { Constraints, Multipliers, Problem, Solution } from "./problem.js";
