import { LLLMError } from "../errors.ts";
import { canonicalAddress, parseNetEntry } from "../net/mod.ts";

/**
 * Makes sure that this program may reach what its sandbox is allowed to reach.
 *
 * @throws {LLLMError} `config_invalid`, naming the flag.
 */
export function requireNetPermission(entries: readonly string[]): void {
  for (const entry of entries) {
    const { host, ports } = parseNetEntry(entry)!;
    // A name is also resolved, for which a permission for one of its ports is too little.
    const hosts = canonicalAddress(host) === null ? [host] : ports.map((port) => `${host}:${port}`);
    const granted = hosts.some((name) =>
      Deno.permissions.querySync({ name: "net", host: name }).state === "granted"
    );
    if (granted) continue;
    const flag = `--allow-net=${hosts[0]}`;
    throw new LLLMError(
      `Cannot allow "${entry}" in a sandbox: expected the permission ${flag}, found it missing`,
      {
        code: "config_invalid",
        data: { flag },
      },
    );
  }
}
