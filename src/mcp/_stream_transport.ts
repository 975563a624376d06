import { LineCutter, MAX_MESSAGE_BYTES, readMessage, type WireMessage } from "./_messages.ts";

const PARSE_ERROR = -32700;

/** Carries messages to and from one client over two streams, one a line. It is what the SDK calls a transport. */
export class StreamTransport {
  /** Called for each message. */
  onmessage?: (message: WireMessage) => void;
  /** Called once, when the client has left or the connection was closed. */
  onclose?: () => void;
  /** Called for what is wrong and ends nothing. */
  onerror?: (error: Error) => void;
  /** Resolves when the client has left, and what was written is out. */
  readonly ended: Promise<void>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #end = Promise.withResolvers<void>();
  #written: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(input: ReadableStream<Uint8Array>, output: WritableStream<Uint8Array>) {
    this.#reader = input.getReader();
    this.#writer = output.getWriter();
    this.#writer.closed.catch(() => {});
    this.ended = this.#end.promise;
  }

  /** Begins to read. */
  start(): Promise<void> {
    this.#read().catch(() => {}).finally(() => this.close());
    return Promise.resolve();
  }

  /** Writes a message. */
  send(message: unknown): Promise<void> {
    if (this.#closed) return Promise.reject(new Error("the client has left"));
    return this.#written = this.#writer.write(new TextEncoder().encode(`${JSON.stringify(message)}\n`));
  }

  /** Lets go of the streams. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.onclose?.();
    this.#reader.cancel().catch(() => {});
    await this.#written.catch(() => {});
    this.#writer.releaseLock();
    this.#end.resolve();
  }

  async #read(): Promise<void> {
    const lines = new LineCutter(MAX_MESSAGE_BYTES);
    while (true) {
      const { done, value } = await this.#reader.read();
      if (done) return;
      for (const line of lines.push(value)) {
        this.#take(line);
        await undefined; // the SDK takes a notification up a moment later: a request must not overtake it
      }
    }
  }

  #take(line: string): void {
    const message = readMessage(line);
    if (message === undefined) return;
    if (message !== null) return this.onmessage?.(message);
    const error = { code: PARSE_ERROR, message: "expected a message of JSON-RPC 2.0 on each line" };
    this.send({ jsonrpc: "2.0", id: null, error }).catch(() => {});
  }
}
