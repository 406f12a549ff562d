export { checkDerivatives, type WrongDerivative } from "./derivatives.js";
export { minimize } from "./minimize.js";
export type { Constraints, Multipliers, Problem, Solution } from "./problem.js";
export type { LinearConstraints, QuadraticProgram } from "./program.js";
export { type QuadraticSolution, solveQp } from "./quadratic.js";
