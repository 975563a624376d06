import type { Warning } from "../config/mod.ts";
import { LLLMError } from "../errors.ts";
import { paths, withReadHint } from "./_platform.ts";
import { findDependency } from "./find_dependency.ts";
import { type DependencyEntry, type PackageManifest, parseManifest } from "./manifest.ts";
import { parseManifestText } from "./manifest_text.ts";
import { createPackageInfo, type PackageInfo } from "./package_info.ts";

/** A package that is to be loaded. */
export interface FoundPackage {
  readonly info: PackageInfo;
  readonly manifest: PackageManifest;
}

/** A second name for a package. */
export interface PackageAlias {
  readonly name: string;
  readonly alias: string;
}

/** A package with all that it depends on, before any of it is loaded. */
export interface PackageTree {
  /** The package itself: one that is already there, where it is. */
  readonly root: PackageInfo;
  /** The packages that are not there yet, the root first. */
  readonly found: readonly FoundPackage[];
  /** Second names, by package. */
  readonly aliases: readonly PackageAlias[];
  readonly warnings: readonly Warning[];
}

/** Where a package begins: a manifest, or a folder without one that stands for itself. */
export type PackageSource = { readonly manifest: string } | { readonly folder: string };

/**
 * Reads the manifests of a package and of its dependencies, each package once. Names of packages are unique: of two
 * dependencies with one name the first is kept, with a warning.
 *
 * @param loaded the packages that are there already, by name
 * @throws {LLLMError} `manifest_invalid`; `package_exists`, when another package has the name of the root
 */
export async function collectPackages(
  source: PackageSource,
  loaded: ReadonlyMap<string, PackageInfo>,
): Promise<PackageTree> {
  const collector = new TreeCollector(loaded);
  const root = await collector.visit(source);
  return { root, ...collector };
}

/** The error for a package whose name another one has already. */
export function packageExists(info: PackageInfo, other: PackageInfo): LLLMError {
  return new LLLMError(
    `Cannot load package "${info.name}" from ${info.baseDir}: expected a name that is free, found it at ${other.baseDir}`,
    { code: "package_exists", data: { package: info.name, path: info.baseDir, kept: other.baseDir } },
  );
}

class TreeCollector {
  readonly found: FoundPackage[] = [];
  readonly aliases: PackageAlias[] = [];
  readonly warnings: Warning[] = [];
  readonly #byFolder = new Map<string, PackageInfo>();
  readonly #byName = new Map<string, PackageInfo>();

  constructor(loaded: ReadonlyMap<string, PackageInfo>) {
    for (const info of loaded.values()) {
      if (info.alias === undefined) this.#remember(info);
    }
  }

  /** Gives the package there; for one whose name is taken, the one that has it. */
  async visit(source: PackageSource, parent?: PackageInfo, alias?: string): Promise<PackageInfo> {
    const folder = "folder" in source ? source.folder : paths().dirname(source.manifest);
    const baseDir = withReadHint(folder, () => Deno.realPathSync(folder));
    const known = this.#byFolder.get(baseDir);
    if (known !== undefined) return known;
    const manifest = await readManifest(source, baseDir);
    const { name, version, description } = manifest;
    const info = createPackageInfo({ name, version, description, baseDir });
    const other = this.#byName.get(name);
    if (other !== undefined) return this.#sameName(info, other, parent, alias);
    this.#remember(info);
    this.found.push({ info, manifest });
    this.warnings.push(...manifest.warnings);
    for (const entry of manifest.dependencies) await this.#visitDependency(entry, info);
    return info;
  }

  async #visitDependency(entry: DependencyEntry, parent: PackageInfo): Promise<void> {
    const manifest = findDependency(entry.path, parent.baseDir);
    if (manifest === undefined) {
      const path = paths().resolve(parent.baseDir, entry.path);
      this.warnings.push({
        code: "missing_dependency",
        message: `Package "${parent.name}" depends on ${entry.path}, and there is no package at ${path}`,
        data: { package: parent.name, dependency: entry.path, path },
      });
      return;
    }
    const { alias } = entry;
    const { name, baseDir } = await this.visit({ manifest }, parent, alias);
    // An alias is a name for what was listed: never for another package of the same name.
    const isListed = baseDir === Deno.realPathSync(paths().dirname(manifest));
    if (alias !== undefined && alias !== name && isListed) this.aliases.push({ name, alias });
  }

  #sameName(
    info: PackageInfo,
    other: PackageInfo,
    parent: PackageInfo | undefined,
    alias: string | undefined,
  ): PackageInfo {
    if (parent === undefined) throw packageExists(info, other);
    const unnamed = alias === undefined ? "" : `, and the alias "${alias}" is not given`;
    this.warnings.push({
      code: "package_conflict",
      message: `Package "${parent.name}" depends on a second "${info.name}": ${placeOf(other)} is used, not ${
        placeOf(info)
      }${unnamed}`,
      data: {
        package: info.name,
        path: info.baseDir,
        kept: other.baseDir,
        parent: parent.name,
        ...(alias === undefined ? {} : { alias }),
      },
    });
    return other;
  }

  #remember(info: PackageInfo): void {
    if (info.baseDir === "") return; // registered by hand: what is loaded takes its place
    this.#byFolder.set(info.baseDir, info);
    this.#byName.set(info.name, info);
  }
}

async function readManifest(source: PackageSource, baseDir: string): Promise<PackageManifest> {
  const folderName = paths().basename(baseDir);
  if ("folder" in source) return parseManifest({}, { file: source.folder, folderName });
  const { manifest: file } = source;
  const text = withReadHint(file, () => Deno.readTextFileSync(file));
  return await parseManifestText(text, { file, folderName });
}

function placeOf({ baseDir, version }: PackageInfo): string {
  return version === "" ? baseDir : `${baseDir} (version ${version})`;
}
