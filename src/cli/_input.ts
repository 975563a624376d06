import { describeIssues, saveText, type SchemaInput, validateSchema } from "../util/mod.ts";
import { UsageError } from "./_usage_error.ts";

/** Reads an input: a text, `@file`, or `-` for stdin; `@@` stands for a text that starts with `@`. */
export async function readInput(input: string): Promise<string> {
  if (input === "-") return withoutLastLineEnd(await new Response(Deno.stdin.readable).text());
  if (input.startsWith("@@")) return input.slice(1);
  if (!input.startsWith("@")) return input;
  return withoutLastLineEnd(await readText(input.slice(1)));
}

/** Reads a text file that the command line names. */
export async function readText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    const reason = cause instanceof Deno.errors.NotFound ? "there is no such file" : (cause as Error).message;
    throw new UsageError(`Cannot read "${path}": ${reason}`, { cause });
  }
}

/**
 * Writes a text file that the command line names, whole or not at all; one that is there is replaced with `force` alone. What is no
 * file, as a pipe or `/dev/stdout`, just gets the text.
 */
export async function writeText(path: string, text: string, { force }: { force: boolean }): Promise<void> {
  try {
    const there = await lookAt(path);
    if (there === undefined) await writeNew(path, text);
    else if (isStream(path, there)) await Deno.writeTextFile(path, text, { append: true, create: false });
    else if (there.isDirectory) throw new Error("it is a folder");
    else if (!force) throw new Deno.errors.AlreadyExists();
    else await saveText(await Deno.realPath(path), text); // a link stays one
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    const reason = cause instanceof Deno.errors.NotFound
      ? "there is no such folder"
      : cause instanceof Deno.errors.AlreadyExists
      ? "expected no such file yet, or --force to replace it"
      : (cause as Error).message;
    throw new UsageError(`Cannot write "${path}": ${reason}`, { cause });
  }
}

async function lookAt(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The outputs of this process are streams, also where a shell leads them into a file. */
function isStream(path: string, { isFile, isDirectory }: Deno.FileInfo): boolean {
  return !isFile && !isDirectory || /^\/(dev\/(fd\/|std(out|err)$)|proc\/self\/fd\/)/.test(path);
}

/** Somebody else's file that comes to be meanwhile is not touched. */
async function writeNew(path: string, text: string): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  try {
    const bytes = new TextEncoder().encode(text);
    for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
  } catch (error) {
    await Deno.remove(path).catch(() => {});
    throw error;
  }
}

/** Makes a task of an input: the text as it is where the schema takes a text, else the JSON in it. */
export async function parseTask(text: string, schema: SchemaInput<unknown> | undefined): Promise<unknown> {
  if (schema === undefined || "value" in await validateSchema(schema, text)) return text;
  let task: unknown;
  try {
    task = JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`Cannot use the input: expected JSON, found ${shorten(text)}`, { cause });
  }
  const result = await validateSchema(schema, task);
  if ("value" in result) return task;
  throw new UsageError(
    `Cannot use the input: it does not fit what the tactic takes: ${describeIssues(result.issues)}`,
  );
}

function shorten(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

function withoutLastLineEnd(text: string): string {
  return text.replace(/\r?\n$/, "");
}
