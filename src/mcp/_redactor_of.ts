import type { McpServer } from "../tools/mod.ts";
import { Redactor } from "../util/mod.ts";

/** Shorter values are no keys, and stand in texts by chance. */
const MIN_CHARS = 8;
/** Headers that say what is wanted, and not who wants it. */
const PLAIN_HEADERS = /^(accept|content|cache|user-agent$|origin$|referer$|host$|mcp-protocol-version$)/i;
const SECRET_NAME = /key|token|secret|pass|auth|credential|cookie|session|private|signature|^sig$|^pat$|dsn/i;
/** Environment variables that say where something is, or which of a few it is. */
const PLAIN_VALUE = /^([a-z]+:\/\/[^@?]*$|[~.]{0,2}[/\\]|[A-Za-z]:[/\\]|[a-z]+$|[\d.]+$)/i;

const redactors = new WeakMap<McpServer, Redactor>();

/**
 * Gives what blanks the keys of a server out of all that it says: the values of its headers and environment variables (but for
 * paths, addresses and the like), and the keys in its address.
 */
export function redactorOf(server: McpServer): Redactor {
  let redactor = redactors.get(server);
  if (redactor === undefined) {
    redactors.set(server, redactor = new Redactor(secretsOf(server), Infinity));
  }
  return redactor;
}

function secretsOf({ headers, env, url }: McpServer): string[] {
  const secrets: string[] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (!PLAIN_HEADERS.test(name)) secrets.push(value, ...partsOf(name, value));
  }
  for (const [name, value] of Object.entries(env)) {
    if (SECRET_NAME.test(name) || !PLAIN_VALUE.test(value)) secrets.push(value);
  }
  const address = url === undefined ? null : URL.parse(url);
  if (address !== null) {
    secrets.push(decode(address.password));
    for (const [name, value] of address.searchParams) if (SECRET_NAME.test(name)) secrets.push(value);
  }
  return secrets.map((secret) => secret.trim()).filter((secret) => secret.length >= MIN_CHARS);
}

/** The key within a header: after its scheme, in its base64, or in each of several cookies. */
function partsOf(name: string, value: string): string[] {
  if (/^cookie$/i.test(name)) {
    return value.split(";").map((pair) => decode(pair.slice(pair.indexOf("=") + 1).trim()));
  }
  const [, scheme, rest] = /^([A-Za-z-]+)\s+(.+)$/s.exec(value) ?? [];
  if (rest === undefined) return [];
  if (scheme!.toLowerCase() !== "basic") return [rest];
  try {
    const pair = new TextDecoder().decode(Uint8Array.fromBase64(rest.trim()));
    return [rest, pair, pair.slice(pair.indexOf(":") + 1)];
  } catch {
    return [rest];
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
