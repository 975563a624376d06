import { describeIssues, type SchemaInput, validateSchema } from "../util/mod.ts";
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

/** Writes a text file that the command line names; one that is there is replaced with `force` alone. */
export async function writeText(path: string, text: string, { force }: { force: boolean }): Promise<void> {
  try {
    await Deno.writeTextFile(path, text, { createNew: !force });
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    const reason = cause instanceof Deno.errors.NotFound
      ? "there is no such folder"
      : await isFolder(path)
      ? "it is a folder"
      : cause instanceof Deno.errors.AlreadyExists
      ? "expected no such file yet, or --force to replace it"
      : (cause as Error).message;
    throw new UsageError(`Cannot write "${path}": ${reason}`, { cause });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false);
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
