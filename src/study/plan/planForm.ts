/** The form of a study's plan in types; `studySchema.ts` checks it. */

export type PlanValue = string | number | boolean | null | PlanValue[] | { [key: string]: PlanValue };
export type PlanSettings = Record<string, PlanValue>;

export type StudyKind = "training" | "pricing" | "rates" | "quantizers";

/** What values are drawn from. */
export type DistributionPlan =
  | { uniform: [low: number, high: number] }
  | { logUniform: [low: number, high: number] }
  | { normal: [mean: number, deviation: number] }
  | { integer: [first: number, last: number] }
  | { choice: PlanValue[] };

interface RangePlan {
  from: number;
  to: number;
  step?: number | undefined;
  count?: number | undefined;
  scale?: "linear" | "log" | undefined;
}

interface DrawPlan {
  draw: DistributionPlan;
  count: number;
  /** Of the drawing; default 1 */
  seed?: number | undefined;
}

/** Values of one field: a list, a range, random draws. */
export type ValuesPlan = PlanValue[] | RangePlan | DrawPlan;

/** Field that an axis sets; default: the axis's name */
interface AtPath {
  path?: string | undefined;
}

export type AxisPlan =
  | PlanValue[]
  | (AtPath & { values: PlanValue[] })
  | (AtPath & RangePlan)
  | (AtPath & DrawPlan)
  | { zip: Record<string, ValuesPlan> }
  | { cases: { label: string; set: PlanSettings }[] };

type LabelPlan = string | number | boolean;

/** A grid of a study; the fields' meaning stands in docs/studies.md and in the JSON Schema. */
export interface PartPlan {
  name?: string | undefined;
  jobs?: StudyKind | undefined;
  base?: string | PlanSettings | undefined;
  set?: PlanSettings | undefined;
  axes?: Record<string, AxisPlan> | undefined;
  exclude?: Record<string, LabelPlan | LabelPlan[]>[] | undefined;
  seeds?: string | number | number[] | undefined;
  drops?: number | undefined;
  budgets?: { energy?: number | null | undefined; latency?: number | null | undefined }[] | undefined;
  baseline?: string | undefined;
  detail?: boolean | undefined;
  bitsPerEntry?: [low: number, high: number] | { rounds: number[][] } | undefined;
  receivers?: string[] | undefined;
  realizations?: number | undefined;
  measures?: ("goldens" | "inputs" | "sweep" | "bias" | "accuracy")[] | undefined;
}

interface PlanHead {
  $schema?: string | undefined;
  plugins?: string[] | undefined;
}

/** A plan as it stands in its file, checked in form; what it means is told when it is laid out. */
export type StudyPlan = (PlanHead & PartPlan) | (PlanHead & { name?: string | undefined; parts: PartPlan[] });
