import { LLLMError } from "../errors.ts";
import type { TacticCallSummary } from "../session/mod.ts";
import { describeFailure, type ExitCode, exitCodeOf, type FailureReport } from "./_exit_codes.ts";
import { writeNote, writeResult } from "./_io.ts";
import { plain, plainText } from "./_plain.ts";

/** What a run came to, in one line: calls, tokens, cost, time, session; `unkept` says why that is kept nowhere, if so. */
export function describeSummary(summary: TacticCallSummary, sessionId: string, unkept?: string): string {
  const { agentCalls, totalTokens, totalCostUsd, durationMs } = summary;
  return [
    `${agentCalls} ${agentCalls === 1 ? "agent call" : "agent calls"}`,
    `${totalTokens.toLocaleString("en-US")} tokens`,
    `$${totalCostUsd.toFixed(4)}`,
    `${(durationMs / 1000).toFixed(1)} s`,
    `session ${sessionId}${unkept === undefined ? "" : ` (${unkept})`}`,
  ].join(" · ");
}

/** What a failed command is told about. */
export interface FailureOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly signal?: AbortSignal;
  readonly sessionId?: string;
  /** The command whose help tells more. Default: all of them. */
  readonly topic?: string | undefined;
}

/** Says why a command failed, and gives its exit code. */
export function reportFailure(error: unknown, options: FailureOptions): ExitCode {
  const { json = false, verbose = false, signal, sessionId, topic } = options;
  const failure = describeFailure(error, signal);
  const exitCode = exitCodeOf(error, signal);
  if (json) {
    const report = { ok: false, error: failure, ...(sessionId === undefined ? {} : { sessionId }) };
    writeResult(plain(JSON.stringify(report)));
  }
  const hint = signal?.aborted ? "" : hintFor(failure, { verbose, topic });
  const session = sessionId === undefined ? "" : ` (session ${sessionId})`;
  writeNote(`error: ${plain(failure.message)}${session}${hint === "" ? "" : `; ${hint}`}`);
  if (!json && failure.diff !== undefined) writeNote(plainText(failure.diff));
  if (verbose && !signal?.aborted) writeNote(plainText(traceOf(error)));
  return exitCode;
}

/** An installed command has an import map of its own. */
const IMPORT_HINT =
  "if the project's deno.json imports it, run deno run -A jsr:@lllm/lllm/cli in its folder (or deno task lllm)";

const HINTS: Readonly<Record<string, string>> = {
  session_not_found: "lllm log list shows what there is",
  resource_not_found: "lllm keys lists what there is",
  rate_limited: "try again later",
  unexpected: "--verbose shows the trace",
  module_load_failed: "--verbose shows the trace",
  tactic_failed: "--verbose shows the trace",
};

function hintFor(
  { code, message }: FailureReport,
  { verbose, topic }: { verbose: boolean; topic: string | undefined },
): string {
  if (/; lllm \w/.test(message)) return ""; // it says itself what helps
  if (code === "usage") {
    return topic === undefined ? "lllm --help says what there is" : `lllm ${topic} --help says more`;
  }
  if (/Import "[^"]+" not a dependency/.test(message)) return IMPORT_HINT;
  const hint = HINTS[code] ?? "";
  return verbose && hint.startsWith("--verbose") ? "" : hint;
}

function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? String(error);
  const data = LLLMError.isInstance(error) && Object.keys(error.data).length > 0
    ? `\n    data: ${Deno.inspect(error.data, { depth: 3 })}`
    : "";
  return error.cause === undefined ? own + data : `${own}${data}\ncaused by: ${traceOf(error.cause)}`;
}
