import type { RecordedStep } from "../run/mod.ts";

/** Shorter inputs are stored as they are. Units: UTF-16 units. */
const MIN_CHARS = 400;
/** So many requests are remembered: each takes memory as long as its session goes on. */
const MAX_BASES = 64;
/** What no JSON starts with. */
const MARK = "~";

/**
 * Writes the inputs of a session's model calls as differences: each call of a dialog asks what the one before asked, and a little
 * more, so that whole inputs would grow with the square of the dialog's length.
 */
export class InputDeltas {
  readonly #last = new Map<string, Base>();

  /** Gives the text to store for the input of a step. */
  shorten(step: RecordedStep, json: string): string {
    if (step.kind !== "model" || json.length < MIN_CHARS) return json;
    const base = this.#replaceBase(step, [json]);
    return base === undefined ? json : difference(base.index, base.pieces.join(""), json);
  }

  /** The same for an input in pieces: those that both have are the same strings, or at least equal ones. */
  shortenPieces(step: RecordedStep, pieces: readonly string[]): string {
    const length = lengthOf(pieces, 0, pieces.length);
    if (step.kind !== "model" || length < MIN_CHARS) return pieces.join("");
    const base = this.#replaceBase(step, pieces);
    if (base === undefined) return pieces.join("");
    if (base.pieces.length === 1) return difference(base.index, base.pieces[0]!, pieces.join(""));
    const shorter = Math.min(base.pieces.length, pieces.length);
    let [first, last] = [0, 0];
    while (first < shorter && base.pieces[first] === pieces[first]) first++;
    while (last < shorter - first && base.pieces.at(-1 - last) === pieces.at(-1 - last)) last++;
    const end = pieces.length - last;
    const prefix = lengthOf(pieces, 0, first);
    const suffix = lengthOf(pieces, end, pieces.length);
    if (prefix + suffix < length / 2) return pieces.join("");
    return write(base.index, prefix, suffix, pieces.slice(first, end).join(""));
  }

  /** The last request of the same dialog; of a dialog's first one, that of the same agent. */
  #replaceBase({ path, index }: RecordedStep, pieces: readonly string[]): Base | undefined {
    const dialog = path.slice(0, path.lastIndexOf("#"));
    const agent = path.slice(0, dialog.lastIndexOf("/") + 1);
    const base = this.#last.get(dialog) ?? this.#last.get(agent);
    const next = { index, pieces };
    this.#last.set(dialog, next).set(agent, next);
    if (this.#last.size > MAX_BASES) this.#last.delete(this.#last.keys().next().value!);
    return base;
  }
}

/** What an input is told by. */
interface Base {
  readonly index: number;
  readonly pieces: readonly string[];
}

function difference(index: number, before: string, json: string): string {
  const shorter = Math.min(before.length, json.length);
  let prefix = largest(shorter, (from, to) => before.slice(from, to) === json.slice(from, to));
  const [a, b] = [before.length, json.length];
  let suffix = largest(
    shorter - prefix,
    (from, to) => before.slice(a - to, a - from) === json.slice(b - to, b - from),
  );
  if (isSurrogateCut(json, prefix)) prefix--;
  if (suffix > 0 && isSurrogateCut(json, b - suffix)) suffix--;
  if (prefix + suffix < b / 2) return json;
  return write(index, prefix, suffix, json.slice(prefix, b - suffix));
}

function write(index: number, prefix: number, suffix: number, middle: string): string {
  return `${MARK}${index}:${prefix}:${suffix}:${middle}`;
}

function lengthOf(pieces: readonly string[], from: number, to: number): number {
  let length = 0;
  for (let i = from; i < to; i++) length += pieces[i]!.length;
  return length;
}

/** Gives the whole inputs of a session's steps again. */
export function restoreInputs(steps: readonly RecordedStep[]): RecordedStep[] {
  const byIndex = new Map<number, string>();
  return steps.map((step) => {
    const inputJson = restoreInput(step.inputJson, byIndex);
    byIndex.set(step.index, inputJson);
    return inputJson === step.inputJson ? step : { ...step, inputJson };
  });
}

function restoreInput(text: string, byIndex: ReadonlyMap<number, string>): string {
  if (!text.startsWith(MARK)) return text;
  const [, index, prefix, suffix, middle] = /^~(\d+):(\d+):(\d+):(.*)$/s.exec(text) ?? [];
  const base = byIndex.get(Number(index));
  if (base === undefined) throw new TypeError(`Cannot restore a session: expected step ${index}, found none`);
  return base.slice(0, Number(prefix)) + middle + base.slice(base.length - Number(suffix));
}

/** The largest size up to which all parts are the same; what is the same is compared once, in large pieces. */
function largest(limit: number, isSame: (from: number, to: number) => boolean): number {
  let [low, high] = [0, limit];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (isSame(low, middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Half of a pair does not survive being stored alone. */
function isSurrogateCut(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  return before >= 0xd800 && before <= 0xdbff;
}
