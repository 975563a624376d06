/**
 * The session behind a sandbox: its process, its cells one after the other, a new process after one that is gone.
 *
 * Loaded when the first sandbox starts: what checks the guest's frames is heavy.
 *
 * @module
 */
import { LLLMError } from "../errors.ts";
import { outsideRun } from "../util/mod.ts";
import { findCacheRoot } from "./_cache_root.ts";
import { makeResult } from "./_cell_result.ts";
import { GuestProcess } from "./_guest_process.ts";
import { tellingAllMissing } from "./_missing_permissions.ts";
import { requireNetPermission } from "./_net_permission.ts";
import { type CheckedOptions, checkTimeout } from "./_options.ts";
import { preparePackages } from "./_prepare_packages.ts";
import { RunningCell } from "./_running_cell.ts";
import { openRuntimeFolder, type RuntimeFolder } from "./_runtime_folder.ts";
import { keptChars } from "./_text.ts";
import type { WarmSandbox } from "./create_sandbox.ts";
import type { CellOutcome, CellResult, RunCellOptions } from "./types.ts";

/** One sandbox. */
export class Session implements WarmSandbox {
  readonly #options: CheckedOptions;
  #guest: Promise<GuestProcess> | null = null;
  #cell: RunningCell | null = null;
  #cells = 0;
  /** Cells that ran before the last reset. */
  #firstCell = 0;
  #busy = false;
  /** Whether the cell that waits for its process is not to be begun. */
  #isGivenUp = false;
  #closed: Promise<void> | null = null;
  /** Resolves when the processes that were stopped are gone. */
  #stopped: Promise<void> = Promise.resolve();

  constructor(options: CheckedOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const guest = await this.#process();
    if (!this.#busy) guest.setIdle(true);
  }

  get isWarm(): boolean {
    return this.#guest !== null;
  }

  async runCell(code: string, options: RunCellOptions = {}): Promise<CellResult> {
    const { signal, timeoutMs = this.#options.timeoutMs } = options;
    if (typeof code !== "string") throw new TypeError("Cannot run cell: expected its code as a string");
    checkTimeout("timeoutMs", timeoutMs);
    this.#checkOpen();
    if (this.#busy) throw new TypeError("Cannot run cell: expected no other cell to be running");
    this.#busy = true;
    this.#isGivenUp = false;
    try {
      if (signal?.aborted) return this.#cancelled();
      if (this.#cells - this.#firstCell >= this.#options.maxCells) return this.#usedUp();
      const guest = await this.#process();
      if (signal?.aborted || this.#isGivenUp) {
        guest.setIdle(true);
        return this.#cancelled();
      }
      return await this.#run(guest, code, timeoutMs, signal);
    } finally {
      this.#busy = false;
    }
  }

  async reset(): Promise<void> {
    this.#checkOpen();
    await this.#stop("the session was reset");
    this.#checkOpen();
    this.#firstCell = this.#cells;
    await this.start();
    this.#checkOpen();
  }

  async interrupt(): Promise<void> {
    if (this.#cell === null) {
      this.#isGivenUp = this.#busy;
      if (this.#busy) await this.#guest?.catch(() => {});
      return;
    }
    this.#cell.interrupt();
    await this.#cell.result;
  }

  close(): Promise<void> {
    return this.#closed ??= this.#stop("the session was closed");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(
    guest: GuestProcess,
    code: string,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<CellResult> {
    guest.setIdle(false);
    const cell = this.#cell = new RunningCell(++this.#cells, guest, code, timeoutMs, this.#options);
    const onAbort = () => cell.interrupt();
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      const result = await cell.result;
      if (!result.stateLost) guest.setIdle(true);
      return result;
    } finally {
      signal?.removeEventListener("abort", onAbort);
      this.#cell = null;
    }
  }

  #checkOpen(): void {
    if (this.#closed !== null) {
      throw new LLLMError("Cannot use sandbox: it is closed", { code: "sandbox_closed" });
    }
  }

  #process(): Promise<GuestProcess> {
    if (this.#guest !== null) return this.#guest;
    const starting = this.#guest = outsideRun(() =>
      tellingAllMissing(this.#options, () => startGuest(this.#options))
    );
    const forget = () => {
      if (this.#guest === starting) this.#guest = null;
    };
    starting.then((guest) => guest.ended.then(forget), forget);
    return starting;
  }

  /** Ends the process; resolves when it is gone, and with it all that were stopped before. */
  async #stop(reason: string): Promise<void> {
    const starting = this.#guest;
    this.#guest = null;
    if (starting !== null) {
      this.#stopped = Promise.allSettled([this.#stopped, this.#end(starting, reason)]).then(() => {});
    }
    await this.#stopped;
  }

  async #end(starting: Promise<GuestProcess>, reason: string): Promise<void> {
    const guest = await starting.catch(() => null);
    guest?.setIdle(false);
    guest?.kill({ kind: "cancelled", reason });
    await guest?.ended;
    await this.#cell?.result;
  }

  #cancelled(): CellResult {
    return this.#notRun("cancelled");
  }

  #usedUp(): CellResult {
    const { maxCells } = this.#options;
    const message =
      `this session has run its ${maxCells} cells (maxCells) and runs no more; go on with what you have`;
    return this.#notRun("error", message);
  }

  /** The result of a cell that was not begun; with a message, it has an error. */
  #notRun(outcome: CellOutcome, message?: string): CellResult {
    const empty = { text: "", cut: false };
    const error = message === undefined ? {} : {
      message: { text: message, cut: false },
      traceback: { text: `SandboxError: ${message}\n`, cut: false },
    };
    return makeResult({
      outcome,
      outputs: [],
      texts: { stdout: empty, stderr: empty, value: empty, message: empty, traceback: empty, ...error },
      hasValue: false,
      errorName: message === undefined ? null : "SandboxError",
      dropped: false,
      durationMs: 0,
      timeoutMs: 0,
      lossReason: null,
      limit: { maxChars: this.#options.maxOutputChars, indicator: this.#options.truncationIndicator },
    });
  }
}

/** Folders whose files this process has read and found whole. */
const verified = new Map<string, Promise<boolean>>();

async function startGuest(options: CheckedOptions): Promise<GuestProcess> {
  requireNetPermission(options.allowNet);
  const cacheRoot = await findCacheRoot(options.cacheDir);
  const folder = await openRuntimeFolder(cacheRoot, options.language);
  const packages = await preparePackages(options.packages, {
    index: options.packageIndex,
    cacheRoot,
    runtimeFolder: folder.path,
  });
  const start = () =>
    GuestProcess.start({
      folder: folder.path,
      language: options.language,
      memoryMb: options.memoryMb,
      packages,
      net: options.allowNet.length > 0,
      maxTextChars: keptChars({ maxChars: options.maxOutputChars, indicator: "" }),
      maxProcesses: options.maxProcesses,
    });
  const [guest, whole] = await Promise.allSettled([start(), verifyOnce(folder)]);
  if (guest.status === "fulfilled" && whole.status === "fulfilled" && whole.value) return guest.value;
  if (guest.status === "fulfilled") {
    guest.value.kill({ kind: "other", reason: "its files are damaged" });
    await guest.value.ended;
  } else if (await folder.verify()) {
    throw guest.reason;
  }
  await folder.rebuild();
  verified.delete(folder.path);
  return await start();
}

function verifyOnce(folder: RuntimeFolder): Promise<boolean> {
  let result = verified.get(folder.path);
  if (result === undefined) verified.set(folder.path, result = folder.verify());
  return result;
}
