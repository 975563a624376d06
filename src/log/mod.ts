/**
 * Logs: stores that keep every run while it goes on, and find it again.
 *
 * @module
 */
export type { CostSummary, CostTotals } from "./cost_summary.ts";
export type { ErrorRecord } from "./error_record.ts";
export type { ExportFormat } from "./export_session.ts";
export type { ContentLimits } from "./limits.ts";
export { localStore } from "./local_store.ts";
export { type ListSessionsOptions, LogStore, type LogStoreOptions, type SessionQuery } from "./log_store.ts";
export { noopStore } from "./noop_store.ts";
export { postgresStore, type PostgresStoreOptions } from "./postgres_store.ts";
export type { LogContent, Redact } from "./redact.ts";
export type { Retention } from "./retention.ts";
export { sqliteStore, type SqliteStoreOptions } from "./sqlite_store.ts";
export {
  ATTEMPT_SIZE,
  type CostRow,
  type LogBackend,
  type LogEntry,
  type ModelCostRow,
  type SessionFilter,
  type SessionPage,
  type SessionSummary,
  type StoredBlob,
  type StoredEnd,
  type StoredHead,
  type StoredSession,
} from "./types.ts";
