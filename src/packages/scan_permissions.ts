import type { DependencyEntry, PackageManifest } from "../runtime/mod.ts";
import { parseManifestText } from "../runtime/manifest_text.ts";
import { LLLMError } from "../errors.ts";
import { openFolder } from "./_folder_tree.ts";
import { folderOf, joinPath, MANIFEST_NAMES, type SourceTree } from "./_source_tree.ts";
import { type ConfigFacts, scanConfig } from "./scan_config.ts";
import { type ModuleText, type PermissionUse, scanModule } from "./scan_module.ts";

/** A module of a package. */
export interface ModuleFacts extends ModuleText {
  /** The file, from the package's folder; one outside of it begins with `../`. */
  readonly path: string;
  /** Whether loading the package imports it, directly or through other modules. */
  readonly loaded: boolean;
}

/** A permission that a package looks like it needs, and where. */
export interface PermissionRequest extends PermissionUse {
  /** The modules that use it, sorted. */
  readonly files: readonly string[];
  /** Whether one of them is imported when the package is loaded. */
  readonly loaded: boolean;
}

/** A module that declares proxies. */
export interface ProxyFacts {
  /** The module, from the package's folder. */
  readonly path: string;
  /** The proxies' paths, as far as they are written out, sorted. */
  readonly names: readonly string[];
  /** The hosts that it and the modules that it imports name, sorted. */
  readonly hosts: readonly string[];
  /** The environment variables that they name, sorted. */
  readonly environment: readonly string[];
}

/** What is in a package, read without running any of it. */
export interface PackageFacts {
  /** The name in its manifest. */
  readonly name: string;
  /** The version in its manifest, or empty. */
  readonly version: string;
  /** The description in its manifest, or empty. */
  readonly description: string;
  /** The packages that it needs. */
  readonly dependencies: readonly DependencyEntry[];
  /** The files of each section that has any, sorted. */
  readonly sections: Readonly<Record<string, readonly string[]>>;
  /** Its modules, sorted by path: all that are there, loaded or not. */
  readonly modules: readonly ModuleFacts[];
  /** Its configs, sorted by path. */
  readonly configs: readonly ConfigFacts[];
  /** The modules that declare proxies, sorted by path. */
  readonly proxies: readonly ProxyFacts[];
  /** The permissions that its modules look like they need, sorted. */
  readonly requests: readonly PermissionRequest[];
  /** Environment variables that its modules and configs name, sorted. */
  readonly environment: readonly string[];
  /** Hosts that its modules and configs name, sorted. */
  readonly hosts: readonly string[];
  /** Paths of its manifest, and imports, that lead out of its folder, sorted. */
  readonly outside: readonly string[];
  /** What this reading cannot follow, and what could not be read. */
  readonly notes: readonly string[];
  /** The packages that came with it. */
  readonly bundled: readonly PackageFacts[];
}

/**
 * Reads what a package in a folder contains and asks for, without running any of its code.
 *
 * It reads text: a hint of what the package does, no guarantee. What {@linkcode scanModule} cannot see is not in it; what
 * it saw that hides something is in `notes`.
 *
 * @example
 * ```ts
 * import { scanPermissions } from "@lllm/lllm/packages";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/lllm.toml`, '[package]\nname = "desk"\n');
 * await Deno.mkdir(`${folder}/proxies`);
 * await Deno.writeTextFile(`${folder}/proxies/fmp.ts`, 'export const key = Deno.env.get("FMP_KEY");');
 *
 * const { requests } = await scanPermissions(folder);
 * assert.deepEqual(requests, [
 *   { permission: "env", target: "FMP_KEY", by: "Deno.env", files: ["proxies/fmp.ts"], loaded: true },
 * ]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 *
 * @throws {LLLMError} `package_not_found`, `manifest_invalid`
 */
export async function scanPermissions(folder: string | URL): Promise<PackageFacts> {
  const { fromFileUrl } = await import("@std/path");
  const path = folder instanceof URL || folder.startsWith("file:") ? fromFileUrl(folder) : folder;
  return await scanTree(await openFolder(path));
}

/** Reads what the files of a package say. */
export async function scanTree(tree: SourceTree): Promise<PackageFacts> {
  const manifest = await readManifest(tree);
  const sections = listSections(manifest, tree);
  const modules = listModules(tree, sections);
  const configs = await Promise.all(
    (sections.configs ?? []).filter(isConfig).map(async (path) =>
      await scanConfig(tree.readText(path) ?? "", path)
    ),
  );
  const { name, version, description, dependencies } = manifest;
  return {
    name,
    version,
    description,
    dependencies,
    sections,
    modules,
    configs,
    proxies: listProxies(modules, sections.proxies ?? []),
    requests: listRequests(modules),
    environment: union([...modules, ...configs].map(({ environment }) => environment)),
    hosts: union([...modules, ...configs].map(({ hosts }) => hosts)),
    outside: listOutside(manifest, modules),
    notes: listNotes(modules, configs),
    bundled: await Promise.all(tree.bundled.map(scanTree)),
  };
}

async function readManifest(tree: SourceTree): Promise<PackageManifest> {
  const name = tree.manifest ?? MANIFEST_NAMES.find((name) => tree.files.includes(name));
  const text = name === undefined ? undefined : tree.readText(name);
  if (text !== undefined) {
    return await parseManifestText(text, { file: `${tree.name}/${name}`, folderName: tree.folderName });
  }
  throw new LLLMError(`Cannot read package ${tree.name}: expected lllm.toml in it, found none`, {
    code: "package_not_found",
    data: { path: tree.name },
  });
}

function listSections(manifest: PackageManifest, tree: SourceTree): Record<string, string[]> {
  const sections = manifest.sections.map(({ name, paths }) => {
    const listed = (paths ?? [{ path: name }]).flatMap(({ path }) => tree.filesBelow(path) ?? []);
    const seen = listed.filter((file) => !file.split("/").some((part) => /^(_|\.(?!\.?$))/.test(part)));
    return [name, [...new Set(seen)].sort()] as const;
  });
  return Object.fromEntries(sections.filter(([, files]) => files.length > 0));
}

const MAX_CODE_CHARS = 20_000_000;
const NO_CODE = ["configs", "assets"];

function isLoadedModule(path: string): boolean {
  return /\.[tj]s$/.test(path) && !/(_test|\.test|\.d)\.[tj]s$/.test(path);
}

function isModule(path: string): boolean {
  return /\.[cm]?[tj]sx?$/.test(path) && !/\.d\.[cm]?ts$/.test(path);
}

function isConfig(path: string): boolean {
  return /\.(ya?ml|toml|json)$/i.test(path);
}

function listModules(tree: SourceTree, sections: Readonly<Record<string, readonly string[]>>): ModuleFacts[] {
  const entries = Object.entries(sections).flatMap(([name, files]) =>
    NO_CODE.includes(name) ? [] : files.filter(isLoadedModule)
  );
  const loaded = new Map<string, ModuleText>();
  const read = readWithin(MAX_CODE_CHARS);
  const waiting = [...entries];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (loaded.has(path)) continue;
    const text = tree.readText(path);
    if (text === undefined) continue;
    const facts = read(text);
    loaded.set(path, facts);
    waiting.push(...relativeImports(path, facts).filter(isModule));
  }
  const others = tree.files.filter((path) => isModule(path) && !loaded.has(path));
  return [
    ...[...loaded].map(([path, facts]) => ({ path, loaded: true, ...facts })),
    ...others.map((path) => ({ path, loaded: false, ...read(tree.readText(path) ?? "") })),
  ].sort((a, b) => a.path < b.path ? -1 : 1);
}

/** Reads modules until there is too much to read; what comes then is said to be unread. */
function readWithin(maxChars: number): (text: string) => ModuleText {
  let left = maxChars;
  return (text) => {
    left -= text.length;
    if (left >= 0) return scanModule(text);
    return { ...scanModule(""), opaque: [`more code than is read of one package (${maxChars} characters)`] };
  };
}

function relativeImports(path: string, { imports }: ModuleText): string[] {
  return imports.filter((name) => /^\.\.?\//.test(name)).map((name) => joinPath(folderOf(path), name));
}

function listProxies(modules: readonly ModuleFacts[], section: readonly string[]): ProxyFacts[] {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  return modules.filter(({ path, proxies, loaded }) =>
    loaded && (proxies.length > 0 || section.includes(path))
  )
    .map((module) => {
      const reached = new Set([module]);
      for (const { path, ...facts } of reached) {
        for (const name of relativeImports(path, facts)) {
          const imported = byPath.get(name);
          if (imported !== undefined) reached.add(imported);
        }
      }
      return {
        path: module.path,
        names: module.proxies,
        hosts: union([...reached].map(({ hosts }) => hosts)),
        environment: union([...reached].map(({ environment }) => environment)),
      };
    });
}

function listRequests(modules: readonly ModuleFacts[]): PermissionRequest[] {
  const requests = new Map<string, { use: PermissionUse; files: Set<string>; loaded: boolean }>();
  for (const { path, uses, loaded } of modules) {
    for (const use of uses) {
      const key = JSON.stringify([use.permission, use.target ?? "", use.by]);
      const known = requests.get(key) ?? { use, files: new Set(), loaded: false };
      known.files.add(path);
      requests.set(key, { ...known, loaded: known.loaded || loaded });
    }
  }
  return [...requests].sort(([a], [b]) => a < b ? -1 : 1)
    .map(([, { use, files, loaded }]) => ({ ...use, files: [...files].sort(), loaded }));
}

function listOutside(manifest: PackageManifest, modules: readonly ModuleFacts[]): string[] {
  const listed = manifest.sections.flatMap(({ paths = [] }) => paths.map(({ path }) => path));
  const imported = modules.filter(({ path }) => !path.startsWith("../")).flatMap((module) => [
    ...module.imports.filter((name) => /^(file:|\/|[a-z]:[\\/])/i.test(name)),
    ...relativeImports(module.path, module),
  ]);
  return union([
    [...listed, ...imported].filter((path) =>
      joinPath("", path).startsWith("..") || /^(file:|[\\/]|[a-z]:[\\/])/i.test(path)
    ),
  ]);
}

function listNotes(modules: readonly ModuleFacts[], configs: readonly ConfigFacts[]): string[] {
  return [
    ...modules.flatMap(({ path, opaque }) =>
      opaque.map((name) => `${path} uses ${name}, which cannot be followed`)
    ),
    ...modules.flatMap(({ path, imports }) =>
      imports.filter((name) => /^(npm:|jsr:|https?:|data:|blob:)/.test(name)).map((name) =>
        `${path} imports ${name}, whose code was not read`
      )
    ),
    ...configs.flatMap(({ path, problem }) => problem === undefined ? [] : [nameIn(problem, path)]),
  ];
}

/** Syntax errors name the file already. */
function nameIn(problem: string, path: string): string {
  return problem.startsWith(`Cannot read ${path}:`) ? problem : `${path}: ${problem}`;
}

function union(lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())].sort();
}
