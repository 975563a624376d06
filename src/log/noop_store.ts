import { LogStore } from "./log_store.ts";
import type { LogBackend } from "./types.ts";

/**
 * Creates a store that keeps nothing, for where a store is asked for: runs are not even recorded.
 *
 * @example
 * ```ts
 * import { noopStore } from "@lllm/lllm/log";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(await noopStore().listSessions(), []);
 * ```
 */
export function noopStore(): LogStore {
  return new LogStore(nothing);
}

const nothing: LogBackend & { readonly keepsNothing: true } = {
  keepsNothing: true,
  write: () => {},
  list: () => [],
  load: () => undefined,
  sumCosts: () => [],
  sumModelCosts: () => [],
  listErrors: () => [],
  delete: () => false,
  close: () => {},
};
