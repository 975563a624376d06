import { sectionOf } from "./_sections.ts";

/** Where a bare key of no particular type is looked for. */
const BARE_KEY_SECTIONS = ["prompts", "proxies", "tactics", "configs", "tools"];

/**
 * Lists the qualified keys that a key may stand for, best first: exact; a bare key in the default namespace; `pkg:path`
 * with the section of the wanted type; `section:path` in the default package.
 */
export function candidateKeys(key: string, type?: string, defaultNamespace?: string): string[] {
  if (typeof key !== "string") {
    throw new TypeError(`Cannot find a resource: expected a text as its key, found ${typeof key}`);
  }
  const candidates = [key];
  const colon = key.indexOf(":");
  if (colon < 0) {
    for (const section of type === undefined ? BARE_KEY_SECTIONS : sectionsOf(type, key)) {
      if (defaultNamespace !== undefined) candidates.push(`${defaultNamespace}.${section}:${key}`);
      else if (type !== undefined) candidates.push(`${section}:${key}`);
    }
    return candidates;
  }
  const [head, path] = [key.slice(0, colon), key.slice(colon + 1)];
  if (type !== undefined) {
    for (const section of sectionsOf(type, key)) candidates.push(`${head}.${section}:${path}`);
  }
  if (defaultNamespace !== undefined) candidates.push(`${defaultNamespace}.${key}`);
  return candidates;
}

/** A tool that is a method of a tactic, `<tactic>#<method>`, lives with its tactic. */
function sectionsOf(type: string, key: string): string[] {
  return type === "tool" && key.includes("#") ? ["tools", "tactics"] : [sectionOf(type)];
}
