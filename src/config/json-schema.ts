import * as z from "zod";
import { configSchema } from "./schema.js";

/** The config's JSON Schema (2020-12). A config file may leave any field out, so none is required. */
export function configJsonSchema(): object {
  const schema = z.toJSONSchema(configSchema, {
    override: ({ jsonSchema }) => {
      delete jsonSchema.required;
    },
  });
  return { ...schema, title: "cellfed config" };
}
