/** What looks like a key in a text: those of the usual providers, tokens of headers, parameters of addresses. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [
    /\b(?:sk|pk|rk|gsk|xai|ghp|gho|github_pat|glpat|hf|AIza|xox[abp])[-_]?[A-Za-z0-9][A-Za-z0-9_-]{11,}/g,
    "[scrubbed]",
  ],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, "$1 [scrubbed]"],
  [/([?&](?:api[-_]?key|key|token|access_token|secret|signature|sig)=)[^&\s"']+/gi, "$1[scrubbed]"],
  [/(:\/\/[^/\s:@]+:)[^@/\s]+@/g, "$1[scrubbed]@"],
];

/** Takes out of a text what looks like a key. */
export function scrubText(text: string): string {
  return PATTERNS.reduce((scrubbed, [pattern, by]) => scrubbed.replaceAll(pattern, by), text);
}

/** Takes it out of all texts of JSON-like data. */
export function scrubTexts(value: unknown): unknown {
  if (typeof value === "string") return scrubText(value);
  if (Array.isArray(value)) return value.map(scrubTexts);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, scrubTexts(inner)]));
}
