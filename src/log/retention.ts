/** Which sessions stay in a store; what is left out is no limit. Runs that go on always stay. */
export interface Retention {
  /** Those that started so long ago, or later. Units: days. */
  readonly maxAgeDays?: number;
  /** So many of the newest. */
  readonly maxSessions?: number;
  /**
   * As many of the newest as fit: the oldest tenth goes until the whole store, with all its partitions, takes no more. A database
   * uses the space of what is gone again, its file does not shrink. Units: bytes.
   */
  readonly maxBytes?: number;
}

/** What {@linkcode forgetBeyond} needs of a store. */
export interface ForgettingStore {
  /** Forgets sessions, and tells how many. */
  prune(options: { before?: Date; keepNewest?: number }): Promise<number>;
  /** How many sessions there are. */
  countSessions(): Promise<number>;
  /** How much they take, where that is known. Units: bytes. */
  readonly countBytes: (() => number | Promise<number>) | undefined;
}

const DAY_MS = 86_400_000;

/** Forgets what is beyond the limits; gives how many sessions. */
export async function forgetBeyond(retention: Retention, store: ForgettingStore): Promise<number> {
  const { maxAgeDays, maxSessions, maxBytes } = retention;
  const { countBytes } = store;
  if (maxBytes !== undefined && countBytes === undefined) {
    throw new TypeError(
      "Cannot apply maxBytes: expected a backend that counts bytes, found one that does not",
    );
  }
  let count = 0;
  if (maxAgeDays !== undefined) {
    count += await store.prune({ before: new Date(Date.now() - maxAgeDays * DAY_MS - 1) });
  }
  if (maxSessions !== undefined) count += await store.prune({ keepNewest: maxSessions });
  while (maxBytes !== undefined && await countBytes!() > maxBytes) {
    const keepNewest = Math.floor(await store.countSessions() * 0.9);
    const gone = await store.prune(keepNewest === 0 ? { before: new Date() } : { keepNewest });
    if (gone === 0) break; // what is left goes on, or is no session
    count += gone;
  }
  return count;
}

/**
 * Checks limits.
 *
 * @throws {RangeError} for one that is no positive number; {TypeError} for one that there is not, or that the backend cannot keep to.
 */
export function checkRetention(
  retention: Retention,
  { countBytes }: { readonly countBytes?: unknown },
): Retention {
  for (const [name, limit] of Object.entries(retention)) {
    if (name !== "maxAgeDays" && name !== "maxSessions" && name !== "maxBytes") {
      throw new TypeError(
        `Cannot set retention: expected maxAgeDays, maxSessions or maxBytes, found "${name}"`,
      );
    }
    const isSound = name === "maxSessions" ? Number.isInteger(limit) : typeof limit === "number";
    if (limit === undefined || (isSound && limit > 0)) continue;
    throw new RangeError(`Cannot set retention "${name}": expected a positive number, found ${limit}`);
  }
  if (retention.maxBytes === undefined || countBytes !== undefined) return retention;
  throw new TypeError("Cannot set maxBytes: expected a backend that counts bytes, found one that does not");
}
