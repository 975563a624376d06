/**
 * Texts of cells: well-formed, and cut between characters.
 *
 * @module
 */

/** Where and how to cut. */
export interface TextLimit {
  /** Most UTF-16 code units that are kept. 0: no limit. */
  readonly maxChars: number;
  /** Appended to what was cut; not counted. */
  readonly indicator: string;
}

/** With `maxChars: 0` a text still ends here, so that a flood cannot fill the host. */
export const ABSOLUTE_MAX_CHARS = 32 * 1024 * 1024;

/** The number of characters that a limit keeps. */
export function keptChars({ maxChars }: TextLimit): number {
  return maxChars === 0 ? ABSOLUTE_MAX_CHARS : maxChars;
}

/** A text, cut if it was too long. */
export interface CutText {
  readonly text: string;
  readonly cut: boolean;
}

/** Cuts `text` if it is too long. */
export function cutText(text: string, limit: TextLimit): CutText {
  const max = keptChars(limit);
  if (text.length <= max) return { text: text.toWellFormed(), cut: false };
  return { text: sliceChars(text, max).toWellFormed() + limit.indicator, cut: true };
}

/** At most the first `max` units of `text`, never half a surrogate pair. */
export function sliceChars(text: string, max: number): string {
  const splits = isHighSurrogate(text.charCodeAt(max - 1)) && isLowSurrogate(text.charCodeAt(max));
  return text.slice(0, splits ? max - 1 : max);
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

const PIECES = 64;

/** A text that grows by pieces, however small they are. */
export class TextPieces {
  #text = "";
  #recent: string[] = [];

  /** Adds a piece. */
  add(piece: string): void {
    if (this.#recent.push(piece) < PIECES) return;
    this.#text += this.#recent.join("");
    this.#recent = [];
  }

  /** The text so far. */
  join(): string {
    return this.#text + this.#recent.join("");
  }
}

/** Collects a text that arrives in parts, and keeps little more than the limit allows. */
export class TextCollector {
  readonly #limit: TextLimit;
  readonly #pieces = new TextPieces();
  #length = 0;

  constructor(limit: TextLimit) {
    this.#limit = limit;
  }

  /** Adds a part. */
  add(part: string): void {
    const room = keptChars(this.#limit) + 1 - this.#length;
    if (room <= 0) return;
    const kept = part.slice(0, room);
    this.#pieces.add(kept);
    this.#length += kept.length;
  }

  /** The text so far. */
  finish(): CutText {
    return cutText(this.#pieces.join(), this.#limit);
  }
}
