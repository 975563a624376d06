import { kindOfPath } from "../util/mod.ts";
import { linkedLibrary, publishedLibrary } from "./_library_source.ts";
import { writeResult } from "./_io.ts";
import { reportFailure } from "./_report.ts";
import { scaffoldFiles } from "./_scaffold.ts";
import { UsageError } from "./_usage_error.ts";

/** A new project, as `lllm create` makes it. */
export interface CreateCommand {
  /** Its folder, new or empty, the last part of which is its name. */
  readonly name: string;
  /** A local copy of the library that the project uses. Default: the published one. */
  readonly link?: string;
  /** Whether an error is shown with its trace. Default: false. */
  readonly verbose?: boolean;
}

/**
 * Creates a project whose program and tests run at once; gives the exit code: 0 ok, 1 it could not be written, 2 usage. One that
 * fails leaves nothing behind.
 */
export async function createCommand(command: CreateCommand): Promise<number> {
  const { name: path, link, verbose = false } = command;
  try {
    const { basename, resolve } = await import("@std/path");
    const folder = resolve(path);
    const name = basename(folder);
    checkName(name);
    await checkFree(path, folder);
    const source = link === undefined ? await publishedLibrary() : await linkedLibrary(link, folder);
    await writeProject(folder, scaffoldFiles(name, source));
    writeResult(`Created ${name}. Next:\n\n  cd ${path}\n  deno task test\n  deno task start`);
    return 0;
  } catch (error) {
    return reportFailure(error, { verbose, topic: "create" });
  }
}

/** The name becomes a package, a tactic and files: what all of these can be called. */
function checkName(name: string): void {
  if (/^[A-Za-z][A-Za-z0-9_-]{0,39}$/.test(name)) return;
  throw new UsageError(
    `Cannot create "${name}": expected a name of at most 40 letters, digits, "-" and "_" that begins with a letter`,
  );
}

async function checkFree(path: string, folder: string): Promise<void> {
  const { dirname } = await import("@std/path");
  if (await kindOfPath(dirname(folder)) !== "folder") {
    throw new UsageError(`Cannot create "${path}": expected the folder ${dirname(folder)}, found none`);
  }
  const kind = await kindOfPath(folder);
  if (kind === undefined) return;
  if (kind === "folder" && Deno.readDirSync(folder)[Symbol.iterator]().next().done === true) return;
  throw new UsageError(
    `Cannot create "${path}": expected no such folder yet, or an empty one, found ${
      kind === "folder" ? "one that has files" : "a file"
    }`,
  );
}

/** Writes everything beside the folder, then moves it to its place: nobody sees half a project. */
async function writeProject(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  const { dirname, join } = await import("@std/path");
  const draft = join(dirname(folder), `.lllm-create-${crypto.randomUUID().slice(0, 8)}`);
  try {
    for (const [path, text] of files) {
      const file = join(draft, path);
      await Deno.mkdir(dirname(file), { recursive: true });
      await Deno.writeTextFile(file, text, { createNew: true });
    }
    if (await kindOfPath(folder) === undefined) await Deno.rename(draft, folder);
    else await moveEntries(draft, folder);
  } finally {
    await Deno.remove(draft, { recursive: true }).catch(() => {}); // it has been moved, or never began
  }
}

/** Fills an empty folder that is there already, and may be the one that a shell is in. */
async function moveEntries(from: string, to: string): Promise<void> {
  const { join } = await import("@std/path");
  const moved: string[] = [];
  try {
    for (const { name } of [...Deno.readDirSync(from)]) {
      await Deno.rename(join(from, name), join(to, name));
      moved.push(join(to, name));
    }
  } catch (error) {
    for (const path of moved) await Deno.remove(path, { recursive: true });
    throw error;
  }
}
