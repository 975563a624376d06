import { LLLMError } from "../../errors.ts";
import { isPlainObject, type JsonValue } from "../../util/mod.ts";
import type { HttpPages } from "../http_types.ts";
import type { HttpEngine, RequestOptions } from "./engine.ts";
import type { HttpAnswer, HttpParts } from "./send.ts";

/** Most pages of one call, unless the endpoint says otherwise. */
export const MAX_PAGES = 10;

/** One page: where it is, and how it is read. */
interface Page {
  readonly answer: HttpAnswer;
  readonly value: JsonValue;
  readonly rows: readonly JsonValue[];
}

/** Reads page after page, within the bounds, and joins them. */
export async function requestPages(
  engine: HttpEngine,
  first: HttpParts,
  pages: HttpPages,
  options: RequestOptions,
  read: (answer: HttpAnswer) => JsonValue,
): Promise<JsonValue> {
  const { items = "", maxPages = MAX_PAGES } = pages;
  const seen = new Set<string>();
  const rows: JsonValue[] = [];
  let left = engine.maxBytes;
  let parts: HttpParts | undefined = startOf(first, pages);
  let last: Page | undefined;
  for (let number = 0; parts !== undefined && number < maxPages; number++) {
    seen.add(parts.url.href);
    const answer = await engine.request(parts, { ...options, maxBytes: left });
    left = Math.max(1, left - answer.body.length);
    const value = read(answer);
    last = { answer, value, rows: rowsOf(value, items, options.api) };
    for (const row of last.rows) rows.push(row); // they may be more than a call takes arguments
    const next = nextUrl(parts.url, pages, last, { rowsSoFar: rows.length, number, api: options.api });
    parts = next === undefined || seen.has(next.href) ? undefined : { ...parts, url: next };
  }
  return last === undefined ? null : withRows(last.value, items, rows);
}

function startOf(parts: HttpParts, pages: HttpPages): HttpParts {
  if (pages.type !== "page" || pages.first === undefined) return parts;
  return { ...parts, url: withQuery(parts.url, pages.param, String(pages.first)) };
}

function nextUrl(
  url: URL,
  pages: HttpPages,
  page: Page,
  { rowsSoFar, number, api }: { rowsSoFar: number; number: number; api: string },
): URL | undefined {
  const isFull = page.rows.length > 0 &&
    !("size" in pages && pages.size !== undefined && page.rows.length < pages.size);
  switch (pages.type) {
    case "page":
      return isFull ? withQuery(url, pages.param, String((pages.first ?? 1) + number + 1)) : undefined;
    case "offset":
      return isFull ? withQuery(url, pages.param, String(rowsSoFar)) : undefined;
    case "cursor": {
      const cursor = at(page.value, pages.next);
      if ((typeof cursor !== "string" || cursor === "") && typeof cursor !== "number") return undefined;
      return withQuery(url, pages.param, String(cursor));
    }
    case "link": {
      const link = pages.next === undefined
        ? linkHeader(page.answer.headers.get("link") ?? "")
        : at(page.value, pages.next);
      const next = typeof link === "string" && link !== "" ? URL.parse(link, page.answer.url) : null;
      if (next === null || next.origin === url.origin) return next ?? undefined;
      // It is not of this service: its key stays here, and rows must not go missing in silence.
      throw new LLLMError(
        `Cannot call API "${api}": expected the next page at ${url.host}, found it at ${next.host}`,
        { code: "provider_error", data: { api } },
      );
    }
  }
}

function withQuery(url: URL, name: string, value: string): URL {
  const next = new URL(url);
  next.searchParams.set(name, value);
  return next;
}

/** The target with `rel="next"` of a `Link` header. */
function linkHeader(text: string): string | undefined {
  for (const [, target, params] of text.matchAll(/<([^<>]*)>((?:\s*;\s*[^,;<>"]+(?:"[^"]*")?)*)/g)) {
    if (/;\s*rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next\b)/i.test(params!)) return target;
  }
  return undefined;
}

function keysOf(place: string): string[] {
  return place === "" ? [] : place.split(".");
}

function at(value: JsonValue | undefined, place: string): JsonValue | undefined {
  for (const key of keysOf(place)) {
    if (!isPlainObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key] as JsonValue;
  }
  return value;
}

function rowsOf(value: JsonValue, items: string, api: string): readonly JsonValue[] {
  const rows = at(value, items);
  if (rows === undefined || rows === null) return [];
  if (Array.isArray(rows)) return rows;
  throw new LLLMError(
    `Cannot call API "${api}": expected a list at "${items}" of each page, found ${typeof rows}`,
    { code: "provider_error", data: { api } },
  );
}

/** The last page with the rows of all. */
function withRows(value: JsonValue, items: string, rows: readonly JsonValue[]): JsonValue {
  const [key, ...rest] = keysOf(items);
  if (key === undefined) return rows;
  const object = isPlainObject(value) ? value as Record<string, JsonValue> : {};
  return { ...object, [key]: withRows(object[key] ?? {}, rest.join("."), rows) };
}
