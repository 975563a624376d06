import { LLLMError } from "../errors.ts";

const PREFIX = ".staging-";
const LOCK = ".lock";

/**
 * Puts files into a folder that is not there yet, all at once: they are written beside it, then the folder is renamed.
 *
 * Of two that do so at the same time one wins. A program that ends in between leaves a folder with a dot, which is never
 * loaded, and which the next one removes: it can lock what the dead program had locked.
 *
 * @returns the folders above it that were made for it, the innermost first
 * @throws {LLLMError} `package_exists`
 */
export async function placeFolder(
  target: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<string[]> {
  const { dirname, join } = await import("@std/path");
  const parent = dirname(target);
  const made = await makeFolders(parent);
  try {
    await sweep(parent);
    await using staging = await openStaging(parent);
    await writeAll(staging.folder, files, join);
    if (await exists(target)) throw packageExists(target);
    try {
      await Deno.rename(staging.folder, target);
    } catch (error) {
      throw await exists(target) ? packageExists(target) : error;
    }
    return made;
  } catch (error) {
    await removeEmpty(made);
    throw error;
  }
}

/** Removes folders, the innermost first, as far as nobody has put anything in. */
export async function removeEmpty(folders: readonly string[]): Promise<void> {
  for (const folder of folders) await Deno.remove(folder).catch(() => {});
}

/** Takes a folder away: from one moment to the next it is not there any more. A link is removed, not what it leads to. */
export async function removeFolder(target: string): Promise<void> {
  const { dirname, join } = await import("@std/path");
  if ((await Deno.lstat(target)).isSymlink) return await Deno.remove(target);
  await using staging = await openStaging(dirname(target));
  await Deno.rename(target, join(staging.folder, "removed"));
}

/** Tells whether anything is at a path, a link that leads nowhere too. */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The error for a package that is there already. */
export function packageExists(path: string): LLLMError {
  return new LLLMError(`Cannot install a package at ${path}: expected nothing there, found a package`, {
    code: "package_exists",
    data: { path },
  });
}

interface Staging extends AsyncDisposable {
  readonly folder: string;
}

/** Makes a folder that only this program uses; disposing removes it, if it is still there. */
async function openStaging(parent: string): Promise<Staging> {
  const { join } = await import("@std/path");
  const folder = join(parent, `${PREFIX}${crypto.randomUUID()}`);
  const lock = await Deno.open(folder + LOCK, { write: true, createNew: true });
  await lock.lock(true);
  await Deno.mkdir(folder);
  return {
    folder,
    [Symbol.asyncDispose]: async () => {
      await removeIfThere(folder);
      await removeIfThere(folder + LOCK);
      lock.close();
    },
  };
}

/** Removes what programs that were killed have left. */
async function sweep(parent: string): Promise<void> {
  const { join } = await import("@std/path");
  const names = (await Array.fromAsync(Deno.readDir(parent))).map(({ name }) => name);
  for (const name of names.filter((name) => name.startsWith(PREFIX) && name.endsWith(LOCK))) {
    const path = join(parent, name);
    let lock: Deno.FsFile;
    try {
      lock = await Deno.open(path, { write: true });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue; // its program has just ended well
      throw error;
    }
    try {
      if (!await lock.tryLock(true)) continue; // its program is at work
      await removeIfThere(path.slice(0, -LOCK.length));
      await removeIfThere(path);
    } finally {
      lock.close();
    }
  }
}

async function writeAll(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
  join: (...parts: string[]) => string,
): Promise<void> {
  const folders = new Set([...files.keys()].map((path) => path.slice(0, Math.max(0, path.lastIndexOf("/")))));
  for (const path of folders) await Deno.mkdir(join(folder, path), { recursive: true });
  for (const [path, bytes] of files) await Deno.writeFile(join(folder, path), bytes, { createNew: true });
}

/** Makes a folder and those above it; gives those that were not there, the innermost first. */
async function makeFolders(folder: string): Promise<string[]> {
  const { dirname } = await import("@std/path");
  const missing: string[] = [];
  try {
    for (let path = folder; !await exists(path) && dirname(path) !== path; path = dirname(path)) {
      missing.push(path);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error; // what may not be looked at was not made by us
  }
  await Deno.mkdir(folder, { recursive: true });
  return missing;
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
