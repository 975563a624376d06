import { mcpSecrets, type McpServer } from "../tools/mod.ts";
import { Redactor } from "../util/mod.ts";

const redactors = new WeakMap<McpServer, Redactor>();

/** Gives what blanks the keys of a server out of all that it says. */
export function redactorOf(server: McpServer): Redactor {
  let redactor = redactors.get(server);
  if (redactor === undefined) redactors.set(server, redactor = new Redactor(mcpSecrets(server), Infinity));
  return redactor;
}

const MAX_CHARS = 4_000;

/** What a server said, for an error: without its keys, and not too long. Keys are blanked out first, so that none is cut. */
export function told(server: McpServer, text: string, maxChars = MAX_CHARS): string {
  const clean = redactorOf(server).redact(text);
  return clean.length <= maxChars ? clean : `${clean.slice(0, maxChars)}…`;
}
