import { LLLMError } from "../errors.ts";
import { isPlainObject, parseYaml, splitFrontMatter } from "../util/mod.ts";

/** A prompt file in Markdown, taken apart. */
export interface MarkdownPrompt {
  /** What the front matter says; empty if there is none. */
  readonly metadata: Record<string, unknown>;
  /** The template: everything else. */
  readonly template: string;
}

/**
 * Tells whether a text begins with front matter, so that {@linkcode parseMarkdownPrompt} will need the YAML parser.
 */
export function hasFrontMatter(text: string): boolean {
  return splitFrontMatter(text).yaml !== null;
}

/**
 * Takes a Markdown prompt apart: YAML front matter between `---` lines, if there is any, and the template. Blank lines
 * after the front matter belong to neither. Where there is front matter, `loadYaml()` must have been awaited before.
 *
 * @example
 * ```ts
 * import { parseMarkdownPrompt } from "@lllm/lllm/prompt";
 * import { loadYaml } from "../util/mod.ts";
 * import assert from "node:assert/strict";
 *
 * await loadYaml();
 * const { metadata, template } = parseMarkdownPrompt("---\nversion: 2\n---\n\nWrite about {topic}.", "brief.md");
 * assert.deepEqual(metadata, { version: 2 });
 * assert.equal(template, "Write about {topic}.");
 * ```
 *
 * @param text the file's content
 * @param path the file's path, for errors
 * @throws {LLLMError} `config_invalid`, when the front matter is no YAML mapping
 */
export function parseMarkdownPrompt(text: string, path: string): MarkdownPrompt {
  const { yaml, body } = splitFrontMatter(text);
  return { metadata: yaml === null ? {} : parseFrontMatter(yaml, path), template: body };
}

function parseFrontMatter(yaml: string, path: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = parseYaml(yaml) ?? {};
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw invalid(path, `found none: ${error.message}`, error);
  }
  if (!isPlainObject(parsed)) {
    throw invalid(path, `found ${Array.isArray(parsed) ? "a list" : typeof parsed}`);
  }
  return parsed;
}

function invalid(path: string, found: string, cause?: unknown): LLLMError {
  return new LLLMError(
    `Cannot load prompt "${path}": expected front matter that is a YAML mapping, ${found}`,
    {
      code: "config_invalid",
      data: { path },
      cause,
    },
  );
}
