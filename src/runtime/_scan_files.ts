import { LLLMError } from "../errors.ts";
import { Prompt } from "../prompt/mod.ts";
import { isPlainObject, loadYaml, parseYaml } from "../util/mod.ts";
import { withReadHint } from "./_platform.ts";
import { loadDataParser, parseDataText } from "./data_text.ts";
import { ResourceNode } from "./resource_node.ts";

/** Where the resources of a file are registered. */
export interface ScanTarget {
  /** `<package>.<section>`. */
  readonly namespace: string;
  /** The type of the section's files. */
  readonly resourceType: string;
  /** The virtual folder, with a `/` at its end, or empty. */
  readonly prefix: string;
}

/** A file to be scanned: absolute, and relative to the listed folder. */
export interface ScannedFile {
  readonly path: string;
  readonly relative: string;
}

const DATA_FILE = /\.(ya?ml|toml|json)$/i;

/** Tells whether a file is a config. */
export function isConfigFile(name: string): boolean {
  return DATA_FILE.test(name);
}

/** Makes a lazy node of a config; its key has no extension. */
export async function scanConfig(file: ScannedFile, target: ScanTarget): Promise<ResourceNode> {
  await loadDataParser(file.relative);
  return lazyNode(file, target, file.relative.replace(DATA_FILE, ""), readData);
}

/** Makes a lazy node of any file: data where it is data, else bytes; its key has the extension. */
export async function scanAsset(file: ScannedFile, target: ScanTarget): Promise<ResourceNode> {
  await loadDataParser(file.relative);
  return lazyNode(file, target, file.relative, isConfigFile(file.relative) ? readData : readBytes);
}

function lazyNode(
  file: ScannedFile,
  target: ScanTarget,
  name: string,
  read: (path: string) => unknown,
): ResourceNode {
  const { path } = file;
  const key = target.prefix + name;
  const qualifiedKey = `${target.namespace}:${key}`;
  return ResourceNode.lazy(key, () => {
    try {
      return read(path);
    } catch (error) {
      throw isGone(error) ? fileIsGone(qualifiedKey, target.resourceType, path, error) : error;
    }
  }, { ...target, metadata: { file_path: path } });
}

function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory ||
    error instanceof Deno.errors.IsADirectory;
}

function fileIsGone(key: string, type: string, file: string, cause: unknown): LLLMError {
  return new LLLMError(
    `Cannot read ${type} "${key}": expected the file ${file}, which was there when the package was loaded, found none`,
    { code: "resource_not_found", data: { key, type, near: [], file }, cause },
  );
}

/** Makes a node of a Markdown prompt: its front matter becomes the prompt's metadata. */
export async function scanMarkdownPrompt(file: ScannedFile, target: ScanTarget): Promise<ResourceNode> {
  const text = withReadHint(file.path, () => Deno.readTextFileSync(file.path));
  const key = target.prefix + file.relative.replace(/\.md$/i, "");
  try {
    const { metadata, body } = await splitFrontMatter(text);
    const prompt = new Prompt({ path: key, prompt: body, metadata });
    return ResourceNode.eager(key, prompt, { ...target, metadata: { file_path: file.path } });
  } catch (error) {
    throw new LLLMError(`Cannot load prompt ${file.path}: ${(error as Error).message}`, {
      code: "module_load_failed",
      data: { file: file.path },
      cause: error,
    });
  }
}

/** Takes the YAML mapping between `---` lines off the start of a text; without one, the text is all body. */
async function splitFrontMatter(
  source: string,
): Promise<{ metadata: Record<string, unknown>; body: string }> {
  const text = source.replace(/^\uFEFF/, "");
  const match = text.match(/^---[ \t]*\r?\n(?:([\s\S]*?)\r?\n)?---[ \t]*(?:\r?\n\s*?(?=\S|$)|$)/);
  if (match === null) return { metadata: {}, body: text };
  await loadYaml();
  const metadata = parseYaml(match[1] ?? "") ?? {};
  // Lines between two rules of Markdown are no mapping.
  return isPlainObject(metadata)
    ? { metadata, body: text.slice(match[0].length) }
    : { metadata: {}, body: text };
}

function readBytes(path: string): Uint8Array {
  return withReadHint(path, () => Deno.readFileSync(path));
}

function readData(path: string): unknown {
  return parseDataText(withReadHint(path, () => Deno.readTextFileSync(path)), path);
}
