import type { RecordedStep } from "../run/mod.ts";

/** What is known of a step beside its texts. */
export type StepFacts = Omit<RecordedStep, "inputJson" | "inputPieces" | "outputJson" | "output">;

/** Takes them one by one, those that are there: to leave some out of a copy of all takes longer. */
export function stepFacts(step: StepFacts): Mutable<StepFacts> {
  const { index, path, ordinal, kind, name, costUsd, tokens, startedAt, durationMs } = step;
  const { requestHash, cut, error } = step;
  const facts: Mutable<StepFacts> = {
    index,
    path,
    ordinal,
    kind,
    name,
    costUsd,
    tokens,
    startedAt,
    durationMs,
  };
  if (requestHash !== undefined) facts.requestHash = requestHash;
  if (cut !== undefined) facts.cut = cut;
  if (error !== undefined) facts.error = error;
  return facts;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
