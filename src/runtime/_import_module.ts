import { sha256Hex } from "../util/mod.ts";
import { importTogether } from "./_import_together.ts";
import { toFileUrl, withReadHint } from "./_platform.ts";

/** How a file was imported last. */
interface ImportedFile {
  /** Tells whether the file changed since: its time, size and number. */
  readonly stamp: string;
  /** The specifier. A module is kept by its specifier until the program ends. */
  readonly url: string;
}

const imported = new Map<string, ImportedFile>();

/**
 * Imports a module from disk. One that changed since it was imported here last is loaded anew, under a specifier with
 * `?v=<hash of its text>`; one that did not gives the module that is there. What it imports itself is not looked at.
 */
export async function importModule(path: string): Promise<Record<string, unknown>> {
  return await importTogether(chooseUrl(path));
}

function chooseUrl(path: string): string {
  const { mtime, size, ino } = withReadHint(path, () => Deno.statSync(path));
  const stamp = `${mtime?.getTime()} ${size} ${ino}`;
  const earlier = imported.get(path);
  if (earlier?.stamp === stamp) return earlier.url;
  let url = toFileUrl(path);
  if (earlier !== undefined) {
    const text = withReadHint(path, () => Deno.readTextFileSync(path));
    url += `?v=${sha256Hex(text).slice(0, 16)}`;
  }
  imported.set(path, { stamp, url });
  return url;
}
