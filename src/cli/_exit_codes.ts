import { type ErrorCode, LLLMError } from "../errors.ts";
import { UsageError } from "./_usage_error.ts";

/** How a command can end. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  provider: 3,
  budget: 4,
  interrupted: 130,
} as const;

/** One of the exit codes. */
export type ExitCode = typeof EXIT[keyof typeof EXIT];

const EXIT_OF_CODE: Partial<Record<ErrorCode, ExitCode>> = {
  config_invalid: EXIT.usage,
  manifest_invalid: EXIT.usage,
  module_load_failed: EXIT.usage,
  resource_not_found: EXIT.usage,
  session_not_found: EXIT.usage,
  resource_type_mismatch: EXIT.usage,
  resource_exists: EXIT.usage,
  package_unsafe: EXIT.usage,
  package_exists: EXIT.usage,
  package_not_found: EXIT.usage,
  package_ambiguous: EXIT.usage,
  missing_api_key: EXIT.provider,
  provider_error: EXIT.provider,
  rate_limited: EXIT.provider,
  recalls_exhausted: EXIT.provider,
  budget_exceeded: EXIT.budget,
};

/** Codes that only say where it happened; what happened is in the cause. */
const WRAPPERS: readonly string[] = ["tactic_failed", "agent_failed"];

/** Finds the exit code for what a command threw: that of the first error in the chain of causes that has one. */
export function exitCodeOf(error: unknown, signal?: AbortSignal): ExitCode {
  if (signal?.aborted) return EXIT.interrupted;
  for (const cause of chainOf(error)) {
    if (cause instanceof UsageError || cause instanceof Deno.errors.NotCapable) return EXIT.usage;
    const code = LLLMError.isInstance(cause) ? EXIT_OF_CODE[cause.code] : undefined;
    if (code !== undefined) return code;
  }
  return EXIT.failed;
}

/** What a command failed with, for programs and for people: one line. */
export interface FailureReport {
  readonly code: string;
  readonly message: string;
  /** How a step differs from the recorded one: a line for each field. */
  readonly diff?: string;
}

/** Describes what a command threw. */
export function describeFailure(error: unknown, signal?: AbortSignal): FailureReport {
  if (signal?.aborted) return { code: "interrupted", message: "Interrupted" };
  const chain = chainOf(error);
  const coded = chain.filter((cause) => LLLMError.isInstance(cause));
  const telling = coded.find((cause) => !WRAPPERS.includes(cause.code)) ??
    chain.find((cause) => !isWrapper(cause)) ?? error;
  const code = LLLMError.isInstance(telling) ? telling.code : codeOf(telling, coded.length > 0);
  const message = telling instanceof Error ? telling.message || telling.name : String(telling);
  const { diff } = LLLMError.isInstance(telling) ? telling.data : {};
  return {
    code,
    message: message.replaceAll(/\s*\n\s*/g, " "),
    ...(typeof diff === "string" ? { diff } : {}),
  };
}

function codeOf(error: unknown, inRun: boolean): string {
  if (error instanceof UsageError) return "usage";
  return inRun ? "tactic_failed" : "unexpected";
}

function isWrapper(error: unknown): boolean {
  return LLLMError.isInstance(error) && WRAPPERS.includes(error.code);
}

function chainOf(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let next = error; next !== undefined && next !== null && !chain.includes(next);) {
    while (next instanceof SuppressedError) next = next.suppressed; // why it failed, not what could not be closed after that
    chain.push(next);
    next = (next as { cause?: unknown } | undefined)?.cause;
  }
  return chain;
}
