/**
 * Sandboxes: sessions in which untrusted code runs.
 *
 * @module
 */
import { outsideRun } from "../util/mod.ts";
import { type CheckedOptions, checkOptions, type SandboxOptions } from "./_options.ts";
import type { Sandbox } from "./types.ts";

/**
 * Starts a sandbox: a process without permissions that runs cells of code, one after the other, in one namespace.
 *
 * The first start on a machine prepares files in the cache folder and takes some seconds; later ones a fraction of
 * one. What holds and what does not is written in `docs/security.md`, with the permissions that the host needs.
 *
 * @example
 * ```ts
 * import { createSandbox } from "@lllm/lllm/sandbox";
 * import assert from "node:assert/strict";
 *
 * await using sandbox = await createSandbox({
 *   language: "python",
 *   callApi: (path, params) => ({ path, total: (params.numbers as number[]).reduce((a, b) => a + b) }),
 * });
 * await sandbox.runCell("numbers = [1, 2, 3]");
 * const result = await sandbox.runCell("CALL_API('math/sum', {'numbers': numbers})['total']");
 * assert.equal(result.value, "6");
 * ```
 *
 * @throws {TypeError | RangeError} for an option of the wrong kind or out of range.
 * @throws {LLLMError} `config_invalid` when the host lacks a permission;
 * `sandbox_killed` when the process does not start.
 */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  return await startSession(checkOptions(options));
}

/** A sandbox that tells whether its process is there. */
export interface WarmSandbox extends Sandbox {
  /** False: the next cell starts a process first. */
  readonly isWarm: boolean;
}

/** Starts a sandbox from options that were checked. */
export async function startSession(options: CheckedOptions): Promise<WarmSandbox> {
  const { Session } = await outsideRun(() => import("./_session.ts"));
  const session = new Session(options);
  await session.start();
  return session;
}
