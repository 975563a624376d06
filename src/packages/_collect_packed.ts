import { LLLMError } from "../errors.ts";
import { manifestIn } from "../runtime/discover.ts";
import { NESTED_FOLDER } from "../runtime/find_dependency.ts";
import type { OnWarning } from "../util/mod.ts";
import { collectDependencies, type Dependency } from "./_dependencies.ts";
import { homeOf, isPacked, type PackedPackage } from "./_export_paths.ts";
import { openFolder } from "./_folder_tree.ts";
import { joinPath, type SourceTree } from "./_source_tree.ts";

/** The packages that an archive is to have, and those that are needed and left out. */
export interface PackedPackages {
  /** The exported package first. `isPart`: its files are files of another one. */
  readonly packed: readonly (PackedPackage & { readonly isPart: boolean })[];
  readonly left: readonly Dependency[];
}

/**
 * Collects what goes into the archive of a package: with `bundleDeps` also what came with it, and what it depends on.
 *
 * @throws {LLLMError} `package_ambiguous`, for two dependencies whose folders have one name
 */
export async function collectPacked(
  folder: string,
  bundleDeps: boolean,
  warn: OnWarning,
): Promise<PackedPackages> {
  const packed: (PackedPackage & { isPart: boolean })[] = [];
  const add = async (tree: SourceTree, place: string, manifest = manifestIn(tree.name)!) => {
    packed.push({ tree, folder: await Deno.realPath(tree.name), manifest, place, isPart: false });
    if (place === "" && !bundleDeps) return;
    for (const bundled of tree.bundled) {
      await add(bundled, joinPath(place, `${NESTED_FOLDER}/${bundled.folderName}`));
    }
  };
  await add(await openFolder(folder), "");
  const { found, missing } = await collectDependencies(folder);
  for (const { package: name, path } of bundleDeps ? missing : []) {
    warn({
      code: "missing_dependency",
      message: `Package "${name}" depends on ${path}, which is not there to be exported`,
      data: { package: name, dependency: path },
    });
  }
  const left: Dependency[] = [];
  // The outer ones first: what is in another package goes with that.
  for (const dependency of [...found].sort((a, b) => a.folder.length - b.folder.length)) {
    if (packed.some((other) => other.folder === dependency.folder)) continue;
    const home = homeOf(dependency.folder, packed);
    if (home !== undefined && isPacked(dependency.folder, home)) {
      const place = joinPath(home.place, dependency.folder.slice(home.folder.length));
      packed.push({
        tree: await openFolder(dependency.folder),
        folder: dependency.folder,
        manifest: dependency.manifest,
        place,
        isPart: true,
      });
    } else if (bundleDeps) {
      const place = `${NESTED_FOLDER}/${dependency.folderName}`;
      const other = packed.find((other) => other.place === place);
      if (other !== undefined) throw sameFolderName(other.folder, dependency.folder);
      await add(await openFolder(dependency.folder), place, dependency.manifest);
    } else left.push(dependency);
  }
  return { packed, left };
}

function sameFolderName(a: string, b: string): LLLMError {
  return new LLLMError(
    `Cannot export the dependencies: expected folders of different names, found ${a} and ${b}`,
    { code: "package_ambiguous", data: { paths: [a, b] } },
  );
}
