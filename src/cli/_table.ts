import type { Colors, Paint } from "./_colors.ts";
import { plain } from "./_plain.ts";

/** A column of a table. */
export interface Column<Row> {
  /** Its heading. */
  readonly title: string;
  /** What stands in it. */
  readonly cell: (row: Row) => string;
  /** Where it stands. Default: left. */
  readonly align?: "left" | "right";
  /** How it is coloured. Default: not at all. */
  readonly paint?: (row: Row) => Paint | undefined;
}

const MAX_CELL_CHARS = 60;

/** Writes a table, columns two blanks apart. */
export function formatTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  colors: Colors,
): string {
  const texts = rows.map((row) => columns.map((column) => cut(plain(column.cell(row)))));
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...texts.map((cells) => cells[index]!.length))
  );
  const pad = (text: string, index: number) =>
    columns[index]!.align === "right" ? text.padStart(widths[index]!) : text.padEnd(widths[index]!);
  const head = columns.map(({ title }, index) => colors.bold(pad(title, index))).join("  ").trimEnd();
  const lines = texts.map((cells, at) =>
    cells.map((text, index) => {
      const padded = pad(text, index);
      return columns[index]!.paint?.(rows[at]!)?.(padded) ?? padded;
    }).join("  ").trimEnd()
  );
  return [head, ...lines].join("\n");
}

function cut(text: string): string {
  return text.length <= MAX_CELL_CHARS ? text : `${text.slice(0, MAX_CELL_CHARS - 1)}…`;
}
