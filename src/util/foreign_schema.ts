import type { JsonSchema } from "./json_schema.ts";
import { validateForeignSchema } from "./json_schema_validate.ts";
import type { Schema } from "./schema.ts";

/**
 * A schema that lets through what cannot be checked: whoever wrote it checks the value again.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const schema = foreignSchema({ type: "object", properties: { name: { type: "string", minLength: "wrong" } } });
 * assert.deepEqual(await schema["~standard"].validate({ name: "a" }), { value: { name: "a" } });
 * ```
 */
export function foreignSchema(schema: JsonSchema): Schema<Record<string, unknown>> {
  return {
    "~standard": {
      version: 1,
      vendor: "foreign",
      jsonSchema: { input: () => schema },
      validate: async (value: unknown) => {
        const issues = await validateForeignSchema(schema, value);
        return issues.length === 0
          ? { value }
          : { issues: issues.map(({ path, message }) => ({ message, path: path === "" ? [] : [path] })) };
      },
    } as Schema<Record<string, unknown>>["~standard"],
  };
}
