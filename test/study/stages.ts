import {
  concludeReproduction,
  finalistsOf,
  planReproduction,
  type ReproductionRequest,
  screeningJobs,
} from "../../src/papers/reproduce.js";
import { here } from "../../src/study/run/here.js";
import { runJobs } from "../../src/study/run/run.js";
import { memoryStore } from "../../src/study/store/memory.js";

/** A reproduction as the command makes it: who goes on is known when the screening is done. */
export async function reproduceInStages(request: ReproductionRequest) {
  const store = memoryStore();
  const screened = planReproduction(request);
  await runJobs(screeningJobs(screened), { store, place: here() });
  const finalists = await finalistsOf(screened, store);
  const plan = planReproduction({ ...request, finalists });
  await runJobs(plan.jobs, { store, place: here() });
  return { screened, finalists, plan, store, results: await concludeReproduction(plan, store) };
}
