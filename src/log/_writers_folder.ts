import { kindOf } from "./_kind_of.ts";

/**
 * Does something in the folder in which the writers of a log show themselves. Where a file is in its place, the error says so: the
 * system tells neither what was wanted nor what is there.
 */
export function inWritersFolder<T>(folder: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable || kindOf(folder) !== "file") throw cause;
    throw new Error(`Cannot use a log: expected the folder of its writers at "${folder}", found a file`, {
      cause,
    });
  }
}
