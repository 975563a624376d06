import type { LogStore, SessionQuery, SessionSummary } from "../log/mod.ts";
import { nearest } from "../util/mod.ts";

/** How many of the newest sessions tell which names there are: enough for a hint, and quick in a log of any size. */
const LOOKED_AT = 1_000;
const MAX_NAMES = 5;

/**
 * Says which names of a filter that found nothing the log does not know, a line for each, and which of those that it knows come near;
 * `[]` where it knows them all, or has no sessions.
 */
export async function hintsForFilter(
  store: LogStore,
  { tacticPath, tags = {} }: SessionQuery,
): Promise<string[]> {
  if (tacticPath === undefined && Object.keys(tags).length === 0) return [];
  const sessions = await store.listSessions({ limit: LOOKED_AT });
  if (sessions.length === 0) return [];
  const hints: string[] = [];
  if (tacticPath !== undefined && !await isKnown(store, { tacticPath })) {
    hints.push(hintForTactic(tacticPath, sessions));
  }
  for (const [name, value] of Object.entries(tags)) {
    if (!await isKnown(store, { tags: { [name]: value } })) hints.push(hintForTag(name, value, sessions));
  }
  return hints;
}

/** Of the batches among the newest sessions, those whose names come near. */
export async function nearBatches(store: LogStore, name: string): Promise<string> {
  const sessions = await store.listSessions({ limit: LOOKED_AT });
  return among(name, sessions.flatMap(({ tags }) => tags.batch ?? []), (known) => known);
}

/** Looks at all sessions: what the newest ones do not have, an older one may. */
async function isKnown(store: LogStore, query: SessionQuery): Promise<boolean> {
  return (await store.listSessions({ ...query, limit: 1 })).length > 0;
}

function hintForTactic(key: string, sessions: readonly SessionSummary[]): string {
  const paths = sessions.map(({ tacticPath }) => tacticPath);
  return `no session of tactic "${key}" is known${among(key, paths, (path) => path)}`;
}

function hintForTag(name: string, value: string, sessions: readonly SessionSummary[]): string {
  const names = sessions.flatMap(({ tags }) => Object.keys(tags));
  const pair = `no session with the tag ${name}=${value} is known`;
  if (!names.includes(name)) {
    const areAll = sessions.length < LOOKED_AT; // else an older one may have the tag with another value
    const unknown = areAll ? `no session with a tag "${name}" is known` : pair;
    return `${unknown}${among(name, names, (known) => known)}`;
  }
  const values = sessions.flatMap(({ tags }) => tags[name] ?? []);
  return `${pair}${among(value, values, (known) => `${name}=${known}`)}`;
}

/** The names that come near; where none does, those that there are. */
function among(wanted: string, known: readonly string[], show: (name: string) => string): string {
  const near = nearest(wanted, known);
  const all = [...new Set(known)];
  if (near.length > 0) return `; did you mean ${near.map(show).join(", or ")}?`;
  if (all.length === 0) return "";
  return `; there are ${all.slice(0, MAX_NAMES).map(show).join(", ")}${all.length > MAX_NAMES ? ", …" : ""}`;
}
