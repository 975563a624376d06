import type { Warning } from "../config/mod.ts";
import { LLLMError } from "../errors.ts";
import { type CodeNode, isCode, isModule, scanModule } from "./_scan_code.ts";
import {
  isConfigFile,
  scanAsset,
  scanConfig,
  scanMarkdownPrompt,
  type ScannedFile,
  type ScanTarget,
} from "./_scan_files.ts";
import { kindOf, paths } from "./_platform.ts";
import { SECTION_TYPES, typeOf } from "./_sections.ts";
import { walkFiles } from "./_walk.ts";
import type { PackageManifest } from "./manifest.ts";
import type { ResourceNode } from "./resource_node.ts";

/** The resources of a package, and what looked wrong on the way. */
export interface ScannedPackage {
  readonly nodes: readonly ResourceNode[];
  readonly warnings: readonly Warning[];
}

/** What one file gave: nodes with the values of those that code made. */
interface FileResult {
  readonly file: ScannedFile;
  readonly nodes: readonly (CodeNode | {
    readonly node: ResourceNode;
    readonly value?: undefined;
    readonly name?: undefined;
  })[];
  readonly warnings?: readonly Warning[];
}

/** Options of {@linkcode scanPackage}. */
export interface ScanPackageOptions {
  /** Whether a file that cannot be loaded is a warning. Default: false. */
  readonly keepGoing?: boolean;
}

/** Reads all sections of a package. Modules are imported in parallel; the result does not depend on who is first. */
export async function scanPackage(
  manifest: PackageManifest,
  baseDir: string,
  { keepGoing = false }: ScanPackageOptions = {},
): Promise<ScannedPackage> {
  const collector = new Collector();
  const jobs: (() => Promise<FileResult>)[] = [];
  for (const { name: section, paths: listed } of manifest.sections) {
    let python = 0;
    for (const { path, prefix } of listed ?? [{ path: section }]) {
      const root = paths().resolve(baseDir, path);
      if (kindOf(root) === undefined) {
        if (listed !== undefined) collector.warnOfMissing(manifest.name, section, root);
        continue;
      }
      const target = {
        namespace: `${manifest.name}.${section}`,
        resourceType: typeOf(section),
        prefix: prefix === undefined ? "" : `${prefix}/`,
      };
      for (const file of barrelsLast(walkFiles(root))) {
        const scan = scannerOf(file, target, section);
        if (scan !== undefined) jobs.push(scan);
        else if (file.relative.endsWith(".py")) python++;
      }
    }
    if (python > 0) collector.warnOfPython(manifest.name, section, python);
  }
  const settled = await Promise.allSettled(jobs.map((job) => job()));
  for (const outcome of settled) {
    if (outcome.status === "fulfilled") collector.add(outcome.value);
    else if (keepGoing && LLLMError.isInstance(outcome.reason)) collector.addFailure(outcome.reason);
    else throw outcome.reason;
  }
  return collector;
}

/** Modules that gather what others define come last, so that the others name it. */
function barrelsLast(files: readonly ScannedFile[]): ScannedFile[] {
  const isBarrel = ({ relative }: ScannedFile) => /(^|\/)(mod|index)\.[tj]s$/.test(relative);
  return [...files.filter((file) => !isBarrel(file)), ...files.filter(isBarrel)];
}

/** Says how a file is read; `undefined` for one that the section has no use for. */
function scannerOf(
  file: ScannedFile,
  target: ScanTarget,
  section: string,
): (() => Promise<FileResult>) | undefined {
  const { relative: name } = file;
  const single = (scan: (file: ScannedFile, target: ScanTarget) => Promise<ResourceNode>) => async () => ({
    file,
    nodes: [{ node: await scan(file, target) }],
  });
  if (section === "configs") return isConfigFile(name) ? single(scanConfig) : undefined;
  if (section === "assets") return single(scanAsset);
  if (isModule(name)) return async () => ({ file, ...await scanModule(file, target, section) });
  if (section === "prompts" && /\.md$/i.test(name)) return single(scanMarkdownPrompt);
  return SECTION_TYPES.has(section) || isCode(name) ? undefined : single(scanAsset);
}

class Collector implements ScannedPackage {
  readonly warnings: Warning[] = [];
  readonly #nodes = new Map<string, { node: ResourceNode; file: string }>();
  /** The file that first gave a value: what others export again is the same resource. */
  readonly #homes = new Map<unknown, string>();

  get nodes(): ResourceNode[] {
    return [...this.#nodes.values()].map(({ node }) => node);
  }

  add({ file, nodes, warnings = [] }: FileResult): void {
    this.warnings.push(...warnings);
    const names = new Map<string, string>();
    for (const { node, value, name } of nodes) {
      const home = value === undefined ? file.path : this.#homes.get(value) ?? file.path;
      if (home !== file.path) continue;
      if (value !== undefined) this.#homes.set(value, home);
      const key = node.qualifiedKey;
      const earlier = this.#nodes.get(key);
      if (earlier !== undefined && earlier.file !== file.path) {
        this.#warnOfReplaced(key, earlier.file, file.path);
      }
      const other = names.get(key);
      if (name !== undefined && other !== undefined) this.#warnOfTwoExports(key, file.path, other, name);
      if (name !== undefined) names.set(key, name);
      this.#nodes.set(key, { node, file: file.path });
    }
  }

  addFailure({ code, message, data }: LLLMError): void {
    this.warnings.push({ code, message, data });
  }

  warnOfMissing(name: string, section: string, path: string): void {
    this.warnings.push({
      code: "missing_path",
      message: `Package "${name}" lists a folder in [${section}] that is not there: ${path}`,
      data: { package: name, section, path },
    });
  }

  warnOfPython(name: string, section: string, count: number): void {
    const [files, are, code] = count === 1 ? ["file", "is", "its code"] : ["files", "are", "their code"];
    this.warnings.push({
      code: "python_modules",
      message:
        `Package "${name}" has ${count} .py ${files} in [${section}] that ${are} not loaded: ${code} becomes TypeScript (.ts)`,
      data: { package: name, section, count },
    });
  }

  #warnOfReplaced(key: string, replaced: string, kept: string): void {
    this.warnings.push({
      code: "resource_replaced",
      message: `Two files give "${key}": ${kept} takes the place of ${replaced}`,
      data: { key, replaced, kept },
    });
  }

  #warnOfTwoExports(key: string, file: string, replaced: string, kept: string): void {
    this.warnings.push({
      code: "resource_replaced",
      message: `Two exports of ${file} give "${key}": ${kept} takes the place of ${replaced}`,
      data: { key, file, replaced, kept },
    });
  }
}
