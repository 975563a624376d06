/**
 * Which variable an error comes from that the engine takes for a property: what cells declare at the top level are
 * properties of the global object.
 *
 * @module
 */
import type { CellScript } from "./cell_script.ts";

const FIRST_PLACE = /^ {4}at [^\n]*?<cell (\d+)>:(\d+):(\d+)\)?$/m;
const NAME = "[\\p{ID_Start}$_][\\p{ID_Continue}$\u200c\u200d]*";
/** The engine tells the place of the name, or of what follows it. */
const NAME_BEFORE = new RegExp(`(${NAME})\\s*$`, "u");
const NAME_AFTER = new RegExp(`^${NAME}`, "u");
const MAX_BEFORE_CHARS = 1000;

/** The name alone, no property of something, at the first place of a trace; empty: there is none. */
export function assignedName(trace: string, scripts: ReadonlyMap<number, CellScript>): string {
  const [, number, line, column] = FIRST_PLACE.exec(trace) ?? [];
  const source = scripts.get(Number(number))?.source;
  if (source === undefined) return "";
  const lines = source.split(/\r\n|[\n\r\u2028\u2029]/);
  const text = lines[Number(line) - 1] ?? "";
  const above = lines.slice(0, Number(line) - 1).join("\n");
  const before = `${above}\n${text.slice(0, Number(column) - 1)}`.slice(-MAX_BEFORE_CHARS);
  const after = NAME_AFTER.exec(text.slice(Number(column) - 1))?.[0];
  const name = after ?? NAME_BEFORE.exec(before)?.[1] ?? "";
  const rest = after === undefined ? before.trimEnd().slice(0, -name.length) : before;
  return /\.\s*$/.test(rest) ? "" : name;
}
