import type { RecordedStep } from "../run/mod.ts";
import { referencesIn } from "./_content.ts";
import { restoreAttempts } from "./_input_delta.ts";
import { addRows, type CostSource } from "./_local_costs.ts";
import { LocalFiles, type SessionFile } from "./_local_files.ts";
import { Presence } from "./_presence.ts";
import {
  ATTEMPT_SIZE,
  type CostRow,
  type LogBackend,
  type LogEntry,
  type ModelCostRow,
  type SessionFilter,
  type SessionPage,
  type SessionSummary,
  type StoredEnd,
  type StoredSession,
} from "./types.ts";

/** Sessions as files, a folder each. For some thousands: a list looks at each of them. */
export class LocalBackend implements LogBackend {
  readonly #files: LocalFiles;
  readonly #presence: Presence;

  /** Creates a backend over a folder; nothing is made yet. */
  constructor(dir: string) {
    this.#files = new LocalFiles(dir);
    this.#presence = new Presence(`${dir}/.writers`);
  }

  /** Keeps entries. Steps of one session are appended in one write. */
  write(entries: readonly LogEntry[]): void {
    this.#presence.show();
    const files = this.#files;
    for (
      const group of Object.values(Object.groupBy(entries, ({ partition, id }) => `${partition}\0${id}`))
    ) {
      const steps: RecordedStep[] = [];
      for (const entry of group!) {
        const { partition, id } = entry;
        for (const blob of entry.blobs ?? []) files.saveBlob(blob);
        if (entry.type === "step") steps.push(entry.step);
        else if (entry.type === "start") {
          if (entry.replaces) this.delete(partition, id);
          else files.raiseSteps(partition, id, ATTEMPT_SIZE);
          files.saveSession(partition, { head: entry.head, writer: this.#presence.id });
        } else if (entry.type === "error") files.appendError(partition, entry.json);
        else {
          files.appendSteps(partition, id, steps.splice(0));
          const session = files.readSession(partition, id);
          if (session === undefined) continue; // deleted meanwhile
          const { json, ...summary } = entry.end;
          files.saveEnd(partition, id, json);
          files.saveSession(partition, {
            head: session.head,
            end: { ...summary, stepCount: entry.stepCount },
          });
        }
      }
      files.appendSteps(group![0]!.partition, group![0]!.id, steps);
    }
  }

  /** Lists sessions, the newest first. */
  list(page: SessionPage): SessionSummary[] {
    const { cursor, limit } = page;
    const all = this.#find(page).sort((a, b) => compare(placeOf(b), placeOf(a)));
    const place = cursor === undefined ? undefined : readCursor(cursor);
    const rest = place === undefined ? all : all.filter((session) => compare(placeOf(session), place) < 0);
    return rest.slice(0, limit).map((session) => this.#summarize(page.partition, session));
  }

  /** Loads a session. */
  load(partition: string, id: string): StoredSession | undefined {
    const files = this.#files;
    const session = files.readSession(partition, id);
    if (session === undefined) return undefined;
    const steps = files.readSteps(partition, id);
    const json = session.end === undefined ? undefined : files.readEnd(partition, id);
    const texts = [
      session.head.json,
      ...restoreAttempts(steps).flat().flatMap((step) => [step.inputJson, step.outputJson ?? ""]),
      json ?? "",
    ];
    const hashes = new Set(texts.flatMap((text) => referencesIn(text)));
    return {
      head: session.head,
      state: this.#stateOf(session),
      ...(json === undefined ? {} : { end: { ...session.end as Omit<StoredEnd, "json">, json } }),
      steps,
      blobs: new Map([...hashes].map((hash) => [hash, files.readBlob(hash)])),
    };
  }

  /** Adds up costs, by tactic and day. */
  sumCosts(filter: SessionFilter): CostRow[] {
    const sources: CostSource[] = this.#find(filter).map((session) => {
      const { tacticPath, startedAt, costUsd, totalTokens } = this.#summarize(filter.partition, session);
      return { key: [tacticPath, startedAt.slice(0, 10)], costUsd, totalTokens };
    });
    return addRows(sources).map(({ key: [tacticPath, day], count, ...sums }) => ({
      tacticPath: tacticPath!,
      day: day!,
      sessionCount: count,
      ...sums,
    }));
  }

  /** Adds up the costs of model calls, by model. */
  sumModelCosts(filter: SessionFilter): ModelCostRow[] {
    const steps = this.#find(filter).flatMap(({ head }) => this.#files.readSteps(filter.partition, head.id));
    const sources = steps.filter(({ kind, index }) => kind === "model" && index < ATTEMPT_SIZE)
      .map(({ name, costUsd, tokens }) => ({ key: [name], costUsd, totalTokens: tokens }));
    return addRows(sources).map(({ key: [model], count, ...sums }) => ({
      model: model!,
      callCount: count,
      ...sums,
    }));
  }

  /** Lists errors, the newest first. */
  listErrors(partition: string, limit: number): string[] {
    return this.#files.readErrors(partition).reverse().slice(0, limit);
  }

  /** Forgets a session, and the long texts that no other one has. */
  delete(partition: string, id: string): boolean {
    const session = this.load(partition, id);
    if (session === undefined) return false;
    this.#files.removeSession(partition, id);
    if (session.blobs.size > 0) this.#removeUnused([...session.blobs.keys()]);
    return true;
  }

  /** Adds up the files. */
  countBytes(): number {
    return this.#files.countBytes();
  }

  /** Lets go of the files. */
  close(): void {
    this.#files.close();
    this.#presence.leave();
  }

  #find(filter: SessionFilter): SessionFile[] {
    return this.#files.listSessions(filter.partition).filter((session) => {
      const { head } = session;
      const startedAt = Date.parse(head.startedAt);
      return (filter.tacticPath === undefined || head.tacticPath === filter.tacticPath) &&
        (filter.tacticName === undefined || head.tacticName === filter.tacticName) &&
        (filter.after === undefined || startedAt >= filter.after) &&
        (filter.before === undefined || startedAt <= filter.before) &&
        Object.entries(filter.tags).every(([key, value]) =>
          Object.hasOwn(head.tags, key) && head.tags[key] === value
        ) &&
        (filter.state === undefined || this.#stateOf(session) === filter.state);
    });
  }

  #stateOf({ end, writer }: SessionFile): SessionSummary["state"] {
    if (end !== undefined) return end.state;
    return writer !== undefined && this.#presence.isAlive(writer) ? "running" : "interrupted";
  }

  #summarize(partition: string, session: SessionFile): SessionSummary {
    const { head, end } = session;
    const { id, parentId, tacticPath, tacticName, tags } = head;
    const steps = end === undefined ? onceEach(this.#files.readSteps(partition, id)) : [];
    return {
      id,
      ...(parentId === undefined ? {} : { parentId }),
      tacticPath,
      tacticName,
      state: this.#stateOf(session),
      tags,
      startedAt: new Date(head.startedAt).toISOString(),
      ...(end?.endedAt === undefined ? {} : { endedAt: end.endedAt }),
      costUsd: end?.costUsd ?? steps.reduce((sum, step) => sum + step.costUsd, 0),
      totalTokens: end?.totalTokens ?? steps.reduce((sum, step) => sum + step.tokens, 0),
      stepCount: end?.stepCount ?? steps.length,
      cursor: JSON.stringify(placeOf(session)),
    };
  }

  /** Every session may have a text: all of them are looked at. */
  #removeUnused(hashes: readonly string[]): void {
    const files = this.#files;
    const unused = new Set(hashes);
    for (const partition of files.listPartitions()) {
      for (const { head } of files.listSessions(partition)) {
        if (unused.size === 0) return;
        for (const hash of this.load(partition, head.id)?.blobs.keys() ?? []) unused.delete(hash);
      }
    }
    for (const hash of unused) files.removeBlob(hash);
  }
}

/** A step of several attempts counts once. */
function onceEach(steps: readonly RecordedStep[]): RecordedStep[] {
  return [...new Map(steps.map((step) => [`${step.ordinal} ${step.path}`, step])).values()];
}

type Place = readonly [startedAt: number, id: string];

function placeOf({ head }: SessionFile): Place {
  return [Date.parse(head.startedAt), head.id];
}

function compare([timeA, idA]: Place, [timeB, idB]: Place): number {
  return timeA - timeB || (idA < idB ? -1 : idA > idB ? 1 : 0);
}

function readCursor(cursor: string): Place {
  try {
    const place = JSON.parse(cursor) as unknown;
    if (Array.isArray(place) && typeof place[0] === "number" && typeof place[1] === "string") {
      return place as unknown as Place;
    }
  } catch {
    // told below
  }
  throw new RangeError(
    `Cannot list sessions: expected the cursor of a session of this store, found ${JSON.stringify(cursor)}`,
  );
}
