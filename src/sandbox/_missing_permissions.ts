/**
 * All permissions at once that a start lacks: Deno tells of one at a time.
 *
 * @module
 */
import { LLLMError } from "../errors.ts";
import { findCacheRoot } from "./_cache_root.ts";
import { LIMITER, mayRun } from "./_guest_command.ts";
import { requireNetPermission } from "./_net_permission.ts";
import type { CheckedOptions } from "./_options.ts";
import { findRuntimeFolder } from "./_runtime_folder.ts";

/** Runs `start`; where it fails for want of a permission, the error also names the others that would be missing next. */
export async function tellingAllMissing<T>(options: CheckedOptions, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    const { code, message, data } = LLLMError.isInstance(error) ? error : {};
    if (code !== "config_invalid" || typeof data?.flag !== "string") throw error;
    const others = (await missingFlags(options)).filter((flag) => !message!.includes(flag));
    if (others.length === 0) throw error;
    throw new LLLMError(`${message}; missing besides: ${others.join(" ")}`, {
      code,
      data: { ...data, others },
      cause: error,
    });
  }
}

async function missingFlags(options: CheckedOptions): Promise<string[]> {
  const run = LIMITER ?? Deno.execPath();
  const mayStart = [run, Deno.execPath(), "deno"].some(mayRun);
  return [
    ...await missingForFiles(options),
    ...mayStart ? [] : [`--allow-run=${run}`],
    ...options.allowNet.flatMap((entry) => flagOf(() => requireNetPermission([entry]))),
  ];
}

async function missingForFiles({ cacheDir, language }: CheckedOptions): Promise<string[]> {
  let root: string;
  try {
    root = await findCacheRoot(cacheDir);
  } catch {
    // Its error says what is missing for that; where the folder is, nobody knows yet.
    return ["--allow-read and --allow-write of that folder (~/.cache/lllm, where no variable names another)"];
  }
  const flags = { read: `--allow-read=${root}`, write: `--allow-write=${root}` };
  if (!isGranted("read", root)) return [flags.read, ...isGranted("write", root) ? [] : [flags.write]];
  if (isGranted("write", root)) return [];
  const isThere = await findRuntimeFolder(root, language).catch(() => undefined);
  return isThere === undefined ? [flags.write] : [];
}

function isGranted(name: "read" | "write", path: string): boolean {
  return Deno.permissions.querySync({ name, path }).state === "granted";
}

function flagOf(check: () => void): string[] {
  try {
    check();
    return [];
  } catch (error) {
    return LLLMError.isInstance(error) && typeof error.data.flag === "string" ? [error.data.flag] : [];
  }
}
