/**
 * Starts a guest's process: under the kernel's limits where this program may and can set them.
 *
 * @module
 */
import { LLLMError } from "../errors.ts";
import { emitWarning } from "../util/mod.ts";
import {
  guestCommand,
  type GuestCommandOptions,
  LIMITER,
  LIMITER_ABSENT,
  limitsWarning,
  mayRun,
} from "./_guest_command.ts";

/**
 * Starts `entry`, a path below `folder`.
 *
 * @throws {LLLMError} `config_invalid` if this program may not start it, naming the flag.
 */
export function startGuest(folder: string, entry: string, options: GuestCommandOptions): Deno.ChildProcess {
  if (LIMITER === null) return start(folder, entry, options);
  const lacks = mayRun(LIMITER) ? null : `the permission --allow-run=${LIMITER}, found it missing`;
  if (lacks === null) {
    try {
      return spawn(folder, entry, { ...options, isLimited: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  const child = start(folder, entry, options);
  emitWarning(limitsWarning(lacks ?? LIMITER_ABSENT));
  return child;
}

/** Starts Deno itself. */
function start(folder: string, entry: string, options: GuestCommandOptions): Deno.ChildProcess {
  try {
    return spawn(folder, entry, options);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    const deno = `--allow-run=${Deno.execPath()}`;
    const flag = LIMITER === null ? deno : `--allow-run=${LIMITER}`;
    const other = LIMITER === null ? "" : ` (or ${deno}, without the kernel's limits)`;
    throw new LLLMError(
      `Cannot start the sandbox: expected the permission ${flag}${other}, found it missing`,
      { code: "config_invalid", data: { flag }, cause: error },
    );
  }
}

function spawn(folder: string, entry: string, options: GuestCommandOptions): Deno.ChildProcess {
  const { command, options: settings } = guestCommand(folder, entry, options);
  return new Deno.Command(command, settings).spawn();
}
