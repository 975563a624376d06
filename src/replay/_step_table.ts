import type { StepRecord } from "../run/mod.ts";
import { endOf, startOf } from "./_step_times.ts";
import type { ComparedStep } from "./step_difference.ts";

/** Recorded steps, by what a run asks for. */
export class StepTable {
  readonly #byPath: Map<string, StepRecord[]>;
  readonly #all: readonly StepRecord[];
  readonly #byIndex: ReadonlyMap<number, StepRecord>;
  readonly #used = new Set<StepRecord>();
  readonly #childrenOf: ReadonlyMap<StepRecord, readonly StepRecord[]>;
  readonly #nested: ReadonlySet<StepRecord>;

  constructor(records: readonly StepRecord[]) {
    this.#all = [...records].sort((a, b) => a.index - b.index);
    this.#byIndex = new Map(this.#all.map((record) => [record.index, record]));
    this.#byPath = Map.groupBy(this.#all, (record) => record.path);
    for (const list of this.#byPath.values()) list.sort((a, b) => a.ordinal - b.ordinal);
    const children = findChildren(this.#all, this.#byPath);
    this.#childrenOf = children;
    this.#nested = findNested(children);
  }

  /**
   * Takes the record of a step: one of its path with the same request, of several the first that was not taken. Where none has the
   * same request, `near` is the first at its path.
   */
  take(step: ComparedStep): { readonly record?: StepRecord; readonly near?: StepRecord } {
    const free = this.#byPath.get(step.path)?.filter((record) => !this.#used.has(record)) ?? [];
    const record = free.find((other) => other.requestHash === step.requestHash && other.kind === step.kind);
    if (record === undefined) return free[0] === undefined ? {} : { near: free[0] };
    this.#used.add(record);
    return { record };
  }

  /**
   * The record of a step that a recorded cell made, taken already. A cell that came from the record asks for its steps when it is run
   * once more, to bring a sandbox to where it would be.
   */
  findBelowCell(step: ComparedStep): StepRecord | undefined {
    const known = this.#byPath.get(step.path)?.find((record) =>
      this.#used.has(record) && record.requestHash === step.requestHash
    );
    const cell = known === undefined ? undefined : parentOf(known, this.#byPath);
    return cell?.kind === "cell" && this.#used.has(cell) ? known : undefined;
  }

  /** Whether anything was recorded at a path. */
  has(path: string): boolean {
    return this.#byPath.has(path);
  }

  /** Takes a record that was found otherwise. */
  use(record: StepRecord): void {
    this.#used.add(record);
  }

  /** The first record that was not taken and that the program itself asked for. */
  get nextExpected(): StepRecord | undefined {
    return this.#all.find((record) => !this.#used.has(record) && !this.#nested.has(record));
  }

  /**
   * How long the next step was asked for after the last thing that had happened then to those that were taken: one that was asked for, or
   * had ended. So long did the program wait by itself. Units: milliseconds.
   */
  timeToNext(): number {
    const next = startOf(this.nextExpected);
    if (Number.isNaN(next)) return 0;
    let last = -Infinity;
    for (const record of this.#used) {
      const [start, end] = [startOf(record), endOf(record)];
      if (start <= next) last = Math.max(last, end <= next ? end : start);
    }
    if (last === -Infinity) {
      last = this.#all.reduce((first, record) => Math.min(first, startOf(record)), Infinity);
    }
    return duration(next - last);
  }

  /** How long after one step another was asked for, both by their indexes. Units: milliseconds. */
  timeBetween(one: number, other: number): number {
    return duration(startOf(this.#byIndex.get(other)) - startOf(this.#byIndex.get(one)));
  }

  /** The steps that a recorded one made while its effect ran, in their order. */
  childrenOf(record: StepRecord): readonly StepRecord[] {
    return this.#childrenOf.get(record) ?? [];
  }

  /** All records, by index. */
  get all(): readonly StepRecord[] {
    return this.#all;
  }
}

function duration(ms: number): number {
  return ms > 0 ? Math.min(ms, MAX_WAIT_MS) : 0; // what is not known is no number
}

const MAX_WAIT_MS = 10_000;

/**
 * A step's path begins with that of the step whose effect made it. What follows a model call is named below it too, but made by
 * whoever asked the model.
 */
function findChildren(
  records: readonly StepRecord[],
  byPath: ReadonlyMap<string, readonly StepRecord[]>,
): Map<StepRecord, StepRecord[]> {
  const children = new Map<StepRecord, StepRecord[]>();
  for (const record of records) {
    const parent = parentOf(record, byPath);
    if (parent === undefined) continue;
    const list = children.get(parent) ?? [];
    list.push(record);
    children.set(parent, list);
  }
  return children;
}

/** Steps that nobody asks for where what is around them is answered. The effect of a tactic is run again, and asks for its own. */
function findNested(children: ReadonlyMap<StepRecord, readonly StepRecord[]>): Set<StepRecord> {
  const nested = new Set<StepRecord>();
  const add = (parent: StepRecord): void => {
    for (const child of children.get(parent) ?? []) {
      nested.add(child);
      add(child);
    }
  };
  for (const parent of children.keys()) if (parent.kind !== "tactic") add(parent);
  return nested;
}

function parentOf(
  record: StepRecord,
  byPath: ReadonlyMap<string, readonly StepRecord[]>,
): StepRecord | undefined {
  const { path } = record;
  for (let cut = path.lastIndexOf("/"); cut > 0; cut = path.lastIndexOf("/", cut - 1)) {
    // Of several at a path, the one that had not ended yet; the first of them where none tells.
    const above = byPath.get(path.slice(0, cut))?.filter((other) => other.kind !== "model");
    if (above === undefined || above.length === 0) continue;
    return above.find((other) => other.index > record.index) ?? above[0];
  }
  return undefined;
}
