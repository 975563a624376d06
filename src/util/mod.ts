/**
 * Small helpers that every other folder may use: JSON values, hashing, schemas, YAML, near-miss names.
 *
 * @module
 */

export { followSignals, joinSignals, raceAbort, settleAfterAbort } from "./abort.ts";
export { kindOfPath, saveText } from "./files.ts";
export { foreignSchema } from "./foreign_schema.ts";
export { type FrontMatter, splitFrontMatter } from "./front_matter.ts";
export { cutText, isCutFrom, LEAST_CUT_CHARS } from "./cut_text.ts";
export { sha256Hex } from "./hash.ts";
export {
  canonicalJson,
  deepEqual,
  deepFreeze,
  freezeCopy,
  isDeepFrozen,
  isPlainObject,
  type JsonObject,
  type JsonValue,
  mutableCopy,
  setOwn,
  thawLists,
} from "./json.ts";
export { type JsonSchema, resolveRef } from "./json_schema.ts";
export { describeIssues, formatPath, type SchemaIssue } from "./json_schema_issue.ts";
export { validateForeignSchema } from "./json_schema_validate.ts";
export { MAX_TIMER_MS } from "./max_timer.ts";
export { nearest } from "./near.ts";
export { nextTurn } from "./next_turn.ts";
export { isQuickPattern } from "./quick_pattern.ts";
export { Redactor } from "./redactor.ts";
export { remember } from "./remember.ts";
export { retryAfterMs } from "./retry_after.ts";
export {
  isStandardSchema,
  type Schema,
  type SchemaInput,
  type SchemaResult,
  stripOptionalNulls,
  toJsonSchema,
  toObjectSchema,
  validateSchema,
} from "./schema.ts";
export { type StrictSchema, toStrictSchema } from "./strict_schema.ts";
export { outsideRun } from "./outside_run.ts";
export { emitWarning, type OnWarning, type Warning } from "./warnings.ts";
export { loadYaml, parseYaml, type YamlVersion } from "./yaml.ts";
