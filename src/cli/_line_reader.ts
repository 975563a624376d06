import { raceAbort } from "../util/mod.ts";
import { readLines } from "./_cell_input.ts";

/** Lines of stdin, for several who read in turn. A line that somebody gave up waiting for is the next one's. */
export class LineReader implements AsyncIterable<string> {
  readonly #open: () => ReadableStream<Uint8Array>;
  #lines: AsyncGenerator<string> | undefined;
  #pending: Promise<IteratorResult<string>> | undefined;

  /** Nothing is read yet: a program in the background must not be stopped for it. */
  constructor(open: () => ReadableStream<Uint8Array> = () => Deno.stdin.readable) {
    this.#open = open;
  }

  /** Reads a line; `undefined` at the end. */
  async read(signal?: AbortSignal): Promise<string | undefined> {
    this.#lines ??= readLines(this.#open());
    this.#pending ??= this.#lines.next();
    const { done, value } = await raceAbort(this.#pending, signal);
    this.#pending = undefined;
    return done === true ? undefined : value;
  }

  /** The lines that nobody else reads. */
  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    for (let line = await this.read(); line !== undefined; line = await this.read()) yield line;
  }
}
