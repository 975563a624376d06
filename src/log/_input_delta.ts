import type { RecordedStep } from "../run/mod.ts";
import { areShort } from "./_content.ts";
import { ATTEMPT_SIZE } from "./types.ts";

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
    const place = placeOf(step);
    const base = this.#baseOf(place);
    this.#setBase(place, step.index, [json]);
    return base === undefined ? json : difference(base.index, base.pieces.join(""), json);
  }

  /**
   * The same for an input in pieces: those that both have are the same strings, or at least equal ones. Gives nothing where there is
   * more to do, so that the whole text is needed: pieces that are not short.
   */
  shortenPieces(step: RecordedStep, pieces: readonly string[]): string | undefined {
    if (step.kind !== "model") return undefined;
    const place = placeOf(step);
    const base = this.#baseOf(place);
    const known = base === undefined || base.pieces.length === 1 ? NOTHING : base.pieces;
    const shorter = Math.min(known.length, pieces.length);
    let [first, last] = [0, 0];
    while (first < shorter && known[first] === pieces[first]) first++;
    while (last < shorter - first && known[known.length - 1 - last] === pieces[pieces.length - 1 - last]) {
      last++;
    }
    const end = pieces.length - last;
    if (!areShort(pieces, first, end)) return undefined; // the others were
    const prefix = lengthOf(pieces, 0, first);
    const suffix = lengthOf(pieces, end, pieces.length);
    const length = prefix + lengthOf(pieces, first, end) + suffix;
    if (length < MIN_CHARS) return pieces.join("");
    this.#setBase(place, step.index, pieces);
    if (base === undefined) return pieces.join("");
    if (known === NOTHING) return difference(base.index, base.pieces[0]!, pieces.join(""));
    if (prefix + suffix < length / 2) return pieces.join("");
    return write(base.index, prefix, suffix, pieces.slice(first, end).join(""));
  }

  /** The last request of the same dialog; of a dialog's first one, that of the same agent. */
  #baseOf({ dialog, agent }: Place): Base | undefined {
    return this.#last.get(dialog) ?? this.#last.get(agent);
  }

  #setBase({ dialog, agent }: Place, index: number, pieces: readonly string[]): void {
    const next = { index, pieces };
    this.#last.set(dialog, next).set(agent, next);
    if (this.#last.size > MAX_BASES) this.#last.delete(this.#last.keys().next().value!);
  }
}

/** Whose request it is. */
interface Place {
  readonly dialog: string;
  readonly agent: string;
}

function placeOf({ path }: RecordedStep): Place {
  const dialog = path.slice(0, path.lastIndexOf("#"));
  return { dialog, agent: dialog.slice(0, dialog.lastIndexOf("/") + 1) };
}

const NOTHING: readonly string[] = [];

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

/**
 * Gives the steps of a session by the attempts at it, the present one first, then the others from the latest on: with their whole inputs,
 * and the indexes that they had in their attempt.
 */
export function restoreAttempts(steps: readonly RecordedStep[]): RecordedStep[][] {
  const attempts = Map.groupBy(steps, ({ index }) => Math.floor(index / ATTEMPT_SIZE));
  const present = restoreInputs(attempts.get(0) ?? []);
  attempts.delete(0);
  const earlier = [...attempts].sort(([a], [b]) => a - b);
  return [
    present,
    ...earlier.map(([, then]) =>
      restoreInputs(then.map((step) => ({ ...step, index: step.index % ATTEMPT_SIZE })))
    ),
  ];
}

function restoreInputs(steps: readonly RecordedStep[]): RecordedStep[] {
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
