import { sha256Hex } from "../util/mod.ts";
import { scrubbedJson } from "./_scrub.ts";
import type { Step, StepKind } from "./step.ts";
import type { StepError } from "./step_error.ts";

/** A piece of content of which a beginning alone was kept. */
export interface CutContent {
  /** Where it is in the content, such as `message.content`; `""` for the whole. */
  readonly at: string;
  /** What it is; a list or an object lost its last entries. */
  readonly type: "text" | "list" | "object";
  /** How long it was: UTF-16 units, or entries. */
  readonly length: number;
  /** How much of it was kept: UTF-16 units, or entries. */
  readonly kept: number;
  /** SHA-256 of what it was: of the text, or of the JSON. */
  readonly hash: string;
}

/** One recorded step, as session records hold it. */
export interface StepRecord {
  /** Place in the order in which the steps ended. */
  readonly index: number;
  /** Identifies the step within the run. */
  readonly path: string;
  /** How many steps with the same path came before. */
  readonly ordinal: number;
  /** What the step did. */
  readonly kind: StepKind;
  /** The model, tool, API path or tactic. */
  readonly name: string;
  /** SHA-256 of the canonical JSON of the scrubbed input. */
  readonly requestHash: string;
  /** What the effect depended on, without secrets. */
  readonly input: unknown;
  /** What it gave, when it succeeded. */
  readonly output?: unknown;
  /** What of the output was too long to be kept whole: such a step cannot be replayed. */
  readonly cut?: readonly CutContent[];
  /** What it threw, when it failed. */
  readonly error?: StepError;
  /** Of a model call: the hash of the prompt in force. */
  readonly promptHash?: string;
  /** Of a model call: the model arguments, without secrets. */
  readonly modelArgs?: unknown;
  /** US dollars, for steps that cost any. */
  readonly costUsd?: number;
  /** ISO 8601 time. */
  readonly startedAt: string;
  /** Milliseconds. */
  readonly durationMs: number;
}

/** A step as it was recorded, its input and output as JSON texts: what a store keeps. */
export interface RecordedStep {
  /** Place in the order in which the steps ended. */
  readonly index: number;
  /** Identifies the step within the run. */
  readonly path: string;
  /** How many steps with the same path came before. */
  readonly ordinal: number;
  /** What the step did. */
  readonly kind: StepKind;
  /** The model, tool, API path or tactic. */
  readonly name: string;
  /** The canonical JSON of the input, without secrets. */
  readonly inputJson: string;
  /** The same in pieces, where {@linkcode Step.inputPieces} gives such; absent once it was stored. */
  readonly inputPieces?: readonly string[] | undefined;
  /** SHA-256 of the input, where `inputJson` is no longer what it was computed from. Default: that of `inputJson`. */
  readonly requestHash?: string;
  /** The JSON of what the step gave, when it succeeded. */
  readonly outputJson?: string | undefined;
  /** What of the output is missing in `outputJson`. */
  readonly cut?: readonly CutContent[];
  /** What the step gave, as whoever asked for it was given it; absent once it was stored. */
  readonly output?: unknown;
  /** What it threw, when it failed. */
  readonly error?: StepError;
  /** US dollars. */
  readonly costUsd: number;
  /** Tokens, sent and received. */
  readonly tokens: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Milliseconds. */
  readonly durationMs: number;
}

/** Makes the record of a step. */
export function toStepRecord(step: RecordedStep): StepRecord {
  const { index, path, ordinal, kind, name, inputJson, outputJson, error, costUsd, durationMs } = step;
  const { requestHash = sha256Hex(inputJson), cut } = step;
  const input: unknown = JSON.parse(inputJson);
  return {
    index,
    path,
    ordinal,
    kind,
    name,
    requestHash,
    input,
    ...(outputJson === undefined ? {} : { output: JSON.parse(outputJson) as unknown }),
    ...(cut === undefined ? {} : { cut }),
    ...(error === undefined ? {} : { error }),
    ...(costUsd > 0 ? { costUsd } : {}),
    ...modelFields(kind, input),
    startedAt: new Date(step.startedAt).toISOString(),
    durationMs,
  };
}

/** Makes a recorded step of its record, for stores that are given whole records. */
export function fromStepRecord(record: StepRecord): RecordedStep {
  const { index, path, ordinal, kind, name, requestHash, input, error, startedAt, durationMs } = record;
  return {
    index,
    path,
    ordinal,
    kind,
    name,
    requestHash,
    inputJson: scrubbedJson(input),
    ...(record.output === undefined ? {} : { outputJson: JSON.stringify(record.output) }),
    ...(error === undefined ? {} : { error }),
    costUsd: record.costUsd ?? 0,
    tokens: tokensOf(record),
    startedAt: Date.parse(startedAt),
    durationMs,
  };
}

/** What the record of a model call has beside the others' fields, so that records can be compared without their inputs. */
function modelFields(
  kind: Step["kind"],
  input: unknown,
): { readonly promptHash?: string; readonly modelArgs?: unknown } {
  if (kind !== "model" || typeof input !== "object" || input === null) return {};
  const { prompt, modelArgs } = input as { prompt?: { promptHash?: unknown } | null; modelArgs?: unknown };
  const promptHash = prompt?.promptHash;
  return {
    ...(typeof promptHash === "string" ? { promptHash } : {}),
    ...(modelArgs === undefined ? {} : { modelArgs }),
  };
}

/** A record says nothing of tokens: the reply does. */
function tokensOf({ kind, output }: StepRecord): number {
  if (kind !== "model" || typeof output !== "object" || output === null) return 0;
  const usage = (output as { message?: { usage?: Record<string, unknown> } | null }).message?.usage ?? {};
  const count = (value: unknown) => typeof value === "number" ? value : 0;
  if (typeof usage.total_tokens === "number") return usage.total_tokens;
  return count(usage.prompt_tokens ?? usage.input_tokens) +
    count(usage.completion_tokens ?? usage.output_tokens);
}
