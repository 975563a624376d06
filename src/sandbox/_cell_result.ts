/**
 * Results of cells from what was collected of them.
 *
 * @module
 */
import type { TextField } from "../../sandbox/protocol.ts";
import { type CutText, cutText, keptChars, type TextLimit } from "./_text.ts";
import type { CellErrorInfo, CellOutcome, CellOutput, CellResult } from "./types.ts";

/** What was collected of a cell. */
export interface CellParts {
  readonly outcome: CellOutcome;
  /** In order; the texts of the streams are the same as in `texts`. */
  readonly outputs: readonly CellOutput[];
  readonly texts: Readonly<Record<TextField, CutText>>;
  readonly hasValue: boolean;
  readonly errorName: string | null;
  readonly dropped: boolean;
  readonly durationMs: number;
  readonly timeoutMs: number;
  /** Why the process is gone; null: it is not. */
  readonly lossReason: string | null;
  readonly limit: TextLimit;
}

/** Makes the result that users get. */
export function makeResult(parts: CellParts): CellResult {
  const { texts, outcome, lossReason, limit } = parts;
  const error = describeError(parts);
  const fields: Omit<CellResult, "toText"> = {
    outcome,
    stdout: texts.stdout.text,
    stderr: texts.stderr.text,
    ...(parts.hasValue ? { value: texts.value.text } : {}),
    ...(error === null ? {} : { error }),
    displays: parts.outputs.flatMap((output) => output.type === "display" ? [output.data] : []),
    outputs: parts.outputs,
    truncated: parts.dropped || Object.values(texts).some(({ cut }) => cut),
    durationMs: parts.durationMs,
    stateLost: lossReason !== null,
  };
  // Not enumerable: a result is data for those who copy or record it.
  return Object.defineProperty(fields as CellResult, "toText", {
    value: () => toText(fields, lossReason, limit),
  });
}

function describeError(
  { outcome, errorName, texts, timeoutMs, lossReason }: CellParts,
): CellErrorInfo | null {
  const limitReason = `the time limit of ${timeoutMs} ms was reached`;
  if (errorName === null) {
    if (outcome === "ok") return null;
    // The code may have caught what was to end it.
    const reason = lossReason ?? (outcome === "timeout" ? limitReason : "the cell was cancelled");
    return { name: "SandboxError", message: reason, traceback: "" };
  }
  const name = errorName.toWellFormed();
  const { message, traceback } = { message: texts.message.text, traceback: texts.traceback.text };
  if (outcome === "timeout" && message === "") {
    return {
      name,
      message: limitReason,
      traceback: traceback.replace(/KeyboardInterrupt\s*$/, `KeyboardInterrupt: ${limitReason}\n`),
    };
  }
  return { name, message, traceback };
}

function toText(result: Omit<CellResult, "toText">, lossReason: string | null, limit: TextLimit): string {
  const { stdout, stderr, value, error } = result;
  const last = value !== undefined ? `=> ${value}` : error?.traceback ?? "";
  const body = [stdout, stderr, last].filter((part) => part !== "").map((part) => part.replace(/\n$/, ""))
    .join("\n");
  const loss = lossReason === null ? "" : `State was lost: ${lossReason}`;
  if (loss === "") return cutText(body === "" ? "(no output)" : body, limit).text;
  const room = keptChars(limit) - loss.length - 1;
  if (body === "" || room <= 0) return cutText(loss, limit).text;
  return `${cutText(body, { ...limit, maxChars: room }).text}\n${loss}`;
}
