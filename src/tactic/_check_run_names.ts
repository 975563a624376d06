import { isPlainObject } from "../util/mod.ts";
import type { RunOptions } from "./types.ts";

/** A session is found by its id and its tags: what is no text would not be. */
export function checkRunNames({ sessionId, tags = {} }: RunOptions): void {
  if (sessionId !== undefined && (typeof sessionId !== "string" || sessionId === "")) {
    throw new TypeError(
      `Cannot run a tactic: expected a text as sessionId, found ${JSON.stringify(sessionId)}`,
    );
  }
  if (!isPlainObject(tags)) {
    throw new TypeError(`Cannot run a tactic: expected tags as an object, found ${JSON.stringify(tags)}`);
  }
  for (const [tag, value] of Object.entries<unknown>(tags)) {
    if (typeof value === "string" || value === undefined) continue;
    throw new TypeError(
      `Cannot run a tactic: expected a text as tag "${tag}", found ${JSON.stringify(value)}`,
    );
  }
}
