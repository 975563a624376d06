import { findDependency, NESTED_FOLDER } from "../runtime/find_dependency.ts";
import type { PackageManifest } from "../runtime/mod.ts";
import type { Warning } from "../util/mod.ts";
import { readManifest } from "./_dependencies.ts";
import { isLeftOut } from "./_folder_tree.ts";
import type { PathEdit } from "./_rewrite_paths.ts";
import { fromFolder, joinPath, MANIFEST_NAMES, type SourceTree } from "./_source_tree.ts";

/** A package that goes into an archive. */
export interface PackedPackage {
  readonly tree: SourceTree;
  /** Its folder, links followed. */
  readonly folder: string;
  /** The file of its manifest. */
  readonly manifest: string;
  /** Its folder in the archive, from that of the exported package, which is empty. */
  readonly place: string;
}

/** What becomes of the paths that a package's manifest lists. */
export interface PathPlan {
  readonly edits: readonly PathEdit[];
  /** Folders and files from outside that go along, with their places in the package. */
  readonly taken: readonly { readonly from: string; readonly to: string }[];
  readonly warnings: readonly Warning[];
}

/** The folder of a package that holds what its manifest listed from outside. */
const TAKEN_FOLDER = "from_outside";

/**
 * Plans how the paths of a manifest lead to the same things within an archive: what lies in another package of the archive
 * is found there, everything else from outside goes along, but for what belongs to a dependency that does not.
 *
 * @param packed all packages of the archive
 * @param left packages that are needed and do not go along
 */
export async function planPaths(
  own: PackedPackage,
  packed: readonly PackedPackage[],
  left: readonly { readonly name: string; readonly folder: string }[],
): Promise<PathPlan> {
  const { resolve } = await import("@std/path");
  const manifest = await readManifest(own.manifest);
  const planner = new Planner(own, packed, left, manifest.name);
  for (const { name: section, paths = [] } of manifest.sections) {
    for (const [index, { path }] of paths.entries()) {
      await planner.addPath(section, index, path, resolve(own.tree.name, path));
    }
  }
  await planDependencies(own, packed, manifest, planner.edits);
  return planner;
}

/** What is bundled is found by the name of its folder, except the exported package itself, and what lies deeper. */
async function planDependencies(
  own: PackedPackage,
  packed: readonly PackedPackage[],
  { dependencies }: PackageManifest,
  edits: PathEdit[],
): Promise<void> {
  const { basename, dirname } = await import("@std/path");
  for (const [index, { path }] of dependencies.entries()) {
    const manifest = findDependency(path, own.tree.name);
    const folder = manifest === undefined ? undefined : await Deno.realPath(dirname(manifest));
    const target = packed.find((other) => other.folder === folder);
    if (target === undefined) continue;
    const file = basename(target.manifest);
    const isFoundByName = MANIFEST_NAMES.includes(file);
    const listed = joinPath("", path).split("/").filter((part) => !/\.toml$/i.test(part));
    const places = [joinPath(own.place, listed.join("/"))];
    if (isFoundByName) places.push(joinPath(own.place, `${NESTED_FOLDER}/${listed.at(-1)}`));
    if (isFoundByName && own.place !== "") places.push(joinPath(own.place, `../${listed.at(-1)}`));
    if (places.includes(target.place)) continue;
    const place = isFoundByName ? target.place : joinPath(target.place, file);
    edits.push({ table: "dependencies", index, path: fromFolder(own.place, place) });
  }
}

class Planner implements PathPlan {
  readonly edits: PathEdit[] = [];
  readonly taken: { from: string; to: string }[] = [];
  readonly warnings: Warning[] = [];
  readonly #own: PackedPackage;
  readonly #packed: readonly PackedPackage[];
  readonly #left: readonly { readonly name: string; readonly folder: string }[];
  readonly #name: string;

  constructor(
    own: PackedPackage,
    packed: readonly PackedPackage[],
    left: readonly { readonly name: string; readonly folder: string }[],
    name: string,
  ) {
    this.#own = own;
    this.#packed = packed;
    this.#left = left;
    this.#name = name;
  }

  async addPath(section: string, index: number, path: string, place: string): Promise<void> {
    const inside = joinPath("", path);
    const isOut = /^([\\/]|[a-z]:)/i.test(path) || inside.startsWith("..");
    if (!isOut && inside.split("/")[0] !== NESTED_FOLDER) return; // as it is, links and all
    const source = await realPath(place);
    const listed = `Package "${this.#name}" lists ${path} in [${section}]`;
    const data = { package: this.#name, section, path };
    if (source === undefined) {
      return this.#warn("missing_path", `${listed}, which is not there to be exported`, data);
    }
    const home = this.#homeOf(source);
    if (home === undefined) {
      const dependency = this.#left.find(({ folder }) => isWithin(source, folder));
      if (dependency === undefined) return this.#edit(section, index, await this.#take(source));
      const message =
        `${listed}, which belongs to "${dependency.name}" and does not go along without the dependencies`;
      return this.#warn("reexport_left_out", message, { ...data, dependency: dependency.name });
    }
    const target = joinPath(home.place, source.slice(home.folder.length));
    const written = fromFolder(this.#own.place, target) || ".";
    if (written !== inside) this.#edit(section, index, written);
  }

  /** The package in the archive that has a file or folder. */
  #homeOf(source: string): PackedPackage | undefined {
    const home = homeOf(source, this.#packed);
    return home !== undefined && isPacked(source, home) ? home : undefined;
  }

  async #take(source: string): Promise<string> {
    const known = this.taken.find(({ from }) => from === source);
    if (known !== undefined) return known.to;
    const { basename } = await import("@std/path");
    const name = `${TAKEN_FOLDER}/${basename(source).replace(/^[._]+/, "") || "folder"}`;
    const isFree = (path: string) =>
      !this.taken.some(({ to }) => to.toLowerCase() === path.toLowerCase()) &&
      this.#own.tree.filesBelow(path) === undefined;
    let to = name;
    for (let number = 2; !isFree(to); number++) to = numbered(name, number);
    this.taken.push({ from: source, to });
    return to;
  }

  #edit(table: string, index: number, path: string): void {
    this.edits.push({ table, index, path });
  }

  #warn(code: string, message: string, data: Record<string, unknown>): void {
    this.warnings.push({ code, message, data });
  }
}

/** The innermost of some packages that a file or folder is in. */
export function homeOf(path: string, packed: readonly PackedPackage[]): PackedPackage | undefined {
  return packed.filter(({ folder }) => isWithin(path, folder))
    .sort((a, b) => b.folder.length - a.folder.length)[0];
}

/** Tells whether what is in a package's folder goes along with it: hidden files do not, nor what is packed apart. */
export function isPacked(path: string, { folder }: PackedPackage): boolean {
  const parts = path.slice(folder.length).split(/[\\/]/).filter((part) => part !== "");
  return parts[0] !== NESTED_FOLDER && !parts.some(isLeftOut);
}

/** The extension of a file says how it is read: it stays. */
function numbered(name: string, number: number): string {
  return name.replace(/(\.[A-Za-z0-9]+)?$/, (extension) => `_${number}${extension}`);
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`) || path.startsWith(`${folder}\\`);
}

async function realPath(path: string): Promise<string | undefined> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}
