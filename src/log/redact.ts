import { type ContentLimits, isShort, limitContent } from "./limits.ts";

/** A piece of what is about to be kept. */
export interface LogContent {
  /** What it is: the task, metadata or result of a run, what a step was given or gave, or the messages of the session. */
  readonly where: "task" | "metadata" | "input" | "output" | "result" | "session";
  /** Of a step: its path. */
  readonly path?: string;
  /** The content, JSON-safe. */
  readonly value: unknown;
}

/**
 * Changes what is kept: gives the content, or another in its place.
 *
 * Contract: it may be called at any time and must not throw; it must not change the content in place.
 *
 * @example
 * ```ts
 * import { type Redact, sqliteStore } from "@lllm/lllm/log";
 *
 * const redact: Redact = ({ value }) =>
 *   JSON.parse(JSON.stringify(value).replaceAll(/[\w.]+@[\w.]+/g, "[mail]"));
 * await using logStore = sqliteStore(":memory:", { redact });
 * ```
 */
export type Redact = (content: LogContent) => unknown;

/** What is done to contents before they are kept: first the hook of whoever opened the store, then the limits. */
export function prepareContent(
  redact: Redact | undefined,
  limits: ContentLimits | undefined,
): Redact | undefined {
  if (limits === undefined) return redact;
  const limit = limitContent(limits);
  if (redact !== undefined) {
    return (content) => {
      const value = redact(content);
      return value instanceof Promise ? value : limit({ ...content, value });
    };
  }
  limitsOf.set(limit, limits);
  return limit;
}

/** Of hooks that do nothing else: the limits. */
const limitsOf = new WeakMap<Redact, ContentLimits>();

/** Applies a hook to JSON. */
export function redactJson(
  redact: Redact | undefined,
  where: LogContent["where"],
  json: string,
  path?: string,
): string {
  if (redact === undefined) return json;
  const limits = limitsOf.get(redact);
  if (limits !== undefined && isShort(json, limits)) return json;
  const content = { where, value: JSON.parse(json) as unknown, ...(path === undefined ? {} : { path }) };
  const kept = redact(content);
  if (kept instanceof Promise) {
    throw new TypeError(`Cannot keep ${where} of a run: expected redact to give a content, found a promise`);
  }
  return JSON.stringify(kept) ?? "null";
}
