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
  readonly #last = new Map<string, string>();

  /** Gives the text to store for the input of a step. */
  shorten({ kind, path }: RecordedStep, json: string): string {
    if (kind !== "model" || json.length < MIN_CHARS) return json;
    const dialog = path.slice(0, path.lastIndexOf("#"));
    const base = this.#last.get(dialog);
    this.#last.set(dialog, json);
    if (base === undefined) return json;
    const shorter = Math.min(base.length, json.length);
    let prefix = 0;
    while (prefix < shorter && base.charCodeAt(prefix) === json.charCodeAt(prefix)) prefix++;
    let suffix = 0;
    const [a, b] = [base.length - 1, json.length - 1];
    while (
      suffix < shorter - prefix && base.charCodeAt(a - suffix) === json.charCodeAt(b - suffix)
    ) suffix++;
    if (isSurrogateCut(json, prefix)) prefix--;
    if (suffix > 0 && isSurrogateCut(json, json.length - suffix)) suffix--;
    if (prefix + suffix < json.length / 2) return json;
    return `${MARK}${checkOf(base)}:${prefix}:${suffix}:${json.slice(prefix, json.length - suffix)}`;
  }
}

/** Gives the whole inputs of a session's steps again. One whose base was replaced is `null`: its step is not of this run. */
export function restoreInputs(steps: readonly RecordedStep[]): RecordedStep[] {
  const bases = new Map<string, string>();
  return steps.map((step) => {
    const json = restoreInput(step.inputJson, bases);
    if (step.kind === "model" && json.length >= MIN_CHARS) bases.set(checkOf(json), json);
    return json === step.inputJson ? step : { ...step, inputJson: json };
  });
}

function restoreInput(text: string, bases: ReadonlyMap<string, string>): string {
  if (!text.startsWith(MARK)) return text;
  const [, check, prefix, suffix, middle] = /^~([^:]*):(\d+):(\d+):(.*)$/s.exec(text) ?? [];
  const base = check === undefined ? undefined : bases.get(check);
  if (base === undefined) return "null";
  return base.slice(0, Number(prefix)) + middle + base.slice(base.length - Number(suffix));
}

/** Tells texts of one session apart: their lengths, and a sum over them. */
function checkOf(text: string): string {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum = (sum * 31 + text.charCodeAt(i)) | 0;
  return `${text.length}.${sum >>> 0}`;
}

/** Half of a pair does not survive being stored alone. */
function isSurrogateCut(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  return before >= 0xd800 && before <= 0xdbff;
}
