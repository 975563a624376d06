/**
 * A cell's source made ready to run.
 *
 * @module
 */
import type { Acorn, AcornError, Node, Token } from "./acorn.ts";
import { HELPERS, rewrite } from "./rewrite.ts";
import { originalPosition, type Position } from "./source_map.ts";
import { stripTypes } from "./strip_types.ts";
import { CellSyntaxError } from "./syntax_error.ts";
import { applyEdits, offsetAt, offsetBefore, positionAt } from "./text_edits.ts";

const FUNCTIONS_HEAD = `(${HELPERS}=>{"use strict";`;
const BODY_HEAD = `(async${HELPERS}=>{"use strict";`;

/** A script, and by how much its first line is longer than the cell's. */
export interface ScriptText {
  readonly code: string;
  readonly headLength: number;
}

/** A cell in the form in which it runs. */
export interface CellScript {
  /** As it was written. */
  readonly source: string;
  /** JSON of the names that the cell declares, with their kinds. */
  readonly declarations: string;
  /** A function that defines the cell's functions; null: it has none. */
  readonly functions: ScriptText | null;
  /** An async function whose result is the cell's value. */
  readonly body: ScriptText;
  /** The place in the cell's source of a place in one of the scripts. */
  originalOf(part: "functions" | "body", position: Position): Position;
}

/** Makes scripts of a cell's source. Throws a {@linkcode CellSyntaxError}. */
export function createCellScript(acorn: Acorn, source: string): CellScript {
  const { code, map } = stripTypes(source, (other) => hasImport(parse(acorn, other)));
  const toSource = (position: Position) => map === null ? position : originalPosition(map, position);
  try {
    const { declarations, body, functions } = rewrite(code, parse(acorn, code));
    const bodyText = applyEdits(code, body);
    const fresh = map === null ? "var" : "fresh var";
    const kinds = [...declarations].map(([name, kind]) => [name, kind === "var" ? fresh : kind]);
    return {
      source,
      declarations: JSON.stringify(kinds),
      functions: functions === null ? null : wrap(FUNCTIONS_HEAD, applyEdits(code, functions)),
      body: wrap(BODY_HEAD, bodyText),
      originalOf(part, position) {
        if (part === "functions") return toSource(position);
        return toSource(positionAt(code, offsetBefore(body, offsetAt(bodyText, position))));
      },
    };
  } catch (error) {
    if (!(error instanceof CellSyntaxError) || error.position === null) throw error;
    throw new CellSyntaxError(error.message, toSource(error.position));
  }
}

function wrap(head: string, text: string): ScriptText {
  return { code: `${head}${text}\n})`, headLength: head.length };
}

function hasImport(statements: readonly Node[]): boolean {
  return statements.some(({ type }) => type === "ImportDeclaration");
}

function parse(acorn: Acorn, code: string): readonly Node[] {
  let previousEnd = 0;
  try {
    return acorn.parse(code, {
      ecmaVersion: "latest",
      sourceType: "module",
      onToken(token) {
        checkToken(code, token, previousEnd);
        previousEnd = token.end;
      },
    }).body;
  } catch (error) {
    if (error instanceof CellSyntaxError) throw error;
    if (!(error instanceof SyntaxError)) throw new CellSyntaxError("The code is nested too deeply", null);
    const message = error.message.replace(/ \(\d+:\d+\)$/, "");
    throw new CellSyntaxError(message, positionAt(code, (error as AcornError).pos));
  }
}

/** Scripts, which cells are run as, know comments of HTML and modules, which cells are parsed as, do not. */
function checkToken(code: string, { type, start }: Token, previousEnd: number): void {
  if (type.label === "template") return;
  const isFirst = previousEnd === 0 || /[\r\n\u2028\u2029]/.test(code.slice(previousEnd, start));
  if (code.startsWith("<!--", start) || (isFirst && code.startsWith("-->", start))) {
    throw new CellSyntaxError("HTML comments are not available", positionAt(code, start));
  }
}
