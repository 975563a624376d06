import { currentRun } from "../run/mod.ts";
import { joinSignals } from "../util/mod.ts";
import type { SandboxOptions } from "./_options.ts";
import { createSandbox } from "./create_sandbox.ts";
import type { CellOutput, CellResult, RunCellOptions, Sandbox } from "./types.ts";

/**
 * One agent's sandbox: it starts at the first cell, runs one cell at a time, and ends with whoever holds the lease.
 *
 * Inside a run, each cell is a step, and the API calls that its code makes are steps below it.
 */
export class SandboxLease {
  readonly #options: SandboxOptions;
  readonly #create: (options: SandboxOptions) => Promise<Sandbox>;
  #sandbox: Promise<Sandbox> | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  /** Cells that a runner answered for: the sandbox has not seen them. */
  #unseen: { readonly code: string; readonly path: string }[] = [];
  #disposed = false;

  /** Creates a lease; nothing is started yet. `create` starts the sandbox, by default {@linkcode createSandbox}. */
  constructor(
    options: SandboxOptions,
    create: (options: SandboxOptions) => Promise<Sandbox> = createSandbox,
  ) {
    this.#options = options;
    this.#create = create;
  }

  /**
   * Runs a cell after those that were asked for earlier, and gives its result as one text, as a model reads it.
   *
   * @throws the signal's reason on an abort.
   */
  async runCell(code: string, options: RunCellOptions = {}): Promise<string> {
    return (await this.#step(code, options, options.signal)).toText();
  }

  /**
   * Runs a cell after those that were asked for earlier. The signal of the options gives outcome `cancelled`; when the
   * run is aborted, this rejects with its reason.
   *
   * @param options `path`: the step's place in the run; default: the next one called `cell`.
   */
  async run(code: string, options: RunCellOptions & { readonly path?: string } = {}): Promise<CellResult> {
    const runSignal = currentRun()?.signal;
    const { signal: own, path, ...rest } = options;
    const signal = joinSignals(own, runSignal);
    return await this.#step(code, { ...rest, ...(signal === undefined ? {} : { signal }) }, runSignal, path);
  }

  /** Ends the sandbox, if it was started; resolves when its process is gone. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    const sandbox = this.#sandbox;
    this.#sandbox = undefined;
    await (await sandbox?.catch(() => undefined))?.close();
  }

  /** Runs a cell as a step; rejects when `ending` aborts. */
  async #step(
    code: string,
    options: RunCellOptions,
    ending: AbortSignal | undefined,
    path?: string,
  ): Promise<CellResult> {
    const run = currentRun();
    const name = this.#options.language;
    let wasRun = false;
    const work = () => {
      wasRun = true;
      return this.#inTurn(() => this.#execute(code, options, ending));
    };
    if (run === undefined) return toResult(await work());
    const step = {
      kind: "cell",
      name,
      path: path ?? run.nextPath("cell"),
      input: { language: name, code },
    } as const;
    const record = await run.runStep(step, work);
    if (!wasRun) this.#unseen.push({ code, path: step.path });
    return toResult(record);
  }

  async #execute(
    code: string,
    options: RunCellOptions,
    ending: AbortSignal | undefined,
  ): Promise<CellRecord> {
    ending?.throwIfAborted();
    if (this.#disposed) {
      throw new TypeError("Cannot run a cell: expected a sandbox in use, found one that was disposed");
    }
    const sandbox = await (this.#sandbox ??= this.#start());
    await this.#catchUp(sandbox, options);
    const result: CellResult = await sandbox.runCell(code, options);
    ending?.throwIfAborted();
    return toRecord(result);
  }

  /** Runs what the sandbox has not seen, so that it is as if it had; what these cells gave is known. */
  async #catchUp(sandbox: Sandbox, { signal }: RunCellOptions): Promise<void> {
    const run = currentRun();
    for (const { code, path } of this.#unseen.splice(0)) {
      const again = () => sandbox.runCell(code, signal === undefined ? {} : { signal });
      await (run === undefined ? again() : run.with({ path }).enter(again));
    }
  }

  #start(): Promise<Sandbox> {
    const started = this.#create(this.#options);
    started.catch(() => this.#sandbox = undefined); // the next cell tries again
    return started;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work, work);
    this.#queue = turn.catch(() => {});
    return turn;
  }
}

/** A result as data, with its text: what a step gives. Without `outputs`, their order is that of the other fields. */
type CellRecord = Omit<CellResult, "toText" | "outputs"> & {
  readonly text: string;
  readonly outputs?: CellResult["outputs"];
};

/** Leaves out what the other fields tell, so that no text and no figure is recorded twice for nothing. */
function toRecord(result: CellResult): CellRecord {
  const { outputs, ...fields } = result;
  const record = { ...fields, text: result.toText() };
  const usual = outputsOf(fields);
  const isUsual = outputs.length === usual.length &&
    outputs.every(({ type }, index) => type === usual[index]!.type);
  return isUsual ? record : { ...record, outputs };
}

function toResult({ text, outputs, ...fields }: CellRecord): CellResult {
  const result = { ...fields, outputs: outputs ?? outputsOf(fields) };
  return Object.defineProperty(result as CellResult, "toText", { value: () => text });
}

function outputsOf({ stdout, stderr, displays }: Omit<CellResult, "toText" | "outputs">): CellOutput[] {
  const outputs: CellOutput[] = [];
  if (stdout !== "") outputs.push({ type: "stdout", text: stdout });
  if (stderr !== "") outputs.push({ type: "stderr", text: stderr });
  for (const data of displays) outputs.push({ type: "display", data });
  return outputs;
}
