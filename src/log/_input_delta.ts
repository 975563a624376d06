import type { RecordedStep } from "../run/mod.ts";

/** Shorter inputs are stored as they are. Units: UTF-16 units. */
const MIN_CHARS = 400;
/** What no JSON starts with. */
const MARK = "~";

/**
 * Writes the inputs of a session's model calls as differences: each call of a dialog asks what the one before asked, and a little
 * more, so that whole inputs would grow with the square of the dialog's length.
 */
export class InputDeltas {
  readonly #last = new Map<string, { readonly index: number; readonly json: string }>();

  /** Gives the text to store for the input of a step. */
  shorten({ kind, path, index }: RecordedStep, json: string): string {
    if (kind !== "model" || json.length < MIN_CHARS) return json;
    const dialog = path.slice(0, path.lastIndexOf("#"));
    const base = this.#last.get(dialog);
    this.#last.set(dialog, { index, json });
    if (base === undefined) return json;
    const shorter = Math.min(base.json.length, json.length);
    let prefix = largest(shorter, (from, to) => base.json.slice(from, to) === json.slice(from, to));
    const [a, b] = [base.json.length, json.length];
    let suffix = largest(
      shorter - prefix,
      (from, to) => base.json.slice(a - to, a - from) === json.slice(b - to, b - from),
    );
    if (isSurrogateCut(json, prefix)) prefix--;
    if (suffix > 0 && isSurrogateCut(json, b - suffix)) suffix--;
    if (prefix + suffix < b / 2) return json;
    return `${MARK}${base.index}:${prefix}:${suffix}:${json.slice(prefix, b - suffix)}`;
  }
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
