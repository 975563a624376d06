import { SCRUBBED, scrubSecrets } from "../run/mod.ts";
import { isPlainObject, setOwn } from "../util/mod.ts";

const NAMES =
  "(?:api[-_]?key|access[-_]?key|secret|password|(?:access|auth|refresh|session)[-_]?token|authorization)";

/** Keys of well-known forms, wherever they stand in a text. */
const KEYS = [
  /\b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}/g,
  /\b(?:ghp|gho|ghs|ghu|github_pat|xox[abprs])[_-][A-Za-z0-9_-]{16,}/g,
  /\bA(?:KI|SI)A[0-9A-Z]{16}\b/g,
  /\bAIza[0-9A-Za-z_-]{30,}/g,
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/g,
  /(?<=-----BEGIN [A-Z ]*PRIVATE KEY-----)(?:(?!-----)[^])+(?=-----END)/g,
];
const AUTHORIZATION = /\b(Bearer|Basic) [\w.~+/=-]{8,}/g;
const URLS = /\bhttps?:\/\/[^\s"'`<>\\]+/g;
/** A field of JSON within a text: its quotes have backslashes before them where that is JSON within JSON. */
const FIELD = new RegExp(String.raw`(?<!\\)(\\*)("[\w-]*${NAMES}\1"\s*:\s*\1")(.*?)((?<!\\)\1"|$)`, "gis");
/** A header or a variable within a text. */
const LINE = new RegExp(String.raw`(?<![\w-])([\w-]*${NAMES}\s?[:=]\s?)([\w.~+/=-]{8,})`, "gi");

/** Writes data as JSON without secrets: what is under the names of secrets, keys of well-known forms, and the given texts. */
export function scrubCassette(json: string, secrets: readonly string[]): string {
  const texts = secrets.filter((secret) => secret !== "");
  return JSON.stringify(scrubValue(scrubSecrets(JSON.parse(json)), texts));
}

function scrubValue(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === "string") return scrubText(value, secrets);
  if (typeof value === "number") return secrets.includes(String(value)) ? SCRUBBED : value;
  if (Array.isArray(value)) return value.map((item) => scrubValue(item, secrets));
  if (!isPlainObject(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    setOwn(copy, scrubText(key, secrets), scrubValue(inner, secrets));
  }
  return copy;
}

function scrubText(text: string, secrets: readonly string[]): string {
  let kept = text;
  for (const secret of secrets) kept = kept.replaceAll(secret, SCRUBBED);
  for (const pattern of KEYS) kept = kept.replace(pattern, SCRUBBED);
  return kept
    .replace(URLS, (url) => scrubSecrets(url) as string)
    .replace(AUTHORIZATION, `$1 ${SCRUBBED}`)
    .replace(FIELD, `$1$2${SCRUBBED}$4`)
    // A word without a digit is something said about a password.
    .replace(LINE, (whole, name: string, value: string) => /\d/.test(value) ? `${name}${SCRUBBED}` : whole);
}
