import { gridPart, pricingPart } from "../study/plan/asPlan.js";
import type { StudyPlan } from "../study/plan/planForm.js";
import type { Reproduction } from "./reproduce.js";

/** The papers' comparisons as the plan of a study, a part for each grid. */
export function reproductionPlan(name: string, { pricing, training }: Reproduction): StudyPlan {
  return {
    name,
    parts: [
      ...pricing.flatMap(({ studies }) => studies.map(pricingPart)),
      ...training.flatMap(({ experiment, scenarios }) =>
        scenarios.flatMap(({ scenario }) =>
          experiment
            .grids(scenario)
            .map(({ form, title, plan }) =>
              gridPart(`${experiment.name}: ${title} (${form}), ${scenario.title}`, plan),
            ),
        ),
      ),
    ],
  };
}
