import { canonicalJson, type JsonValue } from "../util/mod.ts";

const MAX_ANSWERS = 500;
const MAX_CHARS = 32 * 1024 * 1024;

/** Answers that were given, as texts, so that nobody changes what others get; the oldest ones make room. */
export class AnswerCache {
  readonly #answers = new Map<string, { text: string; until: number }>();
  #chars = 0;

  /** Gives a copy of an answer that is still fresh. */
  get(key: string, now: number): JsonValue | undefined {
    const found = this.#answers.get(key);
    if (found === undefined) return undefined;
    if (found.until > now) return JSON.parse(found.text);
    this.#delete(key);
    return undefined;
  }

  /** Keeps an answer until a time. */
  set(key: string, answer: JsonValue, until: number): void {
    const text = JSON.stringify(answer);
    this.#delete(key);
    if (text.length > MAX_CHARS / 4) return;
    this.#answers.set(key, { text, until });
    this.#chars += text.length;
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= MAX_ANSWERS && this.#chars <= MAX_CHARS) break;
      this.#delete(oldest);
    }
  }

  #delete(key: string): void {
    this.#chars -= this.#answers.get(key)?.text.length ?? 0;
    this.#answers.delete(key);
  }
}

const caches: WeakMap<object, AnswerCache> = new WeakMap();

/** The answers that a proxy keeps. */
export function cacheOf(instance: object): AnswerCache {
  let cache = caches.get(instance);
  if (cache === undefined) caches.set(instance, cache = new AnswerCache());
  return cache;
}

/** What tells calls apart. */
export function cacheKey(
  callable: string,
  params: Record<string, unknown>,
  cutoff: Date | undefined,
): string {
  return `${callable} ${cutoff?.getTime() ?? ""} ${canonicalJson(params)}`;
}
