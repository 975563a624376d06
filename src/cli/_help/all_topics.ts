import { CREATE_HELP } from "./create.ts";
import { DOCTOR_HELP } from "./doctor.ts";
import { KEYS_HELP } from "./keys.ts";
import { LOG_HELP, LOG_SUMMARY } from "./log.ts";
import { MCP_HELP } from "./mcp.ts";
import { PKG_HELP, PKG_SUMMARY } from "./pkg.ts";
import { RUN_HELP } from "./run.ts";
import { SANDBOX_HELP } from "./sandbox.ts";
import type { HelpTopics } from "./topic.ts";

/** The commands, in the order in which they are listed; those of `log` and `pkg` under both words. */
export const TOPICS: HelpTopics = {
  ...RUN_HELP,
  ...LOG_HELP,
  ...KEYS_HELP,
  ...DOCTOR_HELP,
  ...CREATE_HELP,
  ...PKG_HELP,
  ...SANDBOX_HELP,
  ...MCP_HELP,
};

/** What commands with commands of their own are for. */
export const GROUPS: Readonly<Record<string, string>> = { log: LOG_SUMMARY, pkg: PKG_SUMMARY };
