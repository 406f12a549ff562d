/** The config's JSON Schema (2020-12). */
export function configJsonSchema(): object {
  return { type: "object" };
}
