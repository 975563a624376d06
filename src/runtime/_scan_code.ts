import type { Warning } from "../config/mod.ts";
import { LLLMError } from "../errors.ts";
import { type CodeResource, NamelessError, NoManagerError, recognise } from "./_code_resources.ts";
import { importModule } from "./_import_module.ts";
import { mayRead, plainLine, readDenied } from "./_platform.ts";
import type { ScannedFile, ScanTarget } from "./_scan_files.ts";
import { ResourceNode } from "./resource_node.ts";

/** A node, and the export that it was made of. */
export interface CodeNode {
  readonly node: ResourceNode;
  readonly value: unknown;
  readonly name: string;
}

/** What a module holds. */
export interface ScannedModule {
  readonly nodes: readonly CodeNode[];
  readonly warnings: readonly Warning[];
}

/** Tells whether a file is a module that packages load: no tests, no declarations. */
export function isModule(name: string): boolean {
  return /\.[tj]s$/.test(name) && !/(_test|\.test|\.d)\.[tj]s$/.test(name);
}

/** Tells whether a file is code, loaded or not: it is never an asset of a section. */
export function isCode(name: string): boolean {
  return /\.[tj]s$/.test(name);
}

/**
 * Imports a module and makes nodes of what it exports.
 *
 * @throws {LLLMError} `module_load_failed`, naming the file, with the cause
 */
export async function scanModule(
  file: ScannedFile,
  target: ScanTarget,
  section: string,
): Promise<ScannedModule> {
  const exported = await importFile(file.path);
  const nodes: CodeNode[] = [];
  const warnings: Warning[] = [];
  const seen = new Set<unknown>();
  for (const [name, value] of Object.entries(exported)) {
    if (seen.has(value)) continue;
    seen.add(value);
    try {
      const node = makeNode(name, value, { file, target, section });
      if (node !== undefined) nodes.push({ node, value, name });
    } catch (error) {
      if (error instanceof NoManagerError) {
        warnings.push({
          code: "no_context_manager",
          message: `Skipped export "${name}" of ${file.path}: ${error.message}`,
          data: { file: file.path, export: name },
        });
        continue;
      }
      if (!(error instanceof NamelessError)) throw loadFailed(file.path, error);
      warnings.push({
        code: "nameless_class",
        message:
          `Skipped export "${name}" of ${file.path}: ${error.message}; give it a static tacticName or managerName`,
        data: { file: file.path, export: name, reason: String(error.cause) },
      });
    }
  }
  return { nodes, warnings };
}

interface ExportPlace {
  readonly file: ScannedFile;
  readonly target: ScanTarget;
  readonly section: string;
}

function makeNode(name: string, value: unknown, place: ExportPlace): ResourceNode | undefined {
  const { file, target, section } = place;
  const metadata = { file_path: file.path };
  const modulePath = file.relative.replace(/\.[tj]s$/, "");
  const resource = recognise(value, section);
  if (resource !== undefined) {
    const key = target.prefix + keyOf(resource, modulePath);
    return ResourceNode.eager(key, value, {
      namespace: target.namespace,
      resourceType: resource.type,
      metadata,
    });
  }
  if (section !== "services") return undefined;
  const key = target.prefix + (name === "default" ? modulePath : `${modulePath}/${name}`);
  return ResourceNode.eager(key, value, { ...target, metadata });
}

function keyOf(resource: CodeResource, modulePath: string): string {
  if (resource.type === "prompt") return `${modulePath}/${resource.name.replace(/^\/+/, "")}`;
  return resource.name ?? `${modulePath}/${resource.value.name}`;
}

async function importFile(path: string): Promise<Record<string, unknown>> {
  try {
    return await importModule(path);
  } catch (error) {
    // A module that may be read can still ask for more than the program may do: then it is the module that fails.
    throw mayRead(path) ? loadFailed(path, error) : readDenied(path, error);
  }
}

function loadFailed(path: string, cause: unknown): LLLMError {
  // A module may throw anything, also what has no text.
  const reason = plainLine(cause instanceof Error ? cause.message : Deno.inspect(cause));
  return new LLLMError(`Cannot load module ${path}: ${reason}`, {
    code: "module_load_failed",
    data: { file: path },
    cause,
  });
}
