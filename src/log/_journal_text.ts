import type { ByteBuffer } from "./_byte_buffer.ts";
import type { StepKind } from "../run/mod.ts";
import type { LogEntry, StoredBlob, StoredEnd, StoredHead } from "./types.ts";

/**
 * Writes an entry as one line: its facts as JSON, then its long texts, which are JSON already and stay as they are. JSON has a tab or
 * line feed around its values alone, where a space does as well, so they stand between the texts and after the line.
 */
export function writeLine(entry: LogEntry, line: ByteBuffer): void {
  line.put(factsOf(entry));
  switch (entry.type) {
    case "start":
      putField(line, entry.head.json);
      break;
    case "step":
      putField(line, entry.step.inputJson);
      if (entry.step.outputJson !== undefined) putField(line, entry.step.outputJson);
      break;
    case "end":
      putField(line, entry.end.json);
      break;
    case "error":
      putField(line, entry.json);
  }
  for (const { text } of entry.blobs ?? []) putField(line, text);
  line.putByte(LINE_FEED);
}

function putField(line: ByteBuffer, text: string): void {
  line.putByte(TAB);
  line.put(text.includes("\n") || text.includes("\t") ? text.replaceAll(/[\t\n]/g, " ") : text);
}

const TAB = 9;
const LINE_FEED = 10;

/** The facts of a step are in one list, which is written much faster than what has parts: most lines are steps. */
function factsOf(entry: LogEntry): string {
  const { type, partition, id } = entry;
  const hashes = entry.blobs === undefined ? {} : { hashes: entry.blobs.map(({ hash }) => hash) };
  switch (type) {
    case "start": {
      const { json: _, ...head } = entry.head;
      return JSON.stringify([type, partition, id, { replaces: entry.replaces, head, ...hashes }]);
    }
    case "step": {
      const { index, path, ordinal, kind, name, costUsd, tokens, startedAt, durationMs } = entry.step;
      const { requestHash, cut, error } = entry.step;
      const facts = [
        type,
        partition,
        id,
        index,
        path,
        ordinal,
        kind,
        name,
        costUsd,
        tokens,
        startedAt,
        durationMs,
      ];
      const hasMore = requestHash !== undefined || cut !== undefined || error !== undefined ||
        entry.blobs !== undefined;
      return JSON.stringify(hasMore ? [...facts, { requestHash, cut, error, ...hashes }] : facts);
    }
    case "end": {
      const { json: _, ...end } = entry.end;
      return JSON.stringify([type, partition, id, { stepCount: entry.stepCount, end, ...hashes }]);
    }
    case "error":
      return JSON.stringify([type, partition, id, hashes]);
  }
}

/**
 * Reads a line again.
 *
 * @throws {SyntaxError} for anything else.
 */
export function readLine(line: string): LogEntry {
  if (line.includes("\0")) throw new SyntaxError("expected an entry, found a part that was never written");
  const fields = line.split("\t");
  const [type, partition, id, ...facts] = JSON.parse(fields[0]!) as [
    LogEntry["type"],
    string,
    string,
    ...unknown[],
  ];
  const { hashes = [], ...more } = (type === "step" ? facts[STEP_FACTS] ?? {} : facts[0]) as Facts;
  const texts = fields.slice(1, fields.length - hashes.length);
  const blobs = hashes.map((hash, i): StoredBlob => ({ hash, text: fields[1 + texts.length + i]! }));
  const [first, second] = texts;
  if (first === undefined || texts.length > (type === "step" ? 2 : 1)) {
    throw new SyntaxError(`expected the texts of an entry of type "${type}", found ${texts.length}`);
  }
  const names = { partition, id, ...(blobs.length === 0 ? {} : { blobs }) };
  switch (type) {
    case "start":
      return { ...names, type, replaces: more.replaces, head: { ...more.head, json: first } };
    case "step": {
      const [index, path, ordinal, kind, name, costUsd, tokens, startedAt, durationMs] = facts as StepFacts;
      if (typeof index !== "number" || typeof durationMs !== "number") {
        throw new SyntaxError("expected the facts of a step in a list, found others");
      }
      const texts = { inputJson: first, ...(second === undefined ? {} : { outputJson: second }) };
      const step = {
        index,
        path,
        ordinal,
        kind,
        name,
        costUsd,
        tokens,
        startedAt,
        durationMs,
        ...texts,
        ...more,
      };
      return { ...names, type, step };
    }
    case "end":
      return { ...names, type, stepCount: more.stepCount, end: { ...more.end, json: first } };
    case "error":
      return { ...names, type, json: first };
    default:
      throw new SyntaxError(`expected the entry of a log, found "${type}"`);
  }
}

/** What the lines of the several types have beside their texts; of a step, what not every one has. */
interface Facts {
  readonly hashes?: readonly string[];
  readonly replaces: boolean;
  readonly head: Omit<StoredHead, "json">;
  readonly stepCount: number;
  readonly end: Omit<StoredEnd, "json">;
}

/** What the line of a step has in its list: index, path, ordinal, kind, name, dollars, tokens, start, milliseconds. */
type StepFacts = [number, string, number, StepKind, string, number, number, number, number];
const STEP_FACTS = 9;
