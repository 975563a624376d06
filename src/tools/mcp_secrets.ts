import type { McpServer } from "./mcp_server.ts";

/** Shorter values are no keys, and stand in texts by chance. */
const MIN_CHARS = 8;
/** Headers that say what is wanted, and not who wants it. */
const PLAIN_HEADERS = /^(accept|content|cache|user-agent$|origin$|referer$|host$|mcp-protocol-version$)/i;
const SECRET_NAME = /key|token|secret|pass|auth|credential|cookie|session|private|signature|^sig$|^pat$|dsn/i;
/** What a flag before a key is called: `--api-key`, and not `--key-file` or `--author`. */
const SECRET_FLAG = /(key|token|secret|passw(or)?d|passphrase|pwd|credentials?|bearer|auth|dsn|signature)$/i;
/** Environment variables that say where something is, or which of a few it is. */
const PLAIN_VALUE = /^([a-z]+:\/\/[^@?]*$|[~.]{0,2}[/\\]|[A-Za-z]:[/\\]|[a-z]+$|[\d.]+$)/i;
/** Letters and digits as no person writes them: long, and in large and small, or in hexadecimal. */
const LIKE_A_KEY =
  /^(?=.*(?:\d[A-Za-z]|[A-Za-z]\d))(?:(?=.*[a-z])(?=.*[A-Z])[\w.+~%-]{20,}|(?:[a-z]{2,12}[-_])?[\da-f]{8}(?:-?[\da-f]{4}){3}-?[\da-f]{12,})$/;

/**
 * Lists what is to be blanked out of all that a server says: the values of its headers and environment variables (but for paths,
 * addresses and the like), and the keys in its address and its arguments.
 *
 * @example
 * ```ts
 * import { McpServer, mcpSecrets } from "@lllm/lllm/tools";
 * import assert from "node:assert/strict";
 *
 * const args = ["--root", "/data", "--api-key", "SECRET-123"];
 * const server = new McpServer({ label: "s", command: "server", args, requireApproval: "always" });
 * assert.deepEqual(mcpSecrets(server), ["SECRET-123"]);
 * ```
 */
export function mcpSecrets({ headers, env, url, args }: McpServer): string[] {
  const secrets: string[] = [];
  for (const [name, value] of Object.entries(headers)) secrets.push(...inHeader(name, value));
  for (const [name, value] of Object.entries(env)) {
    if (SECRET_NAME.test(name) || !PLAIN_VALUE.test(value)) secrets.push(value);
  }
  if (url !== undefined) secrets.push(...inText(url));
  args.forEach((arg, i) => secrets.push(...inArgument(arg, args[i - 1] ?? "")));
  return [...new Set(secrets.map((secret) => secret.trim()))].filter((secret) => secret.length >= MIN_CHARS);
}

/** The value, and the key within it: after its scheme, in its base64, or in each of several cookies. */
function inHeader(name: string, value: string): string[] {
  if (PLAIN_HEADERS.test(name)) return [];
  if (/^cookie$/i.test(name)) {
    return [value, ...value.split(";").map((pair) => decode(pair.slice(pair.indexOf("=") + 1).trim()))];
  }
  const [, scheme, rest] = /^([A-Za-z-]+)\s+(.+)$/s.exec(value) ?? [];
  if (rest === undefined) return [value];
  if (scheme!.toLowerCase() !== "basic") return [value, rest];
  try {
    const pair = new TextDecoder().decode(Uint8Array.fromBase64(rest.trim()));
    return [value, rest, pair, pair.slice(pair.indexOf(":") + 1)];
  } catch {
    return [value, rest];
  }
}

/** `--token=…`, `--token …`, `--header "Authorization: …"`, `API_KEY=…`, and what has a key in it. */
function inArgument(arg: string, before: string): string[] {
  const [, header, said] = /^([\w-]+):\s*(.+)$/s.exec(arg) ?? [];
  if (header !== undefined && !said!.startsWith("//")) {
    return SECRET_NAME.test(header) ? inHeader(header, said!) : inText(arg);
  }
  const [, name, value] = /^-{0,2}([\w-]+)=(.*)$/s.exec(arg) ?? [];
  if (name !== undefined && SECRET_FLAG.test(name)) return [value!];
  const isAfterName = /^--?[\w-]+$/.test(before) && SECRET_FLAG.test(before);
  return isAfterName && !arg.startsWith("-") && !PLAIN_VALUE.test(arg) ? [arg] : inText(arg);
}

/** The keys in an address, and what looks like one. */
function inText(text: string): string[] {
  const secrets = text.split(/[\s/?&=#:@,;"']+/).map(decode).filter((part) => LIKE_A_KEY.test(part));
  const address = URL.parse(text);
  if (address === null) return secrets;
  secrets.push(decode(address.password));
  for (const [name, value] of address.searchParams) if (SECRET_NAME.test(name)) secrets.push(value);
  return secrets;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
