import { LLLMError } from "../errors.ts";
import { saveText } from "../util/mod.ts";
import { currentRun } from "../run/mod.ts";
import type { SandboxOptions } from "./_options.ts";
import {
  codeCell,
  formatNotebook,
  makeNotebook,
  markdownCell,
  type Notebook,
  type NotebookCell,
  type NotebookLanguage,
} from "./notebook_format.ts";
import { SandboxLease } from "./sandbox_lease.ts";
import type { CellResult, RunCellOptions, Sandbox } from "./types.ts";

/** Options of the {@linkcode NotebookSession} constructor; the others are those of a sandbox of its own. */
export interface NotebookSessionOptions extends Partial<SandboxOptions> {
  /** The language of the cells. Default: `"python"`. */
  readonly language?: NotebookLanguage;
  /** Runs the cells; it stays open when the session is closed. Default: a sandbox of the session's own. */
  readonly sandbox?: Sandbox;
  /** A file that is saved after each cell of code, and on closing. Default: the notebook is saved by `save()` alone. */
  readonly notebookPath?: string;
  /** Names the session in the paths of a run's steps. Default: `"notebook"`. */
  readonly name?: string;
}

interface Entry {
  readonly id: string;
  readonly type: "code" | "markdown";
  readonly source: string;
  result?: CellResult;
  count?: number;
}

const NOTE_ID = "note-call-api";
const NOTE =
  "*`CALL_API` answers in the sandbox in which this notebook was written. To run it elsewhere, define " +
  "`CALL_API(path, params)` first.*";

/**
 * A notebook that is written while it runs: its cells run one after the other in a sandbox, and are kept with their
 * outputs, those that failed too. The file is nbformat 4.5, and runs again in Jupyter (TypeScript: with Deno's kernel).
 *
 * Inside a run each cell is a step. What a cell writes and shows is kept in its order. Texts that the sandbox has cut are
 * cut in the notebook. Whoever runs the notebook elsewhere runs what a model wrote with permissions of their own.
 *
 * @example
 * ```ts
 * import { NotebookSession } from "@lllm/lllm/sandbox";
 * import assert from "node:assert/strict";
 *
 * await using notebook = new NotebookSession();
 * notebook.addMarkdownCell("# Sums");
 * const result = await notebook.runCell("sum(range(10))");
 * assert.equal(result.value, "45");
 * assert.deepEqual(notebook.toJSON().cells.map((cell) => cell.cell_type), ["markdown", "code"]);
 * // await notebook.save("sums.ipynb") writes the file
 * ```
 */
export class NotebookSession implements AsyncDisposable {
  readonly #language: NotebookLanguage;
  readonly #lease: SandboxLease;
  readonly #ownsSandbox: boolean;
  readonly #autosave: boolean;
  readonly #stepPath: string | undefined;
  readonly #entries: Entry[] = [];
  #path: string | undefined;
  #ids = 0;
  #runs = 0;
  #counts = 0;
  #saved = true;
  #saving: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  /** Creates a session without cells; a sandbox of its own starts at the first cell of code. */
  constructor(options: NotebookSessionOptions = {}) {
    const { sandbox, notebookPath, name = "notebook", language = "python", ...limits } = options;
    this.#language = language;
    this.#path = notebookPath;
    this.#autosave = notebookPath !== undefined;
    this.#ownsSandbox = sandbox === undefined;
    const settings = { ...limits, language };
    this.#lease = sandbox === undefined
      ? new SandboxLease(settings)
      : new SandboxLease(settings, () => Promise.resolve(sandbox));
    this.#stepPath = currentRun()?.nextPath(name);
  }

  /** Where the notebook was last saved, or is to be saved; `undefined` if neither. */
  get notebookPath(): string | undefined {
    return this.#path;
  }

  /** Whether the last cell of code failed. */
  get hasFailed(): boolean {
    const { result } = this.#lastCode() ?? {};
    return result !== undefined && result.outcome !== "ok";
  }

  /**
   * Adds a cell of code and runs it after those that were added earlier. Resolves for everything that code can do; the
   * cell is kept with its outputs in any case.
   *
   * @throws {LLLMError} `sandbox_closed` after {@linkcode NotebookSession.close}.
   * @throws the reason of the run's signal, when the run around is aborted; with the option `notebookPath`, also what
   * keeps the file from being written.
   */
  async runCell(code: string, options: RunCellOptions = {}): Promise<CellResult> {
    const entry = this.#add("code", code);
    const path = this.#stepPath === undefined ? {} : { path: `${this.#stepPath}/cell#${this.#runs++}` };
    const result = await this.#lease.run(entry.source, { ...options, ...path });
    entry.result = result;
    entry.count = ++this.#counts;
    this.#saved = false;
    if (this.#autosave) await this.save();
    return result;
  }

  /**
   * Adds a cell of Markdown.
   *
   * @throws {LLLMError} `sandbox_closed` after {@linkcode NotebookSession.close}.
   */
  addMarkdownCell(text: string): void {
    this.#add("markdown", text);
  }

  /**
   * Takes the last cell of code out if it failed, so that a corrected one takes its place and the notebook runs from top
   * to bottom. What the cell did before it failed is not undone in the sandbox.
   *
   * @returns whether there was such a cell
   */
  removeFailedCell(): boolean {
    if (!this.hasFailed) return false;
    this.#entries.splice(this.#entries.indexOf(this.#lastCode()!), 1);
    this.#saved = false;
    return true;
  }

  /**
   * Writes the notebook to a file, whole or not at all: a reader never sees half of it. Folders on the way are created.
   *
   * @param path Default: where it was last saved, else the option `notebookPath`.
   * @throws {TypeError} when no path is known.
   */
  async save(path: string | undefined = this.#path): Promise<void> {
    if (path === undefined) throw new TypeError("Cannot save notebook: expected a path, found none");
    this.#path = path;
    const text = formatNotebook(this.toJSON());
    this.#saved = true;
    const saving = this.#saving.then(() => saveInFolder(path, text));
    this.#saving = saving.catch(() => this.#saved = false); // one after the other, so that the last one stays
    await saving;
  }

  /** The notebook as it would be saved now. A note comes first if cells call `CALL_API`, which Jupyter does not have. */
  toJSON(): Notebook {
    const cells: NotebookCell[] = this.#entries.map(({ id, type, source, result, count }) =>
      type === "code" ? codeCell(id, source, result, count) : markdownCell(id, source)
    );
    const callsApi = this.#entries.some(({ type, source }) => type === "code" && /\bCALL_API\b/.test(source));
    if (callsApi) cells.unshift(markdownCell(NOTE_ID, NOTE));
    return makeNotebook(cells, this.#language);
  }

  /**
   * Ends the session: its own sandbox is closed, a running cell ends with outcome `cancelled`, and a notebook that is saved
   * by itself is saved. The cells stay and can be saved.
   */
  close(): Promise<void> {
    return this.#closed ??= this.#end();
  }

  /** The same as {@linkcode NotebookSession.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #end(): Promise<void> {
    if (this.#ownsSandbox) await this.#lease.dispose();
    if (this.#autosave && !this.#saved) await this.save();
    await this.#saving;
  }

  #add(type: "code" | "markdown", source: string): Entry {
    if (typeof source !== "string") {
      throw new TypeError(`Cannot add cell: expected a text, found ${typeof source}`);
    }
    if (this.#closed !== undefined) {
      throw new LLLMError("Cannot add cell: the notebook is closed", { code: "sandbox_closed" });
    }
    const entry: Entry = { id: `cell-${++this.#ids}`, type, source: source.toWellFormed() };
    this.#entries.push(entry);
    this.#saved = false;
    return entry;
  }

  #lastCode(): Entry | undefined {
    return this.#entries.findLast(({ type }) => type === "code");
  }
}

async function saveInFolder(path: string, text: string): Promise<void> {
  const { dirname } = await import("@std/path");
  await Deno.mkdir(dirname(path), { recursive: true });
  await saveText(path, text);
}
