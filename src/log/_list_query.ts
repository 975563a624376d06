/** One question to a database about lists of sessions: SQL with `?` for its values. */
export interface ListQuery {
  /** The condition and what it is about, from `FROM` on. */
  readonly sql: string;
  /** The values, in order. */
  readonly values: readonly (string | number)[];
}

/** What the sessions of a list have in common. */
export interface ListConditions {
  /** The numbers of the terms, the rarest first; none only for sessions that run. */
  readonly terms: readonly number[];
  /** Only those that run, of this partition; `sql` is what tells them, in the form that has an index. */
  readonly running?: { readonly partition: string; readonly sql: string };
  /** Not started before. */
  readonly after?: number;
  /** Not started later. */
  readonly before?: number;
  /** Those after this place. */
  readonly cursor?: readonly [startedAt: number, seq: number];
}

/**
 * Writes the query. It reads the list of the rarest term in the order of time and looks each session up in the lists of the
 * others, so that a page costs about as many look-ups as that list is long before the page is full. `lookUpEnd` is put at the end of
 * each look-up, for a database that would do something else.
 */
export function writeListQuery(conditions: ListConditions, lookUpEnd = ""): ListQuery {
  const { terms, running, after, before, cursor } = conditions;
  const values: (string | number)[] = [];
  const clauses: string[] = [];
  const add = (clause: string, ...more: readonly (string | number)[]) => {
    clauses.push(clause);
    values.push(...more);
  };
  const driver = running === undefined ? terms[0] : undefined;
  const others = driver === undefined ? terms : terms.slice(1);
  const from = driver === undefined ? "FROM sessions s" : "FROM postings p CROSS JOIN sessions s";
  const place = driver === undefined ? "s" : "p";
  if (driver === undefined) add(`s.partition = ? AND ${running!.sql}`, running!.partition);
  else add("p.term = ? AND s.seq = p.seq", driver);
  if (after !== undefined) add(`${place}.started_at >= ?`, after);
  if (before !== undefined) add(`${place}.started_at <= ?`, before);
  if (cursor !== undefined) add(`(${place}.started_at, ${place}.seq) < (?, ?)`, ...cursor);
  for (const term of others) {
    add(
      `EXISTS (SELECT 1 FROM postings q WHERE q.term = ? AND q.started_at = ${place}.started_at AND q.seq = ${place}.seq${lookUpEnd})`,
      term,
    );
  }
  return { sql: `${from} WHERE ${clauses.join(" AND ")}`, values };
}

/** The order of a list: the newest first. */
export function listOrder(conditions: ListConditions): string {
  const place = conditions.running === undefined ? "p" : "s";
  return `ORDER BY ${place}.started_at DESC, ${place}.seq DESC`;
}
