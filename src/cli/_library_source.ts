import { isPlainObject } from "../util/mod.ts";
import type { ScaffoldImports } from "./_scaffold.ts";
import { UsageError } from "./_usage_error.ts";

const LIBRARY = "@lllm/lllm";

/** The parts of the library's own `deno.json` that are read here. */
interface LibraryConfig {
  readonly version: string;
  readonly imports: Readonly<Record<string, string>>;
}

/** Says how a project imports the library as it is published: this version, and what is compatible. */
export async function publishedLibrary(): Promise<ScaffoldImports> {
  const { default: config } = await import("../../deno.json", { with: { type: "json" } });
  return { imports: importsOf(config) };
}

/**
 * Says how a project imports a copy of the library: the same names, linked to the copy and to what the copy itself links.
 *
 * @param link the folder of the copy; a relative one stays relative, seen from the project
 * @throws {UsageError} when it is no copy of the library
 */
export async function linkedLibrary(link: string, project: string): Promise<ScaffoldImports> {
  const { isAbsolute, join, relative, resolve } = await import("@std/path");
  const folder = resolve(link);
  const config = await readConfig(link, join(folder, "deno.json"));
  const own = Array.isArray(config.links) ? config.links.map(String) : [];
  const links = [folder, ...own.map((path) => resolve(folder, path))].map((path) =>
    isAbsolute(link) ? path : relative(project, path).replaceAll("\\", "/")
  );
  return { imports: importsOf(config as unknown as LibraryConfig), links };
}

function importsOf({ version, imports }: LibraryConfig): Record<string, string> {
  return { [LIBRARY]: `jsr:${LIBRARY}@^${version}`, zod: imports.zod! };
}

async function readConfig(link: string, file: string): Promise<Record<string, unknown>> {
  const refuse = (found: string, cause?: unknown) =>
    new UsageError(
      `Cannot use --link "${link}": expected a copy of ${LIBRARY} with its deno.json, found ${found}`,
      { cause },
    );
  let config: unknown;
  try {
    config = JSON.parse(await Deno.readTextFile(file));
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    throw refuse(cause instanceof SyntaxError ? `no JSON in ${file}` : "none", cause);
  }
  const isCopy = isPlainObject(config) && config.name === LIBRARY && typeof config.version === "string" &&
    isPlainObject(config.imports) && typeof config.imports.zod === "string";
  if (!isCopy) throw refuse(`another package in ${file}`);
  return config as Record<string, unknown>;
}
