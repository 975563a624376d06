import type { CutContent, RecordedStep, StepRecord } from "../run/mod.ts";
import type { SessionRecord } from "../session/mod.ts";
import { isPlainObject } from "../util/mod.ts";
import type { StoredSession } from "./types.ts";

/** The first key of what is kept in place of a content that was cut: what was cut of it; the second is `value`. */
const CUT = "$lllm-cut";
const PREFIX = `{"${CUT}":`;

/** A content that was cut, and what was cut of it. */
export interface Cut {
  /** What was cut. */
  readonly cuts: readonly CutContent[];
  /** What was kept. */
  readonly value: unknown;
}

/** Puts what was cut beside what was kept. */
export function wrapCut(value: unknown, cuts: readonly CutContent[]): unknown {
  return { [CUT]: cuts, value };
}

/** Takes them apart; `undefined` for a content that was not cut. */
export function unwrapCut(content: unknown): Cut | undefined {
  if (!isPlainObject(content) || !Object.hasOwn(content, CUT)) return undefined;
  const { [CUT]: cuts, value, ...rest } = content as Record<string, unknown>;
  return Array.isArray(cuts) && Object.keys(rest).length === 0
    ? { cuts: cuts as CutContent[], value }
    : undefined;
}

/** Wraps a content that only looks like one that was cut, so that it is not taken for one. */
export function escapeCut(content: unknown): unknown {
  return unwrapCut(content) === undefined ? content : wrapCut(content, []);
}

/** The same for JSON. */
export function escapeCutJson(json: string): string {
  return json.includes(CUT) ? JSON.stringify(escapeCut(JSON.parse(json))) : json;
}

/** Takes what was cut out of the outputs of steps, and says it in the steps. */
export function unwrapSteps(stored: StoredSession): StoredSession {
  if (!stored.steps.some(isWrapped)) return stored;
  return { ...stored, steps: stored.steps.map((step) => isWrapped(step) ? unwrapStep(step) : step) };
}

function isWrapped({ outputJson }: RecordedStep): boolean {
  return outputJson?.startsWith(PREFIX) === true;
}

function unwrapStep(step: RecordedStep): RecordedStep {
  const content = unwrapCut(JSON.parse(step.outputJson!));
  if (content === undefined) return step;
  return {
    ...step,
    outputJson: JSON.stringify(content.value),
    ...(content.cuts.length === 0 ? {} : { cut: content.cuts }),
  };
}

const PARTS = ["task", "metadata", "result"] as const;
/** What the session calls the parts of its record. */
const SESSION_KEYS = { task: "task", metadata: "metadata", result: "delivery" } as const;

/** Takes what was cut out of task, metadata and result, and says it in the record. */
export function unwrapRecord(record: SessionRecord): SessionRecord {
  let whole = record;
  const all: CutContent[] = [];
  for (const part of PARTS) {
    const content = unwrapCut(record[part]);
    if (content === undefined) continue;
    const { value, cuts } = content;
    whole = { ...whole, [part]: value, session: { ...whole.session, [SESSION_KEYS[part]]: value } };
    all.push(...cuts.map((cut) => ({ ...cut, at: joinPlace(part, cut.at) })));
  }
  return all.length === 0 ? whole : { ...whole, cut: all };
}

/** The opposite: so that a record that says what was cut of it can be kept again. */
export function wrapRecord(record: SessionRecord): SessionRecord {
  const { cut = [], steps, ...rest } = record;
  const parts = PARTS.flatMap((part) => {
    const cuts = cut.filter(({ at }) => at === part || at.startsWith(`${part}.`) || at.startsWith(`${part}[`))
      .map((content) => ({ ...content, at: content.at.slice(part.length).replace(/^\./, "") }));
    const content = cuts.length === 0 ? escapeCut(record[part]) : wrapCut(record[part], cuts);
    return content === record[part] ? [] : [[part, content] as const];
  });
  return { ...rest, ...Object.fromEntries(parts), steps: steps.map(wrapStep) };
}

function wrapStep(step: StepRecord): StepRecord {
  const { cut, ...rest } = step;
  const output = cut === undefined ? escapeCut(step.output) : wrapCut(step.output, cut);
  return output === step.output ? step : { ...rest, output };
}

function joinPlace(part: string, at: string): string {
  return at === "" || at.startsWith("[") ? part + at : `${part}.${at}`;
}
