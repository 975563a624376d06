import { isPlainObject, type JsonSchema } from "../util/mod.ts";
import { readParams } from "./_params.ts";
import { commentText, stringText } from "./_type_escape.ts";
import { objectText, type TypeLimits, type TypeMember, TypeWriter } from "./_type_text.ts";
import type { EndpointInfo, ParamType } from "./types.ts";

/** An endpoint to declare: the path that calls name it by, and what is known of it. */
export interface DeclaredEndpoint {
  /** Such as `market/prices`. */
  readonly path: string;
  /** As the directory lists it. */
  readonly info: DeclaredInfo;
}

/** What of an endpoint's description a declaration needs. */
export type DeclaredInfo =
  & Pick<EndpointInfo, "description" | "params">
  & Partial<Pick<EndpointInfo, "inputSchema" | "outputSchema" | "response" | "needsApproval">>;

/** Options of {@linkcode typescriptDeclarations}. */
export interface DeclarationOptions {
  /** Most characters of one endpoint's declaration: a longer one is written in less detail. Default: 4,000. */
  readonly maxChars?: number;
  /** What comments tell: all that is known of endpoints and parameters; what an endpoint does; nothing. Default: `"all"`. */
  readonly comments?: "all" | "brief" | "none";
}

/** From every detail to nearly none: the first that is short enough is taken. */
const DETAIL: readonly TypeLimits[] = [
  { maxDepth: 8, maxTypes: 1_500, maxMembers: 60, commentChars: 240 },
  { maxDepth: 6, maxTypes: 400, maxMembers: 40, commentChars: 120 },
  { maxDepth: 4, maxTypes: 150, maxMembers: 30, commentChars: 60 },
  { maxDepth: 3, maxTypes: 80, maxMembers: 25, commentChars: 0 },
  { maxDepth: 2, maxTypes: 40, maxMembers: 20, commentChars: 0 },
  { maxDepth: 1, maxTypes: 20, maxMembers: 15, commentChars: 0 },
  { maxDepth: 1, maxTypes: 0, maxMembers: 0, commentChars: 0 },
];
const MAX_DESCRIPTION_CHARS = 800;
const MAX_BRIEF_CHARS = 160;
const MAX_EXAMPLE_CHARS = 400;

/**
 * Writes endpoints as TypeScript: one overload of `CALL_API` each, with the types that it needs before it. Parameters come
 * from `inputSchema` where there is one, answers from `outputSchema`, else from the example. Whatever names and descriptions
 * contain, the text stays within a fenced block, and each of them within its comment or string.
 */
export function typescriptDeclarations(
  endpoints: readonly DeclaredEndpoint[],
  options: DeclarationOptions = {},
): string {
  const { maxChars = 4_000, comments = "all" } = options;
  const named = new Map<string, string>();
  return endpoints.map(({ path, info }) => {
    let text = "";
    let types = new Map<string, string>();
    for (const limits of DETAIL) {
      const commentChars = comments === "all" ? limits.commentChars : 0;
      const writer = new TypeWriter({ ...limits, commentChars }, named.keys());
      const comment = comments === "none" ? "" : endpointComment(info, commentChars);
      const overload = comment + declare(path, info, writer);
      types = writer.named;
      text = [...[...types].map(([name, type]) => `type ${name} = ${type};`), overload].join("\n");
      if (text.length <= maxChars) break;
    }
    for (const [name, type] of types) named.set(name, type);
    return text;
  }).join("\n\n");
}

function declare(path: string, info: DeclaredInfo, writer: TypeWriter): string {
  const params = paramsText(info, writer);
  const result = resultText(info, writer);
  return `declare function CALL_API(path: ${stringText(path)}${params}): Promise<${result}>;`;
}

function endpointComment(
  { description, needsApproval, response }: DeclaredInfo,
  commentChars: number,
): string {
  const chars = commentChars === 0 ? MAX_BRIEF_CHARS : MAX_DESCRIPTION_CHARS;
  const example = response === undefined || response === null || commentChars === 0
    ? ""
    : JSON.stringify(response) ?? "";
  const lines = [
    commentText(description, chars),
    ...(needsApproval === true ? ["Each call waits for a person's approval."] : []),
    ...(example === "" || example.length > MAX_EXAMPLE_CHARS
      ? []
      : [`Returns e.g. ${commentText(example, MAX_EXAMPLE_CHARS)}`]),
  ].filter((line) => line !== "");
  if (lines.length === 0) return "";
  return lines.length === 1
    ? `/** ${lines[0]} */\n`
    : `/**\n${lines.map((line) => ` * ${line}`).join("\n")}\n */\n`;
}

function paramsText({ params, inputSchema }: DeclaredInfo, writer: TypeWriter): string {
  const { maxMembers, commentChars } = writer.limits;
  const all = Object.keys(params).length;
  const declared = paramMembers(params, commentChars);
  if (inputSchema === undefined) {
    if (declared.length === 0) return "";
    const optional = declared.every((member) => member.optional);
    return `, params${optional ? "?" : ""}: ${
      objectText(declared.slice(0, maxMembers), Math.max(0, all - maxMembers))
    }`;
  }
  const required = Array.isArray(inputSchema.required) ? inputSchema.required.length > 0 : false;
  const plain = inputSchema.$ref === undefined && isPlainObject(inputSchema.properties) &&
    !["allOf", "anyOf", "oneOf"].some((keyword) => keyword in inputSchema);
  if (!plain) {
    const text = writer.type(inputSchema, inputSchema);
    const isNone = declared.length === 0 && /^(Record<string, (unknown|never)>|unknown)$/.test(text);
    return isNone ? "" : `, params: ${text === "unknown" ? "Record<string, unknown>" : text}`;
  }
  const members = writer.members(inputSchema, inputSchema).map((member) => {
    const own = declared.find(({ name }) => name === member.name);
    return member.comment === "" && own !== undefined ? { ...member, comment: own.comment } : member;
  });
  const total = Object.keys(inputSchema.properties as object).length;
  if (total === 0) return "";
  return `, params${required ? "" : "?"}: ${objectText(members, total - members.length)}`;
}

const TYPES: Readonly<Record<ParamType, string>> = {
  string: "string",
  integer: "number",
  number: "number",
  boolean: "boolean",
  array: "unknown[]",
  object: "Record<string, unknown>",
  any: "unknown",
};

function paramMembers(params: EndpointInfo["params"], commentChars: number): TypeMember[] {
  return readParams(params).map(({ name, type, required, example, description }) => {
    const facts = [
      ...(description === undefined ? [] : [description]),
      ...(type === "integer" ? ["integer"] : []),
      ...(example === undefined ? [] : [`e.g. ${JSON.stringify(example)}`]),
    ];
    return {
      name,
      type: TYPES[type],
      optional: !required,
      comment: commentText(facts.join("; "), commentChars),
    };
  });
}

function resultText({ outputSchema, response }: DeclaredInfo, writer: TypeWriter): string {
  if (outputSchema !== undefined) {
    const text = writer.type(outputSchema, outputSchema);
    return text === "unknown" ? "any" : text;
  }
  return response === undefined || response === null ? "any" : writer.type(schemaOfExample(response), {});
}

/** Most rows of an example that are looked at. */
const EXAMPLE_ROWS = 20;

/** What values like an example are, as a schema. */
function schemaOfExample(value: unknown, depth = 0): JsonSchema {
  if (value === null || depth > 8) return {};
  if (Array.isArray(value)) {
    const rows = value.slice(0, EXAMPLE_ROWS).map((row) => schemaOfExample(row, depth + 1));
    const kinds = [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()];
    return {
      type: "array",
      items: kinds.length === 1 ? kinds[0] : kinds.length === 0 ? {} : { anyOf: kinds },
    };
  }
  if (typeof value !== "object") return { type: typeof value };
  const entries = Object.entries(value);
  return {
    type: "object",
    properties: Object.fromEntries(entries.map(([name, inner]) => [name, schemaOfExample(inner, depth + 1)])),
    required: entries.map(([name]) => name),
  };
}
