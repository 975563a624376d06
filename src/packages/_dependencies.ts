import { parseManifestText } from "../runtime/manifest_text.ts";
import { manifestIn } from "../runtime/discover.ts";
import { findDependency } from "../runtime/find_dependency.ts";

/** A package that another one needs, directly or not. */
export interface Dependency {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** Its folder, links followed. */
  readonly folder: string;
  /** The file of its manifest. */
  readonly manifest: string;
  /** The name by which it is found among packages that came with another one. */
  readonly folderName: string;
}

/** What a package needs. */
export interface Dependencies {
  /** Each package once, the package itself left out, in the order in which they are met. */
  readonly found: readonly Dependency[];
  /** Paths in manifests that lead nowhere. */
  readonly missing: readonly { readonly package: string; readonly path: string }[];
}

/** Collects what a package needs, and what that needs, by reading manifests alone. */
export async function collectDependencies(root: string): Promise<Dependencies> {
  const { basename, dirname, resolve } = await import("@std/path");
  const found = new Map<string, Dependency>();
  const missing: { package: string; path: string }[] = [];
  const seen = new Set([await Deno.realPath(root)]);
  const visit = async (folder: string, file: string): Promise<void> => {
    const own = await readManifest(file);
    for (const { path } of own.dependencies) {
      const manifest = findDependency(path, folder);
      if (manifest === undefined) {
        missing.push({ package: own.name, path });
        continue;
      }
      const place = await Deno.realPath(dirname(manifest));
      if (seen.has(place)) continue;
      seen.add(place);
      const { name, version, description } = await readManifest(manifest);
      const listed = resolve(folder, path);
      const folderName = basename(/\.toml$/i.test(listed) ? dirname(listed) : listed);
      found.set(place, { name, version, description, folder: place, manifest, folderName });
      await visit(place, manifest);
    }
  };
  await visit(await Deno.realPath(root), manifestIn(root)!);
  return { found: [...found.values()], missing };
}

/** Reads the manifest of the package in a folder, which must have one. */
export async function readManifestOf(folder: string): ReturnType<typeof parseManifestText> {
  return await readManifest(manifestIn(folder)!);
}

/** Reads a manifest, whatever the name of its file. */
export async function readManifest(file: string): ReturnType<typeof parseManifestText> {
  const { basename, dirname, resolve } = await import("@std/path");
  const folderName = basename(dirname(resolve(file)));
  return await parseManifestText(await Deno.readTextFile(file), { file, folderName });
}
