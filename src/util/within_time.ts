/** The part of `node:vm` that is used here. */
interface NodeVm {
  createContext(realm: object): object;
  Script: new (code: string) => { runInContext(realm: object, options: { timeout: number }): void };
}

/** The time of {@linkcode withinTime} is up. */
export class TimeUp extends RangeError {}

let job: () => void = () => {};
let start: ((timeout: number) => void) | undefined;

/**
 * Runs code that others can make slow, and ends it where it stands when its time is up: what it was changing then may be broken.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(withinTime(1_000, () => 6 * 7), 42);
 * assert.throws(() => withinTime(50, () => { for (;;); }), TimeUp);
 * ```
 *
 * @param limitMs how long it may take, in milliseconds
 * @param work no asynchronous function: only what it does at once is ended
 * @throws {TimeUp} when the time is up
 */
export function withinTime<T>(limitMs: number, work: () => T): T {
  start ??= createStart();
  const outer = job;
  let result: T;
  job = () => result = work();
  try {
    start(limitMs);
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    throw new TimeUp(`the time limit of ${limitMs} ms was reached`);
  } finally {
    job = outer;
  }
  return result!;
}

/** The platform ends scripts alone, so that the work is done by one. */
function createStart(): (timeout: number) => void {
  const { process } = globalThis as unknown as { process: { getBuiltinModule(name: string): unknown } };
  const { createContext, Script } = process.getBuiltinModule("node:vm") as NodeVm;
  const realm = createContext({ run: () => job() });
  const script = new Script("run()");
  return (timeout) => script.runInContext(realm, { timeout });
}
