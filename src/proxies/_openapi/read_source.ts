import { joinSignals, loadYaml, outsideRun, parseYaml } from "../../util/mod.ts";
import { readBody } from "../_http/read_body.ts";
import { refuse } from "./document.ts";

const MAX_BYTES = 64 * 1024 * 1024;
/** How long a download may take. */
const TIMEOUT_MS = 60_000;

/** A document that was read, and where it was. */
export interface ReadSource {
  readonly value: unknown;
  readonly url: URL | undefined;
}

/**
 * Reads a document: a text in JSON or YAML, the path of a file, or a URL (http, https, file).
 *
 * @throws {LLLMError} `config_invalid` when it cannot be read
 */
export async function readSource(source: string | URL, signal?: AbortSignal): Promise<ReadSource> {
  const url = await urlOf(source);
  const text = url === undefined ? source as string : await readText(url, signal);
  return { value: await parseText(text), url };
}

/** A text is a document when it has a line end or begins like one; else it says where the document is. */
async function urlOf(source: string | URL): Promise<URL | undefined> {
  if (source instanceof URL) return source;
  if (/[\r\n]/.test(source.trim()) || /^\s*[{[]/.test(source) || /^\s*(openapi|swagger)\s*:/.test(source)) {
    return undefined;
  }
  if (source.trim() === "") throw refuse("expected a document, found an empty text");
  if (/^[a-z][a-z0-9+.-]+:/i.test(source)) {
    const url = URL.parse(source);
    if (url === null) throw refuse(`expected a URL, found ${JSON.stringify(source.slice(0, 60))}`);
    return url;
  }
  const { isAbsolute, toFileUrl } = await outsideRun(() => import("@std/path"));
  return isAbsolute(source) ? toFileUrl(source) : new URL(encodeURI(source), toFileUrl(`${Deno.cwd()}/`));
}

async function readText(url: URL, signal: AbortSignal | undefined): Promise<string> {
  try {
    if (url.protocol === "file:") {
      if ((await Deno.stat(url)).size > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES} bytes`);
      return await Deno.readTextFile(url);
    }
    if (!/^https?:$/.test(url.protocol)) throw new Error("expected http, https or file");
    const response = await fetch(url, { signal: joinSignals(signal, AbortSignal.timeout(TIMEOUT_MS))! });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`status ${response.status}`);
    }
    return new TextDecoder().decode(await readBody(response, MAX_BYTES, shown(url)));
  } catch (cause) {
    signal?.throwIfAborted();
    const reason = cause instanceof Error ? cause.message.split("\n")[0] : cause;
    throw refuse(`"${shown(url)}" cannot be read: ${reason}`);
  }
}

function shown(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

async function parseText(text: string): Promise<unknown> {
  if (text.length > MAX_BYTES) throw refuse(`expected at most ${MAX_BYTES} characters, found ${text.length}`);
  const bare = text.replace(/^\uFEFF/, "");
  try {
    if (/^\s*[{[]/.test(bare)) return JSON.parse(bare);
  } catch (error) {
    if (/^\s*\{\s*"/.test(bare)) {
      throw refuse(`expected JSON, found: ${(error as Error).message.split("\n")[0]}`);
    }
  }
  try {
    await outsideRun(loadYaml);
    return parseYaml(bare, { version: "1.2" }); // as OpenAPI says
  } catch (error) {
    throw refuse(`expected JSON or YAML, found: ${(error as Error).message.split("\n")[0]!.slice(0, 300)}`);
  }
}
