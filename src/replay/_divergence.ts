import { ReplayDivergenceError } from "../errors.ts";
import type { StepRecord } from "../run/mod.ts";
import { type ComparedStep, compareSteps, formatDifferences } from "./step_difference.ts";

/**
 * Says how a run that is replayed differs from its record: what was expected at a path, and what came; of one that is nothing, that the
 * run had ended there.
 */
export function divergence(
  path: string,
  expected: StepRecord | undefined,
  actual: ComparedStep | undefined,
): ReplayDivergenceError {
  const left = expected === undefined ? undefined : toCompared(expected);
  const right = actual === undefined ? undefined : toCompared(actual);
  const differences = left === undefined || right === undefined || left.path !== right.path
    ? []
    : compareSteps(left, right);
  const reason = left === undefined
    ? `expected no further step, found ${describe(right!)}`
    : right === undefined
    ? `expected ${describe(left)}, found the end of the run`
    : left.path !== right.path
    ? `expected ${describe(left)}, found ${describe(right)}`
    : `expected the recorded request of ${describe(left)}, found another: ${
      differences.slice(0, 2).map(({ field, change }) => `${field}: ${change}`).join("; ")
    }`;
  const diff = formatDifferences(differences);
  return createError(
    { path, expected: left ?? null, actual: right ?? null, ...(diff === "" ? {} : { diff }) },
    reason,
  );
}

/** Says that a step cannot be answered, since the record has not the whole of what it gave. */
export function divergenceOfCut(
  { path, cut = [], ...record }: StepRecord,
  asked: ComparedStep,
): ReplayDivergenceError {
  const [first] = cut;
  const place = first === undefined || first.at === "" ? "" : ` at ${first.at}`;
  const reason = first === undefined
    ? `expected its output, found ${
      describeOutput(record.output)
    }: somebody changed the record, or it was not kept`
    : `expected its whole output, found ${first.kept} of ${first.length} ${
      first.type === "text" ? "characters" : "entries"
    }${place}: the limits of the log cut the rest`;
  const data = { path, expected: toCompared({ path, ...record }), actual: toCompared(asked), cut };
  return createError(data, reason);
}

function createError(
  data: ConstructorParameters<typeof ReplayDivergenceError>[0],
  reason: string,
): ReplayDivergenceError {
  return new ReplayDivergenceError(data, { message: `Cannot replay step "${data.path}": ${reason}` });
}

function describe({ kind, name, path }: ComparedStep): string {
  return `${kind} ${name} at "${path}"`;
}

function describeOutput(output: unknown): string {
  const text = output === undefined ? "none" : JSON.stringify(output);
  return text.length <= MAX_SHOWN_CHARS ? text : `${text.slice(0, MAX_SHOWN_CHARS)}…`;
}

const MAX_SHOWN_CHARS = 80;

function toCompared({ kind, name, path, requestHash, input }: ComparedStep): ComparedStep {
  return { kind, name, path, requestHash, input };
}
