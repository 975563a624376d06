import type { RecordedStep } from "../run/mod.ts";
import type { LogEntry, StoredBlob, StoredEnd, StoredHead } from "./types.ts";

/**
 * Writes an entry as one line: its facts as JSON, then its long texts, which are JSON already and stay as they are. No JSON has a raw
 * tab or line feed, so they stand between the texts and after the line.
 */
export function writeLine(entry: LogEntry): string {
  const { blobs } = entry;
  let texts: string;
  let facts: unknown;
  switch (entry.type) {
    case "start": {
      const { json, ...head } = entry.head;
      facts = { replaces: entry.replaces, head };
      texts = `\t${json}`;
      break;
    }
    case "step": {
      const { inputJson, outputJson, ...step } = entry.step;
      facts = { step };
      texts = outputJson === undefined ? `\t${inputJson}` : `\t${inputJson}\t${outputJson}`;
      break;
    }
    case "end": {
      const { json, ...end } = entry.end;
      facts = { stepCount: entry.stepCount, end };
      texts = `\t${json}`;
      break;
    }
    case "error":
      facts = {};
      texts = `\t${entry.json}`;
  }
  const hashes = blobs === undefined ? [] : blobs.map(({ hash }) => hash);
  for (const { text } of blobs ?? []) texts += `\t${text}`;
  return `${JSON.stringify([entry.type, entry.partition, entry.id, facts, hashes])}${texts}\n`;
}

/**
 * Reads a line again.
 *
 * @throws {SyntaxError} for anything else.
 */
export function readLine(line: string): LogEntry {
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
  if (first === undefined) throw new SyntaxError("expected a text after the facts of an entry, found none");
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
  readonly step: Omit<RecordedStep, "inputJson" | "outputJson">;
  readonly stepCount: number;
  readonly end: Omit<StoredEnd, "json">;
}
