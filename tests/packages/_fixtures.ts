import { dirname, join } from "@std/path";

/** Files of a folder or an archive, by path. */
export type Files = Readonly<Record<string, string>>;

/** Writes files below a folder. */
export async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(path, text);
  }
}

/** Runs a body in a new folder with the given files; the folder is gone afterwards. */
export async function withFolder(files: Files, body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await writeFiles(folder, files);
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Lists everything below a folder, sorted; folders end with a slash. */
export async function listAll(folder: string, prefix = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(folder, prefix))) {
    found.push(prefix + name + (isDirectory ? "/" : ""));
    if (isDirectory) found.push(...await listAll(folder, `${prefix}${name}/`));
  }
  return found.sort();
}
