import type { StudyPlan } from "./planForm.js";
import { parsedPlan, planSchema } from "./studySchema.js";

/**
 * Checks the form of a plan.
 * @throws InputError naming the field, with the nearest known one, and all else that is wrong
 * @example
 * parseStudyPlan({ base: "quick", axes: { power: ["full", "min-max"] }, seeds: [1] }).base; // → quick
 */
export function parseStudyPlan(given: unknown): StudyPlan {
  return parsedPlan(given);
}

/**
 * The JSON Schema (2020-12) of a plan.
 * @example
 * "$defs" in studyPlanJsonSchema(); // → true
 */
export function studyPlanJsonSchema(): Record<string, unknown> {
  return planSchema();
}
