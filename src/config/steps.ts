/** Long work in short steps, between which whoever drives it may do something else, such as hear a signal. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** All the steps, without a pause. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
