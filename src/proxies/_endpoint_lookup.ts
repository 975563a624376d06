import { LLLMError } from "../errors.ts";
import { nearest } from "../util/mod.ts";

/** Splits the path of a call at the last `/`, else at the first `.`; `undefined` when it has neither. */
export function splitPath(path: string): { proxyName: string; endpointName: string } | undefined {
  const slash = path.lastIndexOf("/");
  const at = slash >= 0 ? slash : path.indexOf(".");
  if (at <= 0 || at === path.length - 1) return undefined;
  return { proxyName: path.slice(0, at), endpointName: path.slice(at + 1) };
}

/** All ways to split the path of a call, that at the last `/` first: what a service calls an endpoint may have slashes. */
export function splitsOf(path: string): { proxyName: string; endpointName: string }[] {
  const first = splitPath(path);
  if (first === undefined) return [];
  const splits = [first];
  for (let at = first.proxyName.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
    splits.push({ proxyName: path.slice(0, at), endpointName: path.slice(at + 1) });
    if (splits.length === MAX_SPLITS) break;
  }
  return splits;
}

const MAX_SPLITS = 20;

/** What a lookup that failed knows. */
export interface FailedLookup {
  /** What was asked for. */
  readonly path: string;
  /** What was expected, such as `a proxy`. */
  readonly expected: string;
  /** Names that exist. */
  readonly known: readonly string[];
  /** Names to tell when none is near; default none. */
  readonly instead?: readonly string[];
  /** What was found in its place. Default: `none of that name`. */
  readonly found?: string;
  /** The part of `path` that is wrong, when the known names are parts too. Default: `path`. */
  readonly wrong?: string;
}

/** Makes the error for a path or name that leads nowhere: `endpoint_not_found`, data `{ path, near }`. */
export function endpointNotFound(failed: FailedLookup): LLLMError {
  const { path, expected, known, instead = [], found = "none of that name" } = failed;
  const near = nearest(failed.wrong ?? path, known);
  let hint = "";
  if (near.length > 0) hint = `; did you mean ${near.map((name) => `"${name}"`).join(" or ")}?`;
  else if (instead.length > 0) {
    const shown = instead.slice(0, 20).join(", ");
    hint = `; there are ${shown}${instead.length > 20 ? `, and ${instead.length - 20} more` : ""}`;
  }
  return new LLLMError(`Cannot find API "${cut(path)}": expected ${expected}, found ${found}${hint}`, {
    code: "endpoint_not_found",
    data: { path, near },
  });
}

function cut(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 197)}...`;
}
