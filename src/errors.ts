/**
 * The errors of the library: one base class with a code, and the subclasses that callers catch separately.
 *
 * @module
 */

/** Every code that a {@linkcode LLLMError} can carry. Codes are stable; messages are for people and may change. */
export type ErrorCode =
  | "parse_failed"
  | "resource_not_found"
  | "exception_retries_exhausted"
  | "recalls_exhausted"
  | "interrupt_limit"
  | "budget_exceeded"
  | "agent_failed"
  | "tactic_failed"
  | "replay_diverged"
  | "config_invalid"
  | "manifest_invalid"
  | "module_load_failed"
  | "resource_type_mismatch"
  | "resource_exists"
  | "dialog_exists"
  | "dialog_not_found"
  | "no_active_dialog"
  | "missing_prompt_args"
  | "tool_not_linked"
  | "missing_api_key"
  | "provider_error"
  | "rate_limited"
  | "endpoint_not_found"
  | "endpoint_args_invalid"
  | "sandbox_timeout"
  | "sandbox_killed"
  | "sandbox_closed"
  | "package_unsafe"
  | "package_exists"
  | "package_not_found"
  | "package_ambiguous"
  | "record_too_new"
  | "session_not_found"
  | "mcp_failed";

const BRAND = Symbol.for("lllm.error");

/** Options of the {@linkcode LLLMError} constructor. */
export interface LLLMErrorOptions {
  /** What went wrong, for programs. */
  code: ErrorCode;
  /** Small facts about the failure, under the names that the code's documentation gives. Default: `{}`. */
  data?: Record<string, unknown>;
  /** The error that led to this one. */
  cause?: unknown;
}

/**
 * Says what went wrong, with a stable `code` for programs and a one-line message for people.
 *
 * Recognise it by {@linkcode LLLMError.isInstance}, not by `instanceof`: two copies of the library can meet in one
 * process.
 *
 * @example
 * ```ts
 * import { LLLMError } from "@lllm/lllm/errors";
 * import assert from "node:assert/strict";
 *
 * const error = new LLLMError("Cannot load package: expected lllm.toml", { code: "manifest_invalid" });
 * assert(LLLMError.isInstance(error));
 * assert.equal(error.code, "manifest_invalid");
 * ```
 */
export class LLLMError extends Error {
  /** The class name, as in the message of an uncaught error. */
  override readonly name: string = "LLLMError";
  /** What went wrong, for programs. */
  readonly code: ErrorCode;
  /** Small facts about the failure. */
  readonly data: Record<string, unknown>;

  /** Creates an error; `options.code` is required. */
  constructor(message: string, options: LLLMErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.data = options.data ?? {};
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** Tells whether `x` is an error of this library, from this or another copy of it. */
  static isInstance(x: unknown): x is LLLMError {
    return typeof x === "object" && x !== null && (x as Record<symbol, unknown>)[BRAND] === true;
  }
}

/**
 * Says that a reply could not be read as its contract demands. Parsers throw it; the agent turns it into a repair.
 *
 * @example
 * ```ts
 * import { ParseError } from "@lllm/lllm/errors";
 *
 * const error = new ParseError("Expected a <answer> tag, found none", { missing: ["answer"] });
 * console.log(error.code); // "parse_failed"
 * ```
 */
export class ParseError extends LLLMError {
  /** The class name, as in the message of an uncaught error. */
  override readonly name: string = "ParseError";
  /** What the parser knows beyond the message. */
  readonly detail: unknown;

  /** Creates an error with code `parse_failed`; `detail` is kept in `data.detail` too. */
  constructor(message: string, detail?: unknown, options: { cause?: unknown } = {}) {
    super(message, {
      code: "parse_failed",
      data: detail === undefined ? {} : { detail },
      cause: options.cause,
    });
    this.detail = detail;
  }
}

/**
 * Says that no resource has the wanted key, and names up to five keys that look like it.
 *
 * @example
 * ```ts
 * import { ResourceNotFoundError } from "@lllm/lllm/errors";
 *
 * const error = new ResourceNotFoundError({ key: "demo.prompts:sytem", near: ["demo.prompts:system"] });
 * console.log(error.message);
 * ```
 */
export class ResourceNotFoundError extends LLLMError {
  /** The class name, as in the message of an uncaught error. */
  override readonly name: string = "ResourceNotFoundError";

  /** Creates an error with code `resource_not_found`. `near` is cut to five keys. */
  constructor(data: { key: string; type?: string; near: string[] }, options: { message?: string } = {}) {
    const near = data.near.slice(0, 5);
    const hint = near.length === 0 ? "" : `; did you mean ${near.map((k) => `"${k}"`).join(" or ")}?`;
    const message = options.message ??
      `Cannot find ${
        data.type ?? "resource"
      } "${data.key}": expected one that is registered, found none${hint}`;
    super(message, { code: "resource_not_found", data: { ...data, near } });
  }
}

/**
 * Says that a replayed run asked for another step than the one that was recorded.
 *
 * @example
 * ```ts
 * import { ReplayDivergenceError } from "@lllm/lllm/errors";
 *
 * const error = new ReplayDivergenceError({ path: "writer/draft#0", expected: "model gpt-4o", actual: "model o3" });
 * console.log(error.data.path);
 * ```
 */
export class ReplayDivergenceError extends LLLMError {
  /** The class name, as in the message of an uncaught error. */
  override readonly name: string = "ReplayDivergenceError";

  /** Creates an error with code `replay_diverged`. */
  constructor(
    data: { path: string; expected: unknown; actual: unknown; diff?: string },
    options: { message?: string } = {},
  ) {
    const { message = `Cannot replay step "${data.path}": it differs from the recorded one` } = options;
    super(message, { code: "replay_diverged", data });
  }
}
