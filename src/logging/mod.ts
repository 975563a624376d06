/**
 * Logging: what happens in the library, by subsystem and level. Quiet unless it is set up.
 *
 * @module
 */
export { getLogger, type LogData, type Logger } from "./get_logger.ts";
export { setupLogging, type SetupLoggingOptions } from "./setup_logging.ts";
export type { LogLevel, LogRecord } from "./types.ts";
