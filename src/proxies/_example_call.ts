import { isPlainObject } from "../util/mod.ts";
import { readParams } from "./_params.ts";
import { jsonText } from "./_type_escape.ts";
import type { ApiDirectory } from "./types.ts";

const MAX_EXAMPLE_CHARS = 200;

/** Writes a cell that makes one call: of an endpoint whose required parameters all have short examples, if there is one. */
export function exampleCall(directories: readonly ApiDirectory[], language: "python" | "typescript"): string {
  const calls = directories.flatMap(({ id, endpoints }) =>
    endpoints.map((info) => {
      const required = readParams(info.params).filter((param) => param.required);
      const args = Object.fromEntries(required.map(({ name, example }) => [name, example ?? null]));
      const complete = !info.needsApproval && required.every((param) => param.example !== undefined) &&
        JSON.stringify(args).length <= MAX_EXAMPLE_CHARS;
      return {
        path: `${id}/${info.callable}`,
        args,
        score: (complete ? 2 : 0) + (required.length > 0 ? 1 : 0),
      };
    })
  );
  const { path, args } = calls.reduce((best, call) => call.score > best.score ? call : best);
  const literal = language === "python" ? pythonLiteral : jsonText;
  const params = Object.keys(args).length === 0 ? "" : `, ${literal(args)}`;
  return language === "python"
    ? `data = CALL_API(${jsonText(path)}${params})\nprint(data)`
    : `const data = await CALL_API(${jsonText(path)}${params});\nconsole.log(data);`;
}

/** Writes JSON data as a Python literal. */
function pythonLiteral(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(", ")}]`;
  if (isPlainObject(value)) {
    return `{${
      Object.entries(value).map(([key, inner]) => `${jsonText(key)}: ${pythonLiteral(inner)}`).join(
        ", ",
      )
    }}`;
  }
  return jsonText(value);
}
