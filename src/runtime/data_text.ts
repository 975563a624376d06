import { LLLMError } from "../errors.ts";
import { loadYaml, parseYaml } from "../util/mod.ts";
import { loadToml, parseToml } from "./_toml.ts";

/** Loads the parser for a file of that name, once; {@linkcode parseDataText} works from then on. */
export async function loadDataParser(path: string): Promise<void> {
  if (/\.ya?ml$/i.test(path)) await loadYaml();
  else if (/\.toml$/i.test(path)) await loadToml();
}

/**
 * Reads the text of a config or of any other data file, at once: JSON, TOML or YAML by the extension of its path.
 *
 * @throws {LLLMError} `config_invalid`, naming the file
 */
export function parseDataText(source: string, path: string): unknown {
  const text = source.replace(/^\uFEFF/, "");
  try {
    if (/\.json$/i.test(path)) return JSON.parse(text);
    return /\.toml$/i.test(path) ? parseToml(text) : parseYaml(text);
  } catch (error) {
    // JSON errors show a piece of the source, line ends and all.
    const reason = (error as Error).message.replaceAll(/\s*\n\s*/g, " ");
    throw new LLLMError(`Cannot read ${path}: ${reason}`, {
      code: "config_invalid",
      data: { file: path },
      cause: error,
    });
  }
}
