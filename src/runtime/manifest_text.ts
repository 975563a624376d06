import { LLLMError } from "../errors.ts";
import { findLineIssue } from "./_manifest_lines.ts";
import { loadToml, parseToml, TomlSyntaxError } from "./_toml.ts";
import { type PackageManifest, parseManifest } from "./manifest.ts";

/** Where the text of a manifest comes from. */
export interface ManifestTextOptions {
  /** The file, for messages. */
  readonly file: string;
  /** The name of a package that does not say one: that of its folder. */
  readonly folderName: string;
}

/**
 * Reads the text of a `lllm.toml`.
 *
 * @throws {LLLMError} `manifest_invalid`, naming file, line where it is known, what was expected and what was found
 */
export async function parseManifestText(
  source: string,
  { file, folderName }: ManifestTextOptions,
): Promise<PackageManifest> {
  const text = source.replace(/^\uFEFF/, "");
  return parseManifest(await parseManifestToml(text, file), { file, folderName, text });
}

/**
 * Reads the text of a `lllm.toml` as TOML, without looking at what it says.
 *
 * @throws {LLLMError} `manifest_invalid`
 */
export async function parseManifestToml(text: string, file: string): Promise<Record<string, unknown>> {
  await loadToml();
  try {
    const data = parseToml(text);
    const issue = findLineIssue(text);
    if (issue !== undefined) throw new TomlSyntaxError(issue);
    return data;
  } catch (error) {
    if (!(error instanceof TomlSyntaxError)) throw error;
    throw new LLLMError(`Cannot read ${file}: ${error.message}`, {
      code: "manifest_invalid",
      data: { file, ...error.issue },
      cause: error,
    });
  }
}
