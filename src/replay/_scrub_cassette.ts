import { SCRUBBED, scrubSecrets } from "../run/mod.ts";

/** Keys of well-known forms, and authorization values, wherever they stand in a text. */
const KEYS = [
  /\b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}/g,
  /\b(?:ghp|gho|ghs|ghu|github_pat|xox[abprs])[_-][A-Za-z0-9_-]{16,}/g,
  /\bA(?:KI|SI)A[0-9A-Z]{16}\b/g,
  /\bAIza[0-9A-Za-z_-]{30,}/g,
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/g,
];
const AUTHORIZATION = /\b(Bearer|Basic) [\w.~+/=-]{8,}/g;
/** A field of JSON within a text: its quotes have backslashes before them, or more than one. */
const FIELD =
  /(\\*"[\w-]*(?:api[-_]?key|access[-_]?key|secret|password|(?:access|auth|refresh|session)[-_]?token|authorization)\\*"\s*:\s*\\*")([^"\\]+)/gi;

/** Writes data as JSON without secrets: what is under the names of secrets, keys of well-known forms, and the given texts. */
export function scrubCassette(json: string, secrets: readonly string[]): string {
  let text = JSON.stringify(scrubSecrets(JSON.parse(json)));
  for (const pattern of KEYS) text = text.replace(pattern, SCRUBBED);
  text = text.replace(AUTHORIZATION, `$1 ${SCRUBBED}`).replace(FIELD, `$1${SCRUBBED}`);
  for (const secret of secrets) {
    if (secret !== "") text = text.replaceAll(JSON.stringify(secret).slice(1, -1), SCRUBBED);
  }
  return text;
}
