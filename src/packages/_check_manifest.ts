import { LLLMError } from "../errors.ts";
import type { PackageManifest } from "../runtime/mod.ts";
import { parseManifestText } from "../runtime/manifest_text.ts";
import { isPackageName } from "../runtime/package_info.ts";
import { NESTED_FOLDER } from "../runtime/find_dependency.ts";
import { problemOfName } from "./_check_paths.ts";
import { refusal } from "./_refuse.ts";
import { joinPath, MANIFEST_NAMES, type SourceTree } from "./_source_tree.ts";

const MAX_MANIFEST_BYTES = 64 * 1024;
/** Beside an installed package lie the other packages, each in its folder. */
const BESIDE = /^\.\.\/[^./_]/;

/**
 * Checks the manifest of a package that is to be installed, and those of the packages that come with it: what they name
 * must be in the package, or in one beside it.
 *
 * @throws {LLLMError} `manifest_invalid`, `package_unsafe`
 */
export async function checkManifest(
  tree: SourceTree,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<PackageManifest> {
  const manifest = await readManifest(tree, files);
  checkName(manifest.name, tree.name);
  for (const { name: section, paths = [] } of manifest.sections) {
    for (const { path } of paths) {
      const reason = `[${section}] names "${path}", which is out of the package`;
      if (isAbsolute(path) || leads(path) === "away") throw refusal(tree.name, reason);
    }
  }
  const bundled = tree.bundled.map(({ name }) => name);
  for (const { path } of manifest.dependencies) {
    const last = joinPath("", path).split("/").filter((part) => !/\.toml$/i.test(part)).at(-1) ?? "";
    if (!isAbsolute(path) && leads(path) !== "away") continue;
    if (bundled.includes(last) && !/^[a-z][a-z0-9+.-]+:|\0/i.test(path)) continue;
    throw refusal(
      tree.name,
      `it depends on "${path}", which is out of the package and does not come with it`,
    );
  }
  for (const nested of tree.bundled) {
    const prefix = `${NESTED_FOLDER}/${nested.name}/`;
    const below = [...files].filter(([path]) => path.startsWith(prefix));
    await checkManifest(nested, new Map(below.map(([path, bytes]) => [path.slice(prefix.length), bytes])));
  }
  return manifest;
}

async function readManifest(
  tree: SourceTree,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<PackageManifest> {
  const found = MANIFEST_NAMES.filter((name) => files.has(name));
  if (found.length > 1) throw refusal(tree.name, `it has ${found.length} manifests: ${found.join(", ")}`);
  const bytes = files.get(found[0]!)!;
  if (bytes.length > MAX_MANIFEST_BYTES) {
    throw refusal(tree.name, `its manifest has ${bytes.length} bytes, more than ${MAX_MANIFEST_BYTES}`);
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw refusal(tree.name, "its manifest is no UTF-8", error);
  }
  const { folderName } = tree;
  try {
    return await parseManifestText(text, { file: `${tree.name}/${found[0]}`, folderName });
  } catch (error) {
    const isName = LLLMError.isInstance(error) && error.data.key === "package.name";
    throw isName ? refusal(tree.name, `its name is none: ${error.message}`, error) : error;
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

function leads(path: string): "in" | "beside" | "away" {
  const joined = joinPath("", path);
  if (!/^\.\.(\/|$)/.test(joined)) return "in";
  return BESIDE.test(joined) ? "beside" : "away";
}
