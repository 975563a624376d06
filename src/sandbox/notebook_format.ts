/**
 * Notebooks as files: the parts of nbformat 4.5 that this library writes.
 *
 * @module
 */
import type { JsonValue } from "../util/json.ts";
import type { CellResult, MimeBundle } from "./types.ts";

/** A notebook, as it is in an `.ipynb` file. Keys are sorted and texts are lists of lines, as Jupyter saves them. */
export interface Notebook {
  /** The cells, from top to bottom. */
  readonly cells: readonly NotebookCell[];
  /** Which kernel runs the cells, and their language. */
  readonly metadata: Readonly<Record<string, JsonValue>>;
  /** The format's major version. */
  readonly nbformat: 4;
  /** The format's minor version. */
  readonly nbformat_minor: 5;
}

/** A cell of code with what it put out, or of Markdown. Line ends belong to their lines. */
export type NotebookCell =
  | {
    readonly cell_type: "code";
    readonly execution_count: number | null;
    readonly id: string;
    readonly metadata: Readonly<Record<string, JsonValue>>;
    readonly outputs: readonly NotebookOutput[];
    readonly source: readonly string[];
  }
  | {
    readonly cell_type: "markdown";
    readonly id: string;
    readonly metadata: Readonly<Record<string, JsonValue>>;
    readonly source: readonly string[];
  };

/** Something that a cell put out. */
export type NotebookOutput =
  | { readonly name: "stdout" | "stderr"; readonly output_type: "stream"; readonly text: readonly string[] }
  | {
    readonly data: MimeBundle;
    readonly metadata: Readonly<Record<string, JsonValue>>;
    readonly output_type: "display_data";
  }
  | {
    readonly data: MimeBundle;
    readonly execution_count: number;
    readonly metadata: Readonly<Record<string, JsonValue>>;
    readonly output_type: "execute_result";
  }
  | {
    readonly ename: string;
    readonly evalue: string;
    readonly output_type: "error";
    readonly traceback: readonly string[];
  };

/** The languages of a notebook's cells. */
export type NotebookLanguage = "python" | "typescript";

/** Kernels that run the cells elsewhere: those that Jupyter and Deno install. */
const METADATA: Readonly<Record<NotebookLanguage, Readonly<Record<string, JsonValue>>>> = {
  python: {
    kernelspec: { display_name: "Python 3", language: "python", name: "python3" },
    language_info: {
      file_extension: ".py",
      mimetype: "text/x-python",
      name: "python",
      pygments_lexer: "ipython3",
    },
  },
  typescript: {
    kernelspec: { display_name: "Deno", language: "typescript", name: "deno" },
    language_info: {
      file_extension: ".ts",
      mimetype: "text/x.typescript",
      name: "typescript",
      pygments_lexer: "typescript",
    },
  },
};

/** Makes a notebook of cells. */
export function makeNotebook(cells: readonly NotebookCell[], language: NotebookLanguage): Notebook {
  return { cells, metadata: METADATA[language], nbformat: 4, nbformat_minor: 5 };
}

/** Writes a notebook as the text of its file. */
export function formatNotebook(notebook: Notebook): string {
  return `${JSON.stringify(notebook, null, 1)}\n`;
}

/** Makes a cell of Markdown. */
export function markdownCell(id: string, text: string): NotebookCell {
  return { cell_type: "markdown", id, metadata: {}, source: toLines(text) };
}

/** Makes a cell of code; without a result, one that has not run. */
export function codeCell(id: string, code: string, result?: CellResult, count: number = 0): NotebookCell {
  return {
    cell_type: "code",
    execution_count: result === undefined ? null : count,
    id,
    metadata: {},
    outputs: result === undefined ? [] : toOutputs(result, count),
    source: toLines(code),
  };
}

/** What the cell put out in its order, then the value or the error. */
function toOutputs(result: CellResult, count: number): NotebookOutput[] {
  const { value, error, outputs: parts } = result;
  const outputs: NotebookOutput[] = [];
  const rich = parts.findLast((part) => part.type === "display");
  const valueIsRich = value !== undefined && rich !== undefined && isRichForm(rich.data, value);
  for (const part of parts) {
    if (part.type !== "display") {
      outputs.push({ name: part.type, output_type: "stream", text: toLines(part.text) });
    } else if (!valueIsRich || part !== rich) {
      outputs.push({ data: toData(part.data), metadata: {}, output_type: "display_data" });
    }
  }
  if (value !== undefined) {
    const data = toData(valueIsRich ? rich.data : { "text/plain": value });
    outputs.push({ data, execution_count: count, metadata: {}, output_type: "execute_result" });
  }
  if (error !== undefined) outputs.push(toError(result, error));
  return outputs;
}

/** A value with a rich form is shown too: in a notebook both are one output. */
function isRichForm(bundle: MimeBundle, value: string): boolean {
  return bundle["text/plain"] === value && Object.keys(bundle).length > 1;
}

function toError(result: CellResult, error: NonNullable<CellResult["error"]>): NotebookOutput {
  const { name, message, traceback } = error;
  const lines = (traceback === "" ? `${name}: ${message}` : traceback).replace(/\n$/, "").split("\n");
  if (result.stateLost) lines.push("State was lost: the next cell starts in a new session");
  return { ename: name, evalue: message, output_type: "error", traceback: lines };
}

const JSON_TYPE = /^application\/(.*\+)?json$/;
const TEXT_TYPE = /^text\/|^image\/svg\+xml$/;

/** Types of JSON hold any value, all others a text. */
function toData(bundle: MimeBundle): MimeBundle {
  return Object.fromEntries(
    Object.entries(bundle).map(([type, value]) => {
      if (JSON_TYPE.test(type)) return [type, value];
      const text = typeof value === "string" ? value : JSON.stringify(value);
      return [type, TEXT_TYPE.test(type) ? toLines(text) : text];
    }),
  );
}

function toLines(text: string): string[] {
  return text.toWellFormed().match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
