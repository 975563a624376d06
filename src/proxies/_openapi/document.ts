import { LLLMError } from "../../errors.ts";
import { isPlainObject } from "../../util/mod.ts";

/** An OpenAPI document, or a part of one: nothing about its values is sure. */
export type Part = Record<string, unknown>;

const MAX_DEPTH = 500;

/** A document that cannot be used. */
export function refuse(reason: string, options: { cause?: unknown } = {}): LLLMError {
  return new LLLMError(`Cannot use OpenAPI document: ${reason}`, {
    code: "config_invalid",
    data: { key: "openapi", reason },
    ...options,
  });
}

/**
 * Checks that a value is an OpenAPI 3.0 or 3.1 document of bearable shape.
 *
 * @throws {LLLMError} `config_invalid`, with the reason
 */
export function checkDocument(value: unknown): Part {
  if (!isPlainObject(value)) {
    const found = value === null || value === undefined
      ? "nothing"
      : Array.isArray(value)
      ? "a list"
      : typeof value;
    throw refuse(`expected an object at its root, found ${found}`);
  }
  if (value.swagger !== undefined) {
    throw refuse(
      `expected OpenAPI 3.0 or 3.1, found Swagger ${textAt(value.swagger, 20)}; convert it first`,
    );
  }
  const { openapi } = value;
  if (typeof openapi !== "string" || !/^3\.[01](\.\d+)?(-.*)?$/.test(openapi)) {
    const found = openapi === undefined ? "no version" : JSON.stringify(openapi)?.slice(0, 30);
    throw refuse(`expected "openapi" to be 3.0 or 3.1, found ${found}`);
  }
  if (!isPlainObject(value.paths)) {
    throw refuse(`expected "paths", found ${value.paths === undefined ? "none" : "no object"}`);
  }
  checkShape(value);
  return value;
}

/** Refuses what goes too deep, or contains itself; parts that are shared are looked at once. */
function checkShape(root: object): void {
  const heights = new Map<object, number>();
  const open = new Set<object>();
  const stack: { node: object; children: unknown[]; height: number }[] = [];
  const push = (node: object) => {
    if (stack.length >= MAX_DEPTH) throw refuse(`expected at most ${MAX_DEPTH} levels, found more`);
    open.add(node);
    stack.push({ node, children: Object.values(node), height: 1 });
  };
  push(root);
  while (stack.length > 0) {
    const top = stack.at(-1)!;
    const child = top.children.pop();
    if (child !== undefined) {
      if (typeof child !== "object" || child === null) continue;
      if (open.has(child)) throw refuse("expected JSON data, found an object that contains itself");
      const height = heights.get(child);
      if (height === undefined) push(child);
      else {
        top.height = Math.max(top.height, height + 1);
        if (stack.length + height > MAX_DEPTH) {
          throw refuse(`expected at most ${MAX_DEPTH} levels, found more`);
        }
      }
    } else if (top.children.length === 0) {
      stack.pop();
      open.delete(top.node);
      heights.set(top.node, top.height);
      const above = stack.at(-1);
      if (above !== undefined) above.height = Math.max(above.height, top.height + 1);
    }
  }
}

/** A text at most as long as this; else nothing, or its beginning. */
export function textAt(value: unknown, maxChars: number): string {
  if (typeof value !== "string") return "";
  const text = value.trim();
  return text.length <= maxChars ? text : `${text.slice(0, maxChars - 1).toWellFormed()}…`;
}
