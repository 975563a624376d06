import { LLLMError } from "../errors.ts";
import { loadYaml, nearest, parseYaml } from "../util/mod.ts";

const MAX_NAMES = 10;

/**
 * Reads a script from a file, or from its own text (anything with more than one line): YAML, of which JSON is a part.
 *
 * @throws {LLLMError} `config_invalid` when it cannot be read
 */
export async function readScript(source: string | URL, baseDir: string | undefined): Promise<unknown> {
  const isText = typeof source === "string" && source.includes("\n");
  const path = isText || source instanceof URL || baseDir === undefined || isAbsolute(source)
    ? source
    : `${baseDir.replace(/[/\\]+$/, "")}/${source}`;
  const name = isText ? "the given text" : `"${path}"`;
  try {
    const text = isText ? source : await Deno.readTextFile(path);
    await loadYaml();
    return parseYaml(text);
  } catch (cause) {
    const problem = !isText && cause instanceof Deno.errors.NotFound
      ? `expected the file ${name}, found none${await describeScripts(path)}`
      : `expected YAML in ${name}, found ${(cause as Error).message}`;
    throw new LLLMError(`Cannot read script: ${problem}`, {
      code: "config_invalid",
      data: isText ? {} : { path: String(path) },
      cause,
    });
  }
}

/** Names the files that a script might be which is not there: those of its folder. */
async function describeScripts(path: string | URL): Promise<string> {
  const folder = path instanceof URL ? new URL(".", path) : /^.*[/\\]/.exec(path)?.[0] ?? ".";
  if (Deno.permissions.querySync({ name: "read", path: folder }).state !== "granted") return ""; // nobody is to be asked
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) if (/\.(ya?ml|json)$/.test(name)) names.push(name);
  } catch {
    return ""; // the folder is not there, or not to be read
  }
  if (names.length === 0) return "";
  const shown = names.sort().slice(0, MAX_NAMES).join(", ");
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : "";
  const [near] = nearest(String(path).split(/[/\\]/).at(-1)!, names, 1);
  return `; there ${names.length === 1 ? "is" : "are"} ${shown}${more}${
    near === undefined ? "" : `; did you mean "${near}"?`
  }`;
}

function isAbsolute(path: string): boolean {
  return /^([/\\]|[A-Za-z]:[/\\])/.test(path);
}
