import { type RegisteredPart, registered } from "../../parts/plugins.js";

/** Names and sources of those of some parts that plugins brought: what a job's results depend on beside its payload. */
export function sourcesOf(
  kind: RegisteredPart["kind"],
  names: readonly string[],
): Pick<RegisteredPart, "name" | "source">[] {
  return registered()
    .filter((part) => part.kind === kind && names.includes(part.name))
    .map(({ name, source }) => ({ name, source }));
}
