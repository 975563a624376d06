import type { SessionFilter } from "./types.ts";

/** What of a session is looked up: a databases keeps a list of sessions for each of these terms, in the order of time. */
export interface IndexedSession {
  /** `<package>::<name>`. */
  readonly tacticPath: string;
  /** The tactic's name. */
  readonly tacticName: string;
  /** Texts to filter by. */
  readonly tags: Readonly<Record<string, string>>;
}

const ALL = "all";
const tacticTerm = (path: string) => JSON.stringify(["tactic", path]);
const nameTerm = (name: string) => JSON.stringify(["name", name]);
const tagTerm = (key: string, value: string) => JSON.stringify(["tag", key, value]);
const tacticTagTerm = (path: string, key: string, value: string) =>
  JSON.stringify(["tactic+tag", path, key, value]);

/** The term of a state. There is none for `running`: those sessions are few, and found otherwise. */
export const stateTerm = (state: string): string => JSON.stringify(["state", state]);

/** The terms under which a session is found, whatever its state. */
export function termsOf({ tacticPath, tacticName, tags }: IndexedSession): string[] {
  const pairs = Object.entries(tags);
  return [
    ALL,
    tacticTerm(tacticPath),
    nameTerm(tacticName),
    ...pairs.map(([key, value]) => tagTerm(key, value)),
    ...pairs.map(([key, value]) => tacticTagTerm(tacticPath, key, value)),
  ];
}

/** The terms that a session must have to be among those of a filter; its state is left to the caller where it is `running`. */
export function termsOfFilter({ tacticPath, tacticName, tags, state }: SessionFilter): string[] {
  const pairs = Object.entries(tags);
  const terms = [
    ...(tacticName === undefined ? [] : [nameTerm(tacticName)]),
    ...pairs.map(([key, value]) =>
      tacticPath === undefined ? tagTerm(key, value) : tacticTagTerm(tacticPath, key, value)
    ),
    ...(tacticPath === undefined || pairs.length > 0 ? [] : [tacticTerm(tacticPath)]),
    ...(state === undefined || state === "running" ? [] : [stateTerm(state)]),
  ];
  return terms.length === 0 ? [ALL] : terms;
}
