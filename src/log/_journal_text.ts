import type { RecordedStep } from "../run/mod.ts";
import type { LogEntry, StoredBlob, StoredEnd, StoredHead } from "./types.ts";

/**
 * Writes an entry as one line: its facts as JSON, then its long texts, which are JSON already and stay as they are. JSON has a tab or
 * line feed around its values alone, where a space does as well, so they stand between the texts and after the line.
 */
export function writeLine(entry: LogEntry): string {
  const { blobs } = entry;
  let texts: string;
  let facts: unknown;
  switch (entry.type) {
    case "start": {
      const { json, ...head } = entry.head;
      facts = { replaces: entry.replaces, head };
      texts = field(json);
      break;
    }
    case "step": {
      const { inputJson, outputJson, ...step } = entry.step;
      facts = { step };
      texts = outputJson === undefined ? field(inputJson) : field(inputJson) + field(outputJson);
      break;
    }
    case "end": {
      const { json, ...end } = entry.end;
      facts = { stepCount: entry.stepCount, end };
      texts = field(json);
      break;
    }
    case "error":
      facts = {};
      texts = field(entry.json);
  }
  const hashes = blobs === undefined ? [] : blobs.map(({ hash }) => hash);
  for (const { text } of blobs ?? []) texts += field(text);
  return `${JSON.stringify([entry.type, entry.partition, entry.id, facts, hashes])}${texts}\n`;
}

function field(text: string): string {
  return `\t${text.includes("\n") || text.includes("\t") ? text.replaceAll(/[\t\n]/g, " ") : text}`;
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
  readonly step: Omit<RecordedStep, "inputJson" | "outputJson">;
  readonly stepCount: number;
  readonly end: Omit<StoredEnd, "json">;
}
