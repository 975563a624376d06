import { nearest } from "../util/mod.ts";
import type { SessionQuery } from "./log_store.ts";
import { SESSION_STATES } from "./_session_states.ts";

const FILTERS: Readonly<Record<keyof SessionQuery, true>> = {
  tacticPath: true,
  tags: true,
  state: true,
  after: true,
  before: true,
};

/**
 * Checks what somebody asks for: a filter that is overlooked gives, and forgets, all sessions. Dates and limits are checked where they
 * are read.
 *
 * @returns the filters that say something
 * @throws {TypeError} for a filter that there is not, and one that is no text; {RangeError} for a state that there is not.
 */
export function checkQuery(query: SessionQuery): SessionQuery {
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(query)) {
    if (!Object.hasOwn(FILTERS, name)) {
      const names = Object.keys(FILTERS);
      throw new TypeError(
        `Cannot filter sessions: expected ${names.join(", ")}, found "${name}"${hint(name, names)}`,
      );
    }
    if (value !== undefined) given[name] = value;
  }
  const { tacticPath, state, tags } = given;
  if (tacticPath !== undefined && typeof tacticPath !== "string") throw noText("tacticPath", tacticPath);
  if (state !== undefined && !SESSION_STATES.includes(String(state))) {
    throw new RangeError(
      `Cannot filter sessions: expected state ${SESSION_STATES.join(", ")}, found ${JSON.stringify(state)}${
        hint(String(state), SESSION_STATES)
      }`,
    );
  }
  if (tags === undefined) return given;
  if (typeof tags !== "object" || tags === null || Array.isArray(tags)) {
    throw new TypeError(`Cannot filter sessions: expected tags as an object, found ${JSON.stringify(tags)}`);
  }
  const wanted = Object.entries(tags).filter(([, value]) => value !== undefined);
  for (const [tag, value] of wanted) if (typeof value !== "string") throw noText(`tag "${tag}"`, value);
  if (wanted.length === 0) delete given.tags;
  else given.tags = Object.fromEntries(wanted);
  return given;
}

function hint(name: string, names: readonly string[]): string {
  const [near] = nearest(name, names);
  return near === undefined ? "" : `; did you mean "${near}"?`;
}

function noText(what: string, value: unknown): TypeError {
  return new TypeError(
    `Cannot filter sessions: expected a text as ${what}, found ${JSON.stringify(value) ?? "none"}`,
  );
}
