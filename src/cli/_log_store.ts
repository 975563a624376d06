import { LLLMError } from "../errors.ts";
import type { LogStore } from "../log/mod.ts";
import { findProject } from "../doctor/find_project.ts";
import { writeNote } from "./_io.ts";
import { UsageError } from "./_usage_error.ts";

/** Where sessions are kept. */
export interface LogPlace {
  /** A file of SQLite, a folder of JSON files, or a URL that begins with `postgres://`. Default: `$LLLM_LOG`, else `.lllm/log.db` in the project. */
  readonly log?: string;
  /** The folder of the project, or its manifest. Default: found from the working folder. */
  readonly project?: string;
}

/** Opens the log of a project; it must be there. */
export async function openLog(place: LogPlace): Promise<LogStore> {
  const target = await findLog(place);
  if (!isUrl(target) && !await exists(target)) {
    throw new UsageError(
      `Cannot open the log: expected ${
        /[/\\]$/.test(target) ? "the folder" : "the file"
      } ${target}, found none; lllm run writes it, --log names another`,
    );
  }
  const store = await openStore(target);
  try {
    await store.listSessions({ limit: 1 }); // opens it
    return store;
  } catch (error) {
    await store.close().catch(() => {});
    throw asUsage(error);
  }
}

/** A log that the command line names and that cannot be opened is a mistake there. */
function asUsage(error: unknown): unknown {
  if (LLLMError.isInstance(error) || error instanceof Deno.errors.NotCapable) return error;
  return new UsageError((error as Error).message, { cause: error });
}

/**
 * Opens the log that runs are kept in. One that was named must open; the default one is left out where it cannot be written.
 *
 * @returns nothing where runs are not to be kept: `--no-log`, or `LLLM_LOG=off`
 */
export async function openRunLog(
  place: LogPlace & { readonly noLog?: boolean },
): Promise<LogStore | undefined> {
  if (place.noLog === true) return undefined;
  const named = place.log ?? readVariable();
  if (named === "off") return undefined;
  if (named === undefined && !(await isProject(place) && await mayWrite(await findLog(place)))) {
    return undefined;
  }
  let store: LogStore | undefined;
  try {
    store = await openStore(await findLog(place));
    await store.listSessions({ limit: 1 }); // opens it
    return store;
  } catch (error) {
    await store?.close().catch(() => {});
    if (named !== undefined) throw asUsage(error);
    writeNote(`warning: this run is not logged: ${(error as Error).message}`);
    return undefined;
  }
}

/** Says why a run is kept nowhere, and what would keep it; nothing where somebody wanted it so. */
export async function describeUnkept(
  place: LogPlace & { readonly noLog?: boolean },
): Promise<string | undefined> {
  const named = place.log ?? readVariable();
  if (place.noLog === true || named !== undefined) return undefined;
  const { dirname } = await import("@std/path");
  const file = await findLog(place);
  return await mayWrite(file) ? "not kept" : `not kept: that needs --allow-write=${dirname(file)}`;
}

async function findLog({ log = readVariable(), project }: LogPlace): Promise<string> {
  if (log === "off") {
    throw new UsageError(
      "Cannot open the log: expected a place, found off: nothing is kept; --log names one",
    );
  }
  if (log === "") {
    throw new UsageError('Cannot open the log: expected a file, a folder or a URL as --log, found ""');
  }
  if (log !== undefined) return log;
  const { join } = await import("@std/path");
  const { folder } = await findProject(project);
  return join(folder, ".lllm", "log.db");
}

async function openStore(target: string): Promise<LogStore> {
  const { localStore, postgresStore, sqliteStore } = await import("../log/mod.ts");
  if (isUrl(target)) return postgresStore(target);
  return await isFolder(target) ? localStore(target) : sqliteStore(target);
}

function isUrl(target: string): boolean {
  return /^postgres(ql)?:\/\//.test(target);
}

function readVariable(): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: "LLLM_LOG" });
  return state === "granted" ? Deno.env.get("LLLM_LOG") || undefined : undefined;
}

/** A program that was given no permission to write is not asked for one, for a log that nobody asked for. */
async function mayWrite(file: string): Promise<boolean> {
  const { dirname } = await import("@std/path");
  return (await Deno.permissions.query({ name: "write", path: dirname(file) })).state === "granted";
}

/** Where there is no project, there is nothing to run. */
async function isProject({ project }: LogPlace): Promise<boolean> {
  try {
    return (await findProject(project)).manifest !== undefined;
  } catch {
    return false; // opening it will tell
  }
}

/** One that is there, or a name that says so. */
async function isFolder(path: string): Promise<boolean> {
  return /[/\\]$/.test(path) || (await exists(path) && (await Deno.stat(path)).isDirectory);
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw new UsageError(`Cannot open the log "${path}": ${(error as Error).message}`, { cause: error });
  }
}
