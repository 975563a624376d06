import { LLLMError } from "../errors.ts";
import { parseManifestToml } from "../runtime/manifest_text.ts";
import { deepEqual, isPlainObject } from "../util/mod.ts";

/**
 * Gives the text of a manifest with another package name; all else stays as it is, comments too.
 *
 * Each way to say a name is tried, and taken if the text then says the new name and nothing else has changed.
 *
 * @throws {LLLMError} `manifest_invalid`, if none is
 */
export async function renameManifest(text: string, name: string, file: string): Promise<string> {
  const before = await parseManifestToml(text.replace(/^\uFEFF/, ""), file);
  const wanted = { ...before, package: { ...(isPlainObject(before.package) ? before.package : {}), name } };
  for (const candidate of candidates(text, JSON.stringify(name))) {
    try {
      if (deepEqual(await parseManifestToml(candidate.replace(/^\uFEFF/, ""), file), wanted)) {
        return candidate;
      }
    } catch {
      continue; // not a place where a name can be
    }
  }
  throw new LLLMError(
    `Cannot rename the package in ${file}: expected name = "…" on a line of its own in [package], found none`,
    { code: "manifest_invalid", data: { file, name } },
  );
}

const VALUE = String.raw`(?:"(?:\\.|[^"\\\n])*"|'[^'\n]*'|[\w.+-]+)`;
const NAME = String.raw`(?:name|"name"|'name')[ \t]*=[ \t]*`;
const PACKAGE = String.raw`(?:package|"package"|'package')`;

function* candidates(text: string, name: string): Generator<string> {
  const patterns = [
    `^([ \\t]*${NAME})${VALUE}`, // in [package]
    `^([ \\t]*${PACKAGE}[ \\t]*\\.[ \\t]*${NAME})${VALUE}`, // package.name = …
    `^([ \\t]*${PACKAGE}[ \\t]*=[ \\t]*\\{[^\\n]*?${NAME})${VALUE}`, // package = { name = … }
  ];
  for (const pattern of patterns) {
    for (const match of text.matchAll(new RegExp(pattern, "gm"))) {
      const end = match.index + match[0].length;
      yield text.slice(0, match.index) + match[1] + name + text.slice(end);
    }
  }
  for (const match of text.matchAll(new RegExp(`^[ \\t]*\\[[ \\t]*${PACKAGE}[ \\t]*\\][^\\n]*`, "gm"))) {
    const end = match.index + match[0].length;
    yield `${text.slice(0, end)}\nname = ${name}${text.slice(end)}`;
  }
  yield `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}[package]\nname = ${name}\n`;
}
