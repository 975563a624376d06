import type { ByteBuffer } from "./_byte_buffer.ts";
import { type StepFacts, stepFacts } from "./_step_facts.ts";
import type { LogEntry, StoredBlob, StoredEnd, StoredHead } from "./types.ts";

/**
 * Writes an entry as one line: its facts as JSON, then its long texts, which are JSON already and stay as they are. JSON has a tab or
 * line feed around its values alone, where a space does as well, so they stand between the texts and after the line.
 */
export function writeLine(entry: LogEntry, line: ByteBuffer): void {
  const { type, partition, id, blobs } = entry;
  const hashes = blobs === undefined ? [] : blobs.map(({ hash }) => hash);
  line.put(JSON.stringify([type, partition, id, factsOf(entry), hashes]));
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
  for (const { text } of blobs ?? []) putField(line, text);
  line.putByte(LINE_FEED);
}

function putField(line: ByteBuffer, text: string): void {
  line.putByte(TAB);
  line.put(text.includes("\n") || text.includes("\t") ? text.replaceAll(/[\t\n]/g, " ") : text);
}

const TAB = 9;
const LINE_FEED = 10;

function factsOf(entry: LogEntry): unknown {
  switch (entry.type) {
    case "start": {
      const { json: _, ...head } = entry.head;
      return { replaces: entry.replaces, head };
    }
    case "step":
      return { step: stepFacts(entry.step) };
    case "end": {
      const { json: _, ...end } = entry.end;
      return { stepCount: entry.stepCount, end };
    }
    case "error":
      return {};
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
  const [type, partition, id, facts, hashes] = JSON.parse(fields[0]!) as [
    LogEntry["type"],
    string,
    string,
    Facts,
    string[],
  ];
  const texts = fields.slice(1, fields.length - hashes.length);
  const blobs = hashes.map((hash, i): StoredBlob => ({ hash, text: fields[1 + texts.length + i]! }));
  const [first, second] = texts;
  if (first === undefined || texts.length > (type === "step" ? 2 : 1)) {
    throw new SyntaxError(`expected the texts of an entry of type "${type}", found ${texts.length}`);
  }
  const names = { partition, id, ...(blobs.length === 0 ? {} : { blobs }) };
  switch (type) {
    case "start":
      return { ...names, type, replaces: facts.replaces, head: { ...facts.head, json: first } };
    case "step": {
      const output = second === undefined ? {} : { outputJson: second };
      return { ...names, type, step: { ...facts.step, inputJson: first, ...output } };
    }
    case "end":
      return { ...names, type, stepCount: facts.stepCount, end: { ...facts.end, json: first } };
    case "error":
      return { ...names, type, json: first };
    default:
      throw new SyntaxError(`expected the entry of a log, found "${type}"`);
  }
}

/** What the lines of the several types have beside their texts. */
interface Facts {
  readonly replaces: boolean;
  readonly head: Omit<StoredHead, "json">;
  readonly step: StepFacts;
  readonly stepCount: number;
  readonly end: Omit<StoredEnd, "json">;
}
