// deno-lint-ignore-file no-console -- a program of its own
/** Appends to a journal what does not fit, while somebody reads, and tells what is read in the end. */
import { Journal, listJournals, readJournal } from "../../src/log/_journal.ts";
import type { LogEntry } from "../../src/log/mod.ts";

const [dir] = Deno.args as [string];
const journal = new Journal("w", dir, { surviveOutage: false });
const entry = (id: string, length = 10): LogEntry => {
  return { type: "error", partition: "p", id, json: JSON.stringify("x".repeat(length)) };
};
const positions = new Map<string, number>();
const read: string[] = [];
let damaged = 0;
function readAll(): void {
  for (const { name } of listJournals(dir)) {
    for (let hasMore = true; hasMore;) {
      const part = readJournal(`${dir}/${name}`, positions.get(name) ?? 0, 1_000);
      read.push(...part.entries.map(({ id }) => id));
      damaged += part.damaged;
      positions.set(name, part.end);
      hasMore = part.hasMore;
    }
  }
}

journal.append([entry("a")]);
let failed = false;
try {
  journal.append([entry("b"), entry("c"), entry("d", 20_000_000)]);
} catch {
  failed = true;
}
readAll();
journal.append([entry("e")]);
readAll();
console.log(JSON.stringify({ failed, read, damaged }));
