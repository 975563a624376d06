import { scrubSecrets } from "../run/mod.ts";
import type { SessionStore, TacticCallSession } from "../session/mod.ts";
import { canonicalJson, sha256Hex } from "../util/mod.ts";

/** A store in which sessions are found again. */
interface FindingStore {
  listSessions(query: {
    readonly tags: Readonly<Record<string, string>>;
    readonly state: "success";
    readonly limit: number;
  }): Promise<readonly { readonly id: string; readonly tacticName: string }[]>;
  loadSession(id: string): Promise<TacticCallSession<unknown>>;
}

/** How many tactics may share the name of a batch. */
const MAX_TACTICS = 20;

/** The tasks of a batch that has a name, and their successful runs in a store. */
export class FinishedTasks {
  readonly #store: FindingStore;
  readonly #tacticName: string;
  readonly #batch: string;
  readonly #keys: readonly string[];

  /** Takes the tactic and its store, what the batch is called, its tasks, and the stores that the run around is kept in. */
  constructor(
    { store, tacticName, outerStores = [] }: {
      readonly store: SessionStore | undefined;
      readonly tacticName: string;
      readonly outerStores?: readonly SessionStore[] | undefined;
    },
    batch: string,
    tasks: readonly unknown[],
  ) {
    if (typeof batch !== "string" || batch === "") {
      throw new TypeError(`Cannot resume a batch: expected a name, found ${JSON.stringify(batch)}`);
    }
    if (!isFinding(store)) {
      throw new TypeError(
        `Cannot resume batch "${batch}": expected a tactic with a log store that lists sessions, found ${
          store === undefined ? "none" : "one that does not"
        }`,
      );
    }
    if (outerStores.includes(store as unknown as SessionStore)) {
      throw new TypeError(
        `Cannot resume batch "${batch}": expected another log store than that of the run around, found the same; ` +
          "runs within it are kept in its session, and are not found",
      );
    }
    this.#store = store;
    this.#tacticName = tacticName;
    this.#batch = batch;
    tasks.forEach((task) => checkJson(task, batch));
    this.#keys = keysOf(tasks);
  }

  /** The tags by which the run of a task is found again. */
  tagsOf(index: number): Record<string, string> {
    return { batch: this.#batch, batch_task: this.#keys[index]! };
  }

  /** The successful run of a task, if there was one. */
  async find(index: number): Promise<TacticCallSession<unknown> | undefined> {
    const found = await this.#store.listSessions({
      tags: this.tagsOf(index),
      state: "success",
      limit: MAX_TACTICS,
    });
    const session = found.find(({ tacticName }) => tacticName === this.#tacticName);
    return session === undefined ? undefined : await this.#store.loadSession(session.id);
  }
}

/** Tasks are known by what they ask; equal ones by which of them they are. */
function keysOf(tasks: readonly unknown[]): string[] {
  const seen = new Map<string, number>();
  return tasks.map((task) => {
    const hash = sha256Hex(canonicalJson(scrubSecrets(JSON.parse(JSON.stringify(task) ?? "null")))).slice(
      0,
      24,
    );
    const ordinal = seen.get(hash) ?? 0;
    seen.set(hash, ordinal + 1);
    return `${hash}#${ordinal}`;
  });
}

/** Tasks that JSON makes the same would be given each other's results. */
function checkJson(value: unknown, batch: string, depth = 0): void {
  const isLost = typeof value === "bigint" || typeof value === "function" || typeof value === "symbol" ||
    Number.isNaN(value) || value === Infinity || value === -Infinity ||
    LOSSY.some((type) => value instanceof type);
  if (isLost || depth > MAX_DEPTH) {
    const found = typeof value === "object" ? value?.constructor?.name : String(value);
    throw new TypeError(`Cannot resume batch "${batch}": expected tasks that JSON can carry, found ${found}`);
  }
  if (typeof value !== "object" || value === null || "toJSON" in value) return;
  for (const inner of Object.values(value)) checkJson(inner, batch, depth + 1);
}

const LOSSY = [Map, Set, WeakMap, WeakSet, RegExp, Promise, ArrayBuffer];
/** Data as deep as that contains itself. */
const MAX_DEPTH = 500;

function isFinding(store: unknown): store is FindingStore {
  const { listSessions, loadSession } = (store ?? {}) as Partial<FindingStore>;
  return typeof listSessions === "function" && typeof loadSession === "function";
}
