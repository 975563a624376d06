import { openArchive } from "./_archive.ts";
import { openFolder } from "./_folder_tree.ts";
import { type PackageFacts, scanTree } from "./scan_permissions.ts";

/**
 * Reads what a package contains and asks for, before it is installed: an archive, or a folder. Nothing of it is run, and
 * of an archive nothing is written.
 *
 * An archive is checked as {@linkcode installPackage} checks it. What the text of modules says is a hint and no
 * guarantee: see {@linkcode scanModule} for what it cannot see.
 *
 * @param path the archive, or the folder
 * @throws {LLLMError} `package_not_found`, `package_unsafe`, `manifest_invalid`
 */
export async function inspectPackage(path: string | URL): Promise<PackageFacts> {
  const { fromFileUrl } = await import("@std/path");
  const place = path instanceof URL || path.startsWith("file:") ? fromFileUrl(path) : path;
  const isFolder = await Deno.stat(place).then(({ isDirectory }) => isDirectory, () => false);
  return await scanTree(isFolder ? await openFolder(place) : (await openArchive(place)).tree);
}
