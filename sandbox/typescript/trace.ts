/**
 * Stacks as those read them who wrote the cells.
 *
 * @module
 */
import type { CellScript } from "./cell_script.ts";

const MAX_STACK_CHARS = 100_000;
const MAX_FRAMES = 30;
const FRAME =
  /^ {4}at (?:(async )?(.*?) \()?(async )?<cell (\d+)>(?:\.(body|functions))?(?::(\d+):(-?\d+))?\)?$/gm;

/**
 * The frames of a stack that lie in cells, each on a line of its own that begins with a line break. Places in scripts
 * that are made of cells become those in the cells; ones in cells stay as they are.
 */
export function traceOf(stack: string, scripts: ReadonlyMap<number, CellScript>): string {
  const frames: string[] = [];
  for (const match of stack.slice(0, MAX_STACK_CHARS).matchAll(FRAME)) {
    if (frames.length >= MAX_FRAMES) break;
    const [, first, name, second, number, part, line, column] = match;
    const place = `<cell ${number}>${
      placeIn(scripts.get(Number(number)), part, Number(line), Number(column))
    }`;
    frames.push(`\n    at ${first ?? second ?? ""}${name === undefined ? place : `${name} (${place})`}`);
  }
  return frames.join("");
}

/** Where V8 knows no place, it tells one before the start. */
function placeIn(
  script: CellScript | undefined,
  part: string | undefined,
  line: number,
  column: number,
): string {
  if (!(column > 0)) return "";
  const position = part === undefined || script === undefined
    ? { line, column }
    : script.originalOf(part as "body" | "functions", { line, column });
  return `:${position.line}:${position.column}`;
}
