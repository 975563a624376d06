/**
 * Reads what servers list. An entry that is wrong costs that entry and not the list.
 *
 * @module
 */
import { isPlainObject, type JsonSchema } from "../util/mod.ts";
import { toolSchema } from "./_tool_schema.ts";
import type {
  McpPrompt,
  McpResource,
  McpResourceTemplate,
  McpToolAnnotations,
  McpToolInfo,
} from "./types.ts";

type Entry = Record<string, unknown>;

/** The protocol speaks of 128. */
const MAX_NAME_CHARS = 256;

/** Reads a tool. */
export function readTool(entry: unknown): McpToolInfo {
  if (!isPlainObject(entry) || typeof entry.name !== "string" || entry.name === "") {
    throw new TypeError("expected a tool with a name");
  }
  if (entry.name.length > MAX_NAME_CHARS) {
    throw new TypeError(
      `expected a name of at most ${MAX_NAME_CHARS} characters, found ${entry.name.length}`,
    );
  }
  const { name, outputSchema } = entry;
  const annotations = isPlainObject(entry.annotations) ? readAnnotations(entry.annotations) : undefined;
  const title = text(entry, "title").title ?? annotations?.title;
  return {
    name,
    ...(title === undefined ? {} : { title }),
    ...text(entry, "description"),
    inputSchema: toolSchema(entry.inputSchema),
    ...(isPlainObject(outputSchema) ? { outputSchema: outputSchema as JsonSchema } : {}),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

const HINTS = ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] as const;

function readAnnotations(entry: Entry): McpToolAnnotations {
  const hints = HINTS.filter((hint) => typeof entry[hint] === "boolean").map((hint) => [hint, entry[hint]]);
  return { ...text(entry, "title"), ...Object.fromEntries(hints) };
}

/** Reads a resource; `undefined` for what is none. */
export function readResource(entry: unknown): McpResource | undefined {
  if (!isPlainObject(entry) || typeof entry.uri !== "string") return undefined;
  const { uri, size } = entry;
  return {
    uri,
    name: text(entry, "name").name ?? uri,
    ...text(entry, "title", "description", "mimeType"),
    ...(typeof size === "number" ? { size } : {}),
  };
}

/** Reads a family of resources; `undefined` for what is none. */
export function readTemplate(entry: unknown): McpResourceTemplate | undefined {
  if (!isPlainObject(entry) || typeof entry.uriTemplate !== "string") return undefined;
  const { uriTemplate } = entry;
  return {
    uriTemplate,
    name: text(entry, "name").name ?? uriTemplate,
    ...text(entry, "title", "description", "mimeType"),
  };
}

/** Reads a prompt; `undefined` for what is none. */
export function readPrompt(entry: unknown): McpPrompt | undefined {
  if (!isPlainObject(entry) || typeof entry.name !== "string") return undefined;
  const given = Array.isArray(entry.arguments) ? entry.arguments.filter(isPlainObject) : [];
  return {
    name: entry.name,
    ...text(entry, "title", "description"),
    arguments: given.filter((argument) => typeof argument.name === "string").map((argument) => ({
      name: argument.name as string,
      ...text(argument, "description"),
      ...(typeof argument.required === "boolean" ? { required: argument.required } : {}),
    })),
  };
}

/** The entries of these names that are texts. */
export function text<K extends string>(entry: Entry, ...names: K[]): Partial<Record<K, string>> {
  const found = names.filter((name) => typeof entry[name] === "string").map((name) => [name, entry[name]]);
  return Object.fromEntries(found);
}
