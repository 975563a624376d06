import { LLLMError } from "../errors.ts";
import type { PackageManifest } from "../runtime/mod.ts";
import { parseManifestText } from "../runtime/manifest_text.ts";
import { isPackageName } from "../runtime/package_info.ts";
import { NESTED_FOLDER } from "../runtime/find_dependency.ts";
import { problemOfName } from "./_check_paths.ts";
import { refusal } from "./_refuse.ts";
import { folderOf, joinPath, MANIFEST_NAMES } from "./_source_tree.ts";

const MAX_MANIFEST_BYTES = 64 * 1024;
/** Beside an installed package lie the other packages, each in its folder. */
const BESIDE = /^\.\.\/[^./_]/;

/** Manifests of an archive, checked. */
export interface CheckedManifests {
  /** That of the package itself. */
  readonly manifest: PackageManifest;
  /** The paths of all manifests that loading the package would read. */
  readonly files: readonly string[];
  /** The names of the packages that come with it. */
  readonly brought: readonly string[];
}

/**
 * Checks the manifest of a package that is to be installed, and those of the packages that come with it: what they name
 * must be in the archive, or in a package beside the installed one.
 *
 * @param files all files of the archive, with paths from the package's folder
 * @param folderName the name of a package whose manifest says none
 * @throws {LLLMError} `manifest_invalid`, `package_unsafe`
 */
export async function checkManifests(
  archive: string,
  folderName: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<CheckedManifests> {
  const checker = new ManifestChecker(archive, files);
  const manifest = await checker.check(checker.manifestOf("")!, archive, folderName);
  return { manifest, files: [...checker.checked], brought: checker.names.slice(1) };
}

class ManifestChecker {
  readonly checked = new Set<string>();
  /** The names of the packages that were checked, that of the archive's own first. */
  readonly names: string[] = [];
  readonly #archive: string;
  readonly #files: ReadonlyMap<string, Uint8Array>;

  constructor(archive: string, files: ReadonlyMap<string, Uint8Array>) {
    this.#archive = archive;
    this.#files = files;
  }

  /** The manifest in a folder, or the one that a path names itself. */
  manifestOf(path: string): string | undefined {
    if (/\.toml$/i.test(path) && this.#files.has(path)) return path;
    const found = MANIFEST_NAMES.filter((name) => this.#files.has(joinPath(path, name)));
    if (found.length > 1) {
      throw refusal(this.#nameOf(path), `it has ${found.length} manifests: ${found.join(", ")}`);
    }
    return found[0] === undefined ? undefined : joinPath(path, found[0]);
  }

  /** Checks the package that a manifest in the archive is of, and those that it brings along. */
  async check(file: string, name: string, folderName: string): Promise<PackageManifest> {
    this.checked.add(file);
    const place = folderOf(file);
    const manifest = await this.#read(file, name, folderName);
    checkName(manifest.name, name);
    this.names.push(manifest.name);
    for (const { name: section, paths = [] } of manifest.sections) {
      for (const { path } of paths) {
        if (!isAbsolute(path) && !this.#leadsAway(place, path)) continue;
        throw refusal(name, `[${section}] names "${path}", which is out of the package`);
      }
    }
    const brought = this.#nestedIn(place);
    for (const { path } of manifest.dependencies) {
      const last = joinPath("", path).split("/").filter((part) => !/\.toml$/i.test(part)).at(-1) ?? "";
      if (!isAbsolute(path) && !this.#leadsAway(place, path)) {
        brought.push(joinPath(place, path));
        continue;
      }
      const isBrought = brought.includes(joinPath(place, `${NESTED_FOLDER}/${last}`));
      if (isBrought && !/^[a-z][a-z0-9+.-]+:|\0/i.test(path)) continue;
      throw refusal(name, `it depends on "${path}", which is out of the package and does not come with it`);
    }
    for (const path of brought) {
      const file = this.manifestOf(path);
      if (file === undefined || this.checked.has(file)) continue;
      await this.check(file, this.#nameOf(folderOf(file)), folderOf(file).split("/").at(-1)!);
    }
    return manifest;
  }

  #nameOf(folder: string): string {
    return folder === "" ? this.#archive : folder.split("/").at(-1)!;
  }

  /** The folders of the packages that come with a package. */
  #nestedIn(place: string): string[] {
    const prefix = `${joinPath(place, NESTED_FOLDER)}/`;
    const below = [...this.#files.keys()].filter((path) => path.startsWith(prefix));
    const folders = new Set(below.map((path) => prefix + path.slice(prefix.length).split("/")[0]!));
    return [...folders].filter((folder) => this.manifestOf(folder) !== undefined);
  }

  /** Tells whether a path leads out of the archive, and not to a package beside the installed one. */
  #leadsAway(place: string, path: string): boolean {
    const target = joinPath(place, path);
    return /^\.\.(\/|$)/.test(target) && !(place === "" && BESIDE.test(target));
  }

  async #read(file: string, name: string, folderName: string): Promise<PackageManifest> {
    const bytes = this.#files.get(file)!;
    if (bytes.length > MAX_MANIFEST_BYTES) {
      throw refusal(name, `its manifest has ${bytes.length} bytes, more than ${MAX_MANIFEST_BYTES}`);
    }
    let text: string;
    try {
      text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch (error) {
      throw refusal(name, "its manifest is no UTF-8", error);
    }
    try {
      return await parseManifestText(text, { file: `${name}/${file.split("/").at(-1)}`, folderName });
    } catch (error) {
      const isName = LLLMError.isInstance(error) && error.data.key === "package.name";
      throw isName ? refusal(name, `its name is none: ${error.message}`, error) : error;
    }
  }
}

/** A package's name becomes the name of its folder. */
function checkName(name: string, archive: string): void {
  const problem = problemOfFolderName(name);
  if (problem !== undefined) throw refusal(archive, `its name ${JSON.stringify(name)} ${problem}`);
}

/** Says why a package cannot be installed in a folder of that name; `undefined` if it can. */
export function problemOfFolderName(name: string): string | undefined {
  if (!isPackageName(name)) {
    return "is no name of a package: it has spaces, slashes, colons, quotes or a leading dot";
  }
  if (name.startsWith("_")) return "begins with _, and such folders are not loaded";
  return problemOfName(name);
}

function isAbsolute(path: string): boolean {
  return /^([\\/~]|[a-z]:|[a-z][a-z0-9+.-]+:)/i.test(path) || path.includes("\0");
}
