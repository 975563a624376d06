/**
 * What a cell puts out, in the order in which it does.
 *
 * @module
 */
import { MAX_DISPLAY_BYTES, MAX_DISPLAYS, MAX_OUTPUT_PARTS } from "../../sandbox/protocol.ts";
import type { JsonValue } from "../util/json.ts";
import { type CutText, cutText, keptChars, type TextLimit, TextPieces } from "./_text.ts";
import type { CellOutput, MimeBundle } from "./types.ts";

/** Data that is nested deeper could not be handled by those who record or show it. */
const MAX_DISPLAY_DEPTH = 1000;
const MIME_TYPE = /^[\w.+-]+\/[\w.+-]+$/;

type Stream = "stdout" | "stderr";
type Part =
  | { readonly type: Stream; readonly pieces: TextPieces }
  | Extract<CellOutput, { type: "display" }>;

/** Texts and displays of a cell. */
export interface CollectedOutputs {
  /** In order; neighbours are of different streams. */
  readonly outputs: readonly CellOutput[];
  /** The same, one stream alone. */
  readonly stdout: CutText;
  /** See {@linkcode CollectedOutputs.stdout}. */
  readonly stderr: CutText;
  /** Whether displays were left out. */
  readonly dropped: boolean;
}

/** Collects output, and keeps little more than the limits allow, however it arrives. */
export class OutputCollector {
  readonly #limit: TextLimit;
  readonly #parts: Part[] = [];
  readonly #lengths: Record<Stream, number> = { stdout: 0, stderr: 0 };
  #displays = 0;
  #displayBytes = 0;
  #dropped = false;

  constructor(limit: TextLimit) {
    this.#limit = limit;
  }

  /** Adds text; `late`: to what the stream wrote last, else after all that was added. */
  addText(stream: Stream, text: string, late: boolean = false): void {
    const room = keptChars(this.#limit) + 1 - this.#lengths[stream];
    if (room <= 0 || text === "") return;
    const kept = text.slice(0, room);
    this.#lengths[stream] += kept.length;
    this.#piecesFor(stream, late).add(kept);
  }

  /** Adds a display, unless it is none or there are enough. */
  addDisplay(bundle: Readonly<Record<string, unknown>>): void {
    const size = JSON.stringify(bundle).length;
    const fits = this.#displays < MAX_DISPLAYS && this.#displayBytes + size <= MAX_DISPLAY_BYTES;
    if (!fits || !Object.keys(bundle).every((type) => MIME_TYPE.test(type))) {
      this.#dropped = true;
      return;
    }
    this.#displayBytes += size;
    try {
      const data = toWellFormed(bundle as Record<string, JsonValue>, MAX_DISPLAY_DEPTH) as MimeBundle;
      this.#parts.push({ type: "display", data });
      this.#displays++;
    } catch {
      this.#dropped = true;
    }
  }

  /** What was collected. */
  finish(): CollectedOutputs {
    const parts = this.#parts.map((part) =>
      part.type === "display" ? part : { type: part.type, text: part.pieces.join().toWellFormed() }
    );
    const cut = (stream: Stream) =>
      cutText(parts.map((part) => part.type === stream ? part.text : "").join(""), this.#limit);
    const texts = { stdout: cut("stdout"), stderr: cut("stderr") };
    return { outputs: cutParts(parts, texts, this.#limit.indicator), ...texts, dropped: this.#dropped };
  }

  #piecesFor(stream: Stream, late: boolean): TextPieces {
    const own = late ? this.#parts.findLast(({ type }) => type === stream) : this.#openPart(stream);
    if (own !== undefined && own.type !== "display") return own.pieces;
    const pieces = new TextPieces();
    this.#parts.push({ type: stream, pieces });
    return pieces;
  }

  /** The part that the stream's next text belongs to; where there are many, not only the last one. */
  #openPart(stream: Stream): Part | undefined {
    const last = this.#parts.at(-1);
    if (last === undefined || last.type === "display" || last.type === stream) return last;
    const before = this.#parts.length < MAX_OUTPUT_PARTS ? undefined : this.#parts.at(-2);
    return before?.type === stream ? before : undefined;
  }
}

/** Cuts the parts of each stream where its whole text was cut. */
function cutParts(
  parts: readonly CellOutput[],
  texts: Readonly<Record<Stream, CutText>>,
  indicator: string,
): CellOutput[] {
  const left = { stdout: texts.stdout.text, stderr: texts.stderr.text };
  const outputs: CellOutput[] = [];
  for (const part of parts) {
    if (part.type === "display") {
      outputs.push(part);
      continue;
    }
    const { type } = part;
    const body = left[type].length - (texts[type].cut ? indicator.length : 0);
    const text = left[type].slice(0, part.text.length > body ? undefined : part.text.length);
    left[type] = left[type].slice(text.length);
    if (text === "") continue;
    const last = outputs.at(-1); // of the same stream, where what was between them is cut off
    if (last?.type === type) outputs[outputs.length - 1] = { type, text: last.text + text };
    else outputs.push({ type, text });
  }
  return outputs;
}

function toWellFormed(value: JsonValue, depth: number): JsonValue {
  if (typeof value === "string") return value.toWellFormed();
  if (typeof value !== "object" || value === null) return value;
  if (depth === 0) throw new RangeError("Cannot show a display: its data is nested too deep");
  if (Array.isArray(value)) return value.map((inner) => toWellFormed(inner, depth - 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key.toWellFormed(), toWellFormed(inner ?? null, depth - 1)]),
  );
}
