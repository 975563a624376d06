/**
 * Fetches a `SKILL.md` from a URL.
 *
 * @module
 */
import { HttpFailure, NetPolicy, NetRefusal, performRequest } from "../net/mod.ts";
import type { HttpResponse } from "../net/mod.ts";
import { MAX_SKILL_BYTES } from "./_parse_skill.ts";
import type { FetchedSkill } from "./skill_cache.ts";

/** Options of {@linkcode fetchSkill}. */
export interface FetchSkillOptions {
  /** Hosts that may be reached by http, and at addresses that are not public. */
  readonly allowNet: readonly string[];
  /** For the request with its redirects. Units: milliseconds. */
  readonly timeoutMs: number;
}

/** Asks for a URL, within limits of size and time. Never rejects. */
export async function fetchSkill(
  url: URL,
  { allowNet, timeoutMs }: FetchSkillOptions,
): Promise<FetchedSkill> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const { response } = await performRequest(
      {
        method: "GET",
        url,
        headers: [["accept", "text/markdown, text/plain;q=0.9"]],
        body: new Uint8Array(0),
      },
      {
        policy: new NetPolicy(allowNet, {
          publicHttps: true,
          listName: "skills_allow_net (in code: allowNet)",
          choosesHeaders: false,
        }),
        signal,
        maxResponseBytes: MAX_SKILL_BYTES,
        userAgent: "lllm-skills",
      },
    );
    const problem = problemOf(response);
    return problem === null ? { base64: response.body.toBase64() } : { error: problem };
  } catch (error) {
    if (signal.aborted) return { error: `expected an answer within ${timeoutMs} ms, found none` };
    const isPlain = error instanceof NetRefusal || error instanceof HttpFailure;
    return { error: withoutQueries(isPlain ? error.message : String(error)) };
  }
}

/** Queries of URLs may hold secrets, those that a redirect leads to above all. */
function withoutQueries(message: string): string {
  return message.replace(/(https?:\/\/[^\s"?]*)\?[^\s"]*?(?=:?(?:\s|"|$))/g, "$1");
}

/** What may be Markdown: text, or bytes that the server knows no type of. */
const TYPES = /^(text\/(?!html|css|javascript|xml|csv)[a-z0-9.+-]+|application\/(octet-stream|markdown))$/;

function problemOf({ status, statusText, headers }: HttpResponse): string | null {
  if (status !== 200) return `expected status 200, found ${status} ${statusText}`.trim();
  const valueOf = (name: string) => headers.find(([key]) => key === name)?.[1].trim().toLowerCase() ?? "";
  const encoding = valueOf("content-encoding");
  if (encoding !== "" && encoding !== "identity") return `expected a plain answer, found one in ${encoding}`;
  const type = valueOf("content-type").split(";", 1)[0]!.trim();
  return type === "" || TYPES.test(type) ? null : `expected Markdown, found ${type}`;
}
