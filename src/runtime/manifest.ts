import type { Warning } from "../config/mod.ts";
import { LLLMError } from "../errors.ts";
import { isPlainObject, nearest } from "../util/mod.ts";
import { SECTION_TYPES } from "./_sections.ts";
import { lineOfKey, unquotedValue } from "./_toml_error.ts";
import { isPackageName } from "./package_info.ts";

/** One entry of a section's `paths`. */
export interface PathEntry {
  /** A folder or file, relative to the package or absolute. */
  readonly path: string;
  /** The virtual folder that its resources are put under. Default: none. */
  readonly prefix?: string;
}

/** One entry of `dependencies.packages`. */
export interface DependencyEntry {
  /** The folder of the package, relative to the depending one or absolute. */
  readonly path: string;
  /** The second name that the package gets. Default: none. */
  readonly alias?: string;
}

/** A manifest, checked, as plain data. */
export interface PackageManifest {
  /** The namespace of the resources. */
  readonly name: string;
  /** Empty where there is none. */
  readonly version: string;
  /** Empty where there is none. */
  readonly description: string;
  /** The sections in loading order; without `paths`, a section is the folder of its own name, if there is one. */
  readonly sections: readonly { readonly name: string; readonly paths: readonly PathEntry[] | undefined }[];
  /** The packages that this one needs. */
  readonly dependencies: readonly DependencyEntry[];
  /** What looks wrong and stops nothing. */
  readonly warnings: readonly Warning[];
}

/** Where a manifest comes from. */
export interface ParseManifestOptions {
  /** The file, for messages. */
  file: string;
  /** The name of a package that does not say one: that of its folder. */
  folderName: string;
  /** What the file says, so that messages can name lines. Default: they name none. */
  text?: string;
}

const PACKAGE_KEYS = ["name", "version", "description"];
const PATH_KEYS = ["path", "prefix", "under"];
const DEPENDENCY_KEYS = ["path", "alias", "as"];

/**
 * Reads the data of a `lllm.toml`.
 *
 * @example
 * ```ts
 * import { parseManifest } from "@lllm/lllm/runtime";
 * import assert from "node:assert/strict";
 *
 * const manifest = parseManifest(
 *   { package: { name: "desk" }, prompts: { paths: ["../shared/prompts under vendor"] } },
 *   { file: "lllm.toml", folderName: "desk" },
 * );
 * assert.deepEqual(manifest.sections[0], { name: "prompts", paths: [{ path: "../shared/prompts", prefix: "vendor" }] });
 * ```
 *
 * @throws {LLLMError} `manifest_invalid`, naming file, key, what was expected and what was found
 */
export function parseManifest(
  data: Readonly<Record<string, unknown>>,
  options: ParseManifestOptions,
): PackageManifest {
  const reader = new ManifestReader(options);
  const info = reader.table(data, "package") ?? {};
  reader.warnOfUnknown(info, PACKAGE_KEYS, "package");
  const dependencies = reader.table(data, "dependencies") ?? {};
  reader.warnOfUnknown(dependencies, ["packages"], "dependencies");
  const sections = [...SECTION_TYPES.keys()].map((name) => ({ name, paths: reader.section(data, name) }));
  for (const name of Object.keys(data)) {
    if (name === "package" || name === "dependencies" || SECTION_TYPES.has(name)) continue;
    const near = nearest(name, ["package", "dependencies", ...SECTION_TYPES.keys()], 1)[0];
    if (near !== undefined) reader.warn(name, near);
    // Other values at the top mean nothing to us; a section of its own must be one that keys can name.
    const value = data[name];
    if (!isPlainObject(value)) continue;
    if (isPackageName(name)) sections.push({ name, paths: reader.section(data, name) });
    else if ("paths" in value) reader.warnOfSection(name);
  }
  return {
    name: reader.packageName(info.name) ?? toPackageName(options.folderName),
    version: reader.looseText(info.version, "version") ?? "",
    description: reader.looseText(info.description, "description") ?? "",
    sections,
    dependencies: reader.list(dependencies.packages, "dependencies.packages").map((entry, index) =>
      reader.dependency(entry, `dependencies.packages[${index}]`)
    ),
    warnings: reader.warnings,
  };
}

/** Makes a package's name of a folder's name. */
function toPackageName(folderName: string): string {
  return isPackageName(folderName)
    ? folderName
    : folderName.replace(/^\.+|[\s:/\\#"'\p{Cc}]+/gu, "_") || "package";
}

/** No system takes a path with a NUL. */
function isPath(text: string): boolean {
  return text.trim() !== "" && !text.includes("\0");
}

function atLine(line: number | undefined): string {
  return line === undefined ? "" : ` at line ${line}`;
}

class ManifestReader {
  readonly warnings: Warning[] = [];
  readonly #file: string;
  readonly #text: string;

  constructor({ file, text = "" }: ParseManifestOptions) {
    this.#file = file;
    this.#text = text;
  }

  table(data: Readonly<Record<string, unknown>>, key: string): Record<string, unknown> | undefined {
    const value = data[key];
    if (value === undefined || isPlainObject(value)) return value;
    throw this.error(key, "a table", value);
  }

  section(data: Readonly<Record<string, unknown>>, name: string): PathEntry[] | undefined {
    const table = this.table(data, name);
    if (table === undefined) return undefined;
    this.warnOfUnknown(table, ["paths"], name);
    const entries = this.list(table.paths, `${name}.paths`);
    // As in the Python original, an empty list is no list.
    return entries.length === 0
      ? undefined
      : entries.map((entry, i) => this.path(entry, `${name}.paths[${i}]`));
  }

  path(entry: unknown, key: string): PathEntry {
    const [path, prefix] = this.#entry(entry, key, "under", PATH_KEYS);
    const folder = prefix?.replaceAll("\\", "/").split("/").filter((part) => part !== "" && part !== ".")
      .join("/");
    if (folder?.split("/").includes("..")) {
      throw this.error(key, "a virtual folder within the package", prefix);
    }
    return folder === undefined || folder === "" ? { path } : { path, prefix: folder };
  }

  dependency(entry: unknown, key: string): DependencyEntry {
    const [path, alias] = this.#entry(entry, key, "as", DEPENDENCY_KEYS);
    if (alias === undefined) return { path };
    if (!isPackageName(alias)) throw this.error(key, "an alias that can stand in keys", alias);
    return { path, alias };
  }

  /** Reads `"<path> <word> <name>"`, and the table that says the same. */
  #entry(entry: unknown, key: string, word: string, keys: readonly string[]): [string, string | undefined] {
    if (typeof entry === "string") {
      const [, path = entry, name] = entry.match(new RegExp(`^(.*\\S)\\s+${word}\\s+(\\S.*)$`, "s")) ?? [];
      if (!isPath(path)) throw this.error(key, "a path", entry);
      return [path.trim(), name?.trim()];
    }
    if (!isPlainObject(entry)) throw this.error(key, `a path, or a table with a path`, entry);
    this.warnOfUnknown(entry, keys, key);
    const path = this.text(entry.path, `${key}.path`);
    if (path === undefined || !isPath(path)) throw this.error(`${key}.path`, "a path", entry.path);
    const [first, second] = keys.slice(1).map((name) =>
      this.text(entry[name], `${key}.${name}`) || undefined
    );
    return [path.trim(), (first ?? second)?.trim()];
  }

  list(value: unknown, key: string): unknown[] {
    if (value === undefined) return [];
    if (Array.isArray(value)) return value;
    throw this.error(key, "a list", value);
  }

  text(value: unknown, key: string): string | undefined {
    if (value === undefined || typeof value === "string") return value;
    if (typeof value === "number") return String(value);
    throw this.error(key, "a text", value);
  }

  /** A text of `[package]` whose quotes are missing, as in `version = 1.0`, is read as it was written, with a warning. */
  looseText(value: unknown, key: "version" | "description"): string | undefined {
    const text = this.text(value, `package.${key}`);
    const written = unquotedValue(this.#text, key) ?? (typeof value === "number" ? text : undefined);
    if (text === undefined || written === undefined) return text;
    const line = lineOfKey(this.#text, `package.${key}`);
    const expected = `${key} = ${JSON.stringify(written)}`;
    this.warnings.push({
      code: "unquoted_text",
      message: `package.${key} in ${this.#file}${
        atLine(line)
      } is no text: write ${expected}, found ${written}`,
      data: { file: this.#file, ...(line === undefined ? {} : { line }), key: `package.${key}`, expected },
    });
    return written;
  }

  packageName(value: unknown): string | undefined {
    if (value === undefined) return undefined;
    const unquoted = unquotedValue(this.#text, "name");
    if (typeof value !== "string" || unquoted !== undefined) {
      const isPlain = unquoted !== undefined || typeof value !== "object";
      throw this.error("package.name", isPlain ? "a text in quotes" : "a text", unquoted ?? value);
    }
    const name = value;
    if (isPackageName(name)) return name;
    throw this.error("package.name", "a name without spaces, slashes, colons or quotes", value);
  }

  warnOfUnknown(table: Readonly<Record<string, unknown>>, known: readonly string[], where: string): void {
    for (const key of Object.keys(table)) {
      const near = known.includes(key) ? undefined : nearest(key, known, 1)[0];
      if (near !== undefined) this.warn(`${where}.${key}`, near);
    }
  }

  warnOfSection(name: string): void {
    this.warnings.push({
      code: "section_skipped",
      message: `Skipped section ${JSON.stringify(name)} of ${this.#file}: ` +
        "expected a name without spaces, slashes, colons or quotes, which keys can have",
      data: { file: this.#file, section: name },
    });
  }

  warn(key: string, near: string): void {
    const line = lineOfKey(this.#text, key);
    this.warnings.push({
      code: "unknown_key",
      message: `Unknown key "${key}" in ${this.#file}${atLine(line)}; did you mean "${near}"?`,
      data: { file: this.#file, ...(line === undefined ? {} : { line }), key, near },
    });
  }

  error(key: string, expected: string, found: unknown): LLLMError {
    const shown = found === undefined ? "none" : JSON.stringify(found) ?? String(found);
    const line = lineOfKey(this.#text, key);
    return new LLLMError(
      `Cannot read ${this.#file}: expected ${expected} as ${key}${atLine(line)}, found ${shown}`,
      {
        code: "manifest_invalid",
        data: { file: this.#file, ...(line === undefined ? {} : { line }), key, expected, found: shown },
      },
    );
  }
}
