import { ByteBuffer } from "../../src/log/_byte_buffer.ts";
import { writeLine } from "../../src/log/_journal_text.ts";
import type { LogEntry } from "../../src/log/mod.ts";

/** The line of a journal that holds an entry. */
export function lineOf(entry: LogEntry): string {
  let line = "";
  const buffer = new ByteBuffer((bytes) => line += new TextDecoder().decode(bytes));
  writeLine(entry, buffer);
  buffer.flush();
  return line;
}
