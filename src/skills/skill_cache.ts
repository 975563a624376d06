/** What came of asking for a URL: bytes, or why there are none. JSON-safe. */
export type FetchedSkill = { readonly base64: string } | { readonly error: string };

/**
 * Keeps what URLs of skills gave, so that the runs of a tactic ask for them once.
 *
 * Failures are kept too: a server that is down is not waited for in every run.
 */
export class SkillCache {
  readonly #maxAgeMs: number;
  readonly #entries = new Map<string, { readonly at: number; readonly fetched: Promise<FetchedSkill> }>();

  /**
   * Creates an empty cache.
   *
   * @param maxAgeMs how long an answer is used; default: five minutes. Units: milliseconds.
   */
  constructor(maxAgeMs: number = 300_000) {
    this.#maxAgeMs = maxAgeMs;
  }

  /** Gives what is kept under a key and is not too old, else asks for it; who asks at the same time shares one answer. */
  get(key: string, fetchSkill: () => Promise<FetchedSkill>): Promise<FetchedSkill> {
    const kept = this.#entries.get(key);
    if (kept !== undefined && performance.now() - kept.at < this.#maxAgeMs) return kept.fetched;
    const entry = { at: performance.now(), fetched: fetchSkill() };
    this.#entries.set(key, entry);
    return entry.fetched;
  }
}
