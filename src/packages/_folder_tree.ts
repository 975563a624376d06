import { NESTED_FOLDER } from "../runtime/find_dependency.ts";
import { chooseBelow, joinPath, MANIFEST_NAMES, type SourceTree } from "./_source_tree.ts";

/** Files above this size are listed and not read. */
const MAX_TEXT_BYTES = 8 * 1024 * 1024;
const MAX_FILES = 50_000;

/** Lists the files of a package in a folder: no hidden ones but its manifest, and nothing that a tool put there. */
export async function openFolder(folder: string): Promise<SourceTree> {
  const { basename, join, resolve } = await import("@std/path");
  const root = resolve(folder);
  const files = listFiles(root, "", join);
  const bundled: SourceTree[] = [];
  const nested = join(root, NESTED_FOLDER);
  for (const name of namesIn(nested)) {
    const place = join(nested, name);
    if (MANIFEST_NAMES.some((manifest) => isFile(join(place, manifest)))) {
      bundled.push(await openFolder(place));
    }
  }
  return {
    name: root,
    folderName: basename(root),
    files,
    bundled,
    filesBelow: (path) => {
      const relative = joinPath("", path);
      const isElsewhere = relative.startsWith("..") || /^([a-z]:)?[\\/]/i.test(path) ||
        relative.split("/")[0] === NESTED_FOLDER;
      if (!isElsewhere) return chooseBelow(files, path);
      const place = resolve(root, path);
      if (isFile(place)) return [relative];
      const found = listFiles(place, "", join).map((name) => `${relative}/${name}`);
      return found.length === 0 ? undefined : found;
    },
    readText: (path) => {
      const place = resolve(root, path);
      return isFile(place) && Deno.statSync(place).size <= MAX_TEXT_BYTES
        ? Deno.readTextFileSync(place)
        : undefined;
    },
  };
}

function listFiles(root: string, prefix: string, join: (...parts: string[]) => string): string[] {
  const files: string[] = [];
  const visit = (folder: string, prefix: string, above: readonly string[]) => {
    const real = realPath(folder);
    if (real === undefined || above.includes(real)) return; // a link that leads back up
    for (const name of namesIn(folder)) {
      if (prefix === "" && name === NESTED_FOLDER) continue;
      const place = join(folder, name);
      if (isFile(place)) files.push(prefix + name);
      else visit(place, `${prefix}${name}/`, [...above, real]);
      if (files.length > MAX_FILES) return;
    }
  };
  visit(root, prefix, []);
  return files.sort();
}

/** The names in a folder that can belong to a package. */
function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name)
      .filter((name) => MANIFEST_NAMES.includes(name) || !isLeftOut(name)).sort();
  } catch (error) {
    if (isNothing(error)) return [];
    throw error;
  }
}

/** Tells whether a file or folder is hidden, or made by a tool: no part of a package. */
export function isLeftOut(name: string): boolean {
  return name.startsWith(".") || name === "node_modules" || name === "__pycache__" || /\.py[co]$/.test(name);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (isNothing(error)) return false;
    throw error;
  }
}

function realPath(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (isNothing(error)) return undefined;
    throw error;
  }
}

/** Tells whether nothing is at a path: a link there leads nowhere, or to itself. */
function isNothing(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory ||
    error instanceof Deno.errors.FilesystemLoop;
}
