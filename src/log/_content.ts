import { canonicalJson, sha256Hex } from "../util/mod.ts";
import type { StoredBlob } from "./types.ts";

/** Texts from this length on are stored once, by their hash. Units: UTF-16 units. */
export const BLOB_MIN_CHARS = 4_096;

/** The key of an object that stands for a text, or for an object that itself has this key. */
const REFERENCE = "$lllm-blob";

/** Takes long texts out of JSON, and remembers those that come again and again. */
export class ContentShrinker {
  readonly #known = new Map<string, StoredBlob>();
  #chars = 0;

  /** Replaces long texts in JSON by references to them; those go to `blobs`. Short JSON is left as it is. */
  shrink(json: string, blobs: StoredBlob[]): string {
    if (!hasLongText(json) && !json.includes(REFERENCE)) return json;
    let changed = false;
    const replace = (value: unknown): unknown => {
      if (typeof value === "string") {
        if (value.length < BLOB_MIN_CHARS) return value;
        changed = true;
        const blob = this.#blobOf(value);
        if (!blobs.includes(blob)) blobs.push(blob);
        return { [REFERENCE]: blob.hash };
      }
      if (typeof value !== "object" || value === null) return value;
      if (Array.isArray(value)) return value.map(replace);
      const entries = Object.entries(value);
      if (!Object.hasOwn(value, REFERENCE)) {
        return Object.fromEntries(entries.map(([key, inner]) => [key, replace(inner)]));
      }
      changed = true;
      return { [REFERENCE]: entries.map(([key, inner]) => [key, replace(inner)]) };
    };
    const shrunk = replace(JSON.parse(json));
    return changed ? JSON.stringify(shrunk) : json;
  }

  #blobOf(value: string): StoredBlob {
    let blob = this.#known.get(value);
    if (blob !== undefined) return blob;
    const text = JSON.stringify(value);
    blob = { hash: sha256Hex(text), text };
    if (this.#chars > MAX_REMEMBERED_CHARS) {
      this.#known.clear();
      this.#chars = 0;
    }
    this.#known.set(value, blob);
    this.#chars += 2 * text.length;
    return blob;
  }
}

/** Tells of some pieces of JSON whether {@linkcode ContentShrinker.shrink} would leave them as they are. */
export function areShort(pieces: readonly string[], from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const piece = pieces[i]!;
    if (piece.length >= BLOB_MIN_CHARS || piece.includes(REFERENCE)) return false;
  }
  return true;
}

/**
 * Looks at the quotes alone: most JSON has no long text, and reading it to find that out costs more than writing it. A long text covers one
 * of the windows wholly, so that a quote in each of them is enough.
 */
function hasLongText(json: string): boolean {
  for (let start = 0; start + WINDOW <= json.length; start += WINDOW) {
    const quote = json.indexOf('"', start);
    if (quote < 0 || quote >= start + WINDOW || json.charCodeAt(quote - 1) === BACKSLASH) {
      return hasDistantQuotes(json);
    }
  }
  return false;
}

function hasDistantQuotes(json: string): boolean {
  let start = -1;
  for (let at = json.indexOf('"'); at >= 0; at = json.indexOf('"', at + 1)) {
    if (start < 0) start = at;
    else if (!isEscaped(json, at)) {
      if (at - start > BLOB_MIN_CHARS) return true;
      start = -1;
    }
  }
  return false;
}

const BACKSLASH = 92;
const WINDOW = BLOB_MIN_CHARS / 2;

function isEscaped(json: string, at: number): boolean {
  let first = at;
  while (json.charCodeAt(first - 1) === BACKSLASH) first--;
  return (at - first) % 2 === 1;
}

const MAX_REMEMBERED_CHARS = 16_000_000;

/** Names the texts that JSON refers to. */
export function referencesIn(json: string): string[] {
  if (!json.includes(REFERENCE)) return [];
  const hashes = new Set<string>();
  walk(JSON.parse(json), (hash) => (hashes.add(hash), hash));
  return [...hashes];
}

/** Puts texts back in the place of the references to them. */
export function restoreContent(json: string, blobs: ReadonlyMap<string, string>): unknown {
  const value: unknown = JSON.parse(json);
  if (!json.includes(REFERENCE)) return value;
  return walk(value, (hash) => {
    const text = blobs.get(hash);
    if (text !== undefined) return JSON.parse(text) as string;
    throw new TypeError(`Cannot restore a session: expected the text with hash ${hash}, found none`);
  });
}

/** The same, as JSON. */
export function restoreJson(json: string, blobs: ReadonlyMap<string, string>): string {
  return json.includes(REFERENCE) ? JSON.stringify(restoreContent(json, blobs)) : json;
}

/** The same for the canonical JSON of an input. */
export function restoreInputJson(json: string, blobs: ReadonlyMap<string, string>): string {
  return json.includes(REFERENCE) ? canonicalJson(restoreContent(json, blobs)) : json;
}

function walk(value: unknown, textOf: (hash: string) => string): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((inner) => walk(inner, textOf));
  const reference = (value as Record<string, unknown>)[REFERENCE];
  if (typeof reference === "string") return textOf(reference);
  const entries = Array.isArray(reference) ? reference as [string, unknown][] : Object.entries(value);
  return Object.fromEntries(entries.map(([key, inner]) => [key, walk(inner, textOf)]));
}
