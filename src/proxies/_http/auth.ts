import type { HttpAuth } from "../http_types.ts";
import type { Secrets } from "./secrets.ts";

/** Adds to a request what shows who makes it. */
export type ApplyAuth = (url: URL, headers: Headers) => void;

/**
 * Reads the keys that a request needs.
 *
 * @throws {LLLMError} `missing_api_key` when there is one that is not there, `config_invalid` for one that cannot be sent
 */
export async function prepareAuth(
  auths: readonly HttpAuth[],
  secrets: Secrets,
  api: string,
): Promise<ApplyAuth> {
  const parts = await Promise.all(auths.map((auth) => prepareOne(auth, secrets, api)));
  return (url, headers) => parts.forEach((apply) => apply(url, headers));
}

async function prepareOne(auth: HttpAuth, secrets: Secrets, api: string): Promise<ApplyAuth> {
  if (auth.type === "bearer") {
    const token = await secrets.headerValue(auth.token, api);
    return (_url, headers) => headers.set("authorization", `Bearer ${token}`);
  }
  if (auth.type === "basic") {
    const { username } = auth;
    const user = typeof username === "string" ? username : await secrets.value(username, api);
    const pair = new TextEncoder().encode(`${user}:${await secrets.value(auth.password, api)}`);
    const encoded = pair.toBase64();
    secrets.remember(encoded);
    return (_url, headers) => headers.set("authorization", `Basic ${encoded}`);
  }
  const { type, name, prefix = "" } = auth;
  const secret =
    await (type === "header" ? secrets.headerValue(auth.value, api) : secrets.value(auth.value, api));
  const value = prefix + secret;
  if (type === "query") return (url) => setQuery(url, name, value);
  if (type === "header") return (_url, headers) => headers.set(name, value);
  return (_url, headers) => {
    const pair = `${name}=${encodeURIComponent(value)}`;
    const others = headers.get("cookie");
    headers.set("cookie", others === null ? pair : `${others}; ${pair}`);
  };
}

/** Sets a parameter and leaves the others as they are written: `searchParams` would write them anew. */
function setQuery(url: URL, name: string, value: string): void {
  if (url.searchParams.has(name)) url.searchParams.delete(name);
  const part = new URLSearchParams({ [name]: value }).toString();
  url.search = url.search === "" ? part : `${url.search}&${part}`;
}
