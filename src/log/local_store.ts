import { LocalBackend } from "./_local_backend.ts";
import { LogStore, type LogStoreOptions } from "./log_store.ts";

/**
 * Creates a store in a folder of JSON files, made at the first use, that people and other programs can read. It is for some thousands
 * of sessions: a list looks at each of them. Several programs may use a folder at once.
 *
 * @example
 * ```ts
 * import { localStore } from "@lllm/lllm/log";
 * import assert from "node:assert/strict";
 *
 * await using store = localStore(await Deno.makeTempDir());
 * assert.deepEqual(await store.listSessions(), []);
 * ```
 */
export function localStore(dir: string, options: LogStoreOptions = {}): LogStore {
  if (typeof dir !== "string" || dir === "") {
    throw new TypeError(`Cannot open a log: expected the path of a folder, found ${JSON.stringify(dir)}`);
  }
  return new LogStore(new LocalBackend(dir.replace(/(?<=.)[/\\]+$/, "")), options);
}
