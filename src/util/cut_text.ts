import { sha256Hex } from "./hash.ts";

/** The shortest that a text can be cut to: a mark takes some hundred characters. Units: UTF-16 units. */
export const LEAST_CUT_CHARS = 200;

const MARK = /… \[cut: (\d+) characters, sha256 ([0-9a-f]{64})\]$/;

/**
 * Gives the beginning of a text and a mark that says how long it was, and its hash; `maxChars` (at least {@linkcode LEAST_CUT_CHARS})
 * includes the mark. Pairs of surrogates stay whole.
 *
 * Units: UTF-16 units.
 */
export function cutText(text: string, maxChars: number): { text: string; kept: number; hash: string } {
  const hash = sha256Hex(text);
  const mark = `… [cut: ${text.length} characters, sha256 ${hash}]`;
  let kept = Math.max(0, maxChars - mark.length);
  const last = text.charCodeAt(kept - 1);
  if (last >= 0xd800 && last <= 0xdbff) kept--;
  return { text: text.slice(0, kept) + mark, kept, hash };
}

/** Tells whether a text is what {@linkcode cutText} made of another. */
export function isCutFrom(kept: string, whole: string): boolean {
  const [mark, length, hash] = MARK.exec(kept) ?? [];
  return mark !== undefined && Number(length) === whole.length &&
    whole.startsWith(kept.slice(0, -mark.length)) && sha256Hex(whole) === hash;
}
