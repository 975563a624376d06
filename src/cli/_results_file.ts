import type { TacticCallSummary } from "../session/mod.ts";
import { isPlainObject, saveText } from "../util/mod.ts";
import { UsageError } from "./_usage_error.ts";

/** One line of a results file. */
export interface ResultLine {
  /** The place of the task in the tasks file, from 0. */
  readonly index: number;
  readonly ok: boolean;
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
  /** SHA-256 of the task as canonical JSON. */
  readonly taskHash: string;
  readonly sessionId?: string;
  readonly summary?: TacticCallSummary;
}

/** A results file that lines are added to. */
export interface ResultsFile extends AsyncDisposable {
  /** Adds a line; it is on the disk when this resolves. */
  append(line: ResultLine): Promise<void>;
}

/**
 * Opens a results file. To resume, it is first made to hold just the lines of tasks that succeeded, so that each task has one line in
 * the end.
 *
 * @throws {UsageError} when there is a file already that is not to be resumed, or one of other tasks.
 */
export async function openResultsFile(
  path: string,
  options: { resume: boolean; taskHashes: readonly string[] },
): Promise<{ file: ResultsFile; finished: Set<number> }> {
  const text = await readExisting(path);
  if (text !== "" && !options.resume) {
    throw new UsageError(`Cannot write "${path}": expected no such file yet, or --resume to go on with it`);
  }
  const lines = readLines(path, text);
  for (const line of lines) checkTask(path, line, options.taskHashes);
  const finished = new Map(lines.filter(({ ok }) => ok).map((line) => [line.index, line]));
  const kept = [...finished.values()].map((line) => `${JSON.stringify(line)}\n`).join("");
  if (kept !== text) await saveText(path, kept);
  return { file: await openForAppending(path), finished: new Set(finished.keys()) };
}

async function readExisting(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw new UsageError(`Cannot write "${path}": ${(error as Error).message}`, { cause: error });
  }
}

/** Reads the lines; the last one may be what an interrupted write has left. */
function readLines(path: string, text: string): ResultLine[] {
  const texts = text.split("\n");
  return texts.flatMap((line, index) => {
    if (line.trim() === "") return [];
    try {
      const value: unknown = JSON.parse(line);
      if (isPlainObject(value) && Number.isInteger(value.index) && typeof value.ok === "boolean") {
        return [value as unknown as ResultLine];
      }
    } catch {
      if (index === texts.length - 1) return []; // it has no line end: it was never written whole
    }
    throw new UsageError(
      `Cannot resume "${path}": expected a result in line ${index + 1}, found ${
        JSON.stringify(line.slice(0, 60))
      }`,
    );
  });
}

function checkTask(path: string, line: ResultLine, taskHashes: readonly string[]): void {
  const expected = taskHashes[line.index];
  if (expected === line.taskHash) return;
  const found = expected === undefined ? "there is no such task" : "the task is another one now";
  throw new UsageError(
    `Cannot resume "${path}": it has a result of task ${line.index}, but ${found}; choose another --out`,
  );
}

async function openForAppending(path: string): Promise<ResultsFile> {
  let handle: Deno.FsFile;
  try {
    handle = await Deno.open(path, { append: true, create: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw new UsageError(`Cannot write "${path}": ${(error as Error).message}`, { cause: error });
  }
  let last = Promise.resolve();
  const write = async (line: ResultLine) => {
    const bytes = new TextEncoder().encode(`${JSON.stringify(line)}\n`);
    for (let written = 0; written < bytes.length;) written += await handle.write(bytes.subarray(written));
    await handle.syncData();
  };
  return {
    append: (line) => last = last.then(() => write(line)),
    [Symbol.asyncDispose]: async () => {
      await last.catch(() => {}); // whoever appended was told
      handle.close();
    },
  };
}
