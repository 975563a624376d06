import type { McpServer } from "../tools/mod.ts";
import {
  idOfAnswer,
  LineCutter,
  MAX_MESSAGE_BYTES,
  readMessage,
  type WireMessage,
  writeJson,
} from "./_messages.ts";
import { told } from "./_redactor_of.ts";
import { ServerProcess } from "./_server_process.ts";

/** Why a connection ended that nothing happened to. */
export const WAS_CLOSED = "the connection was closed";

/** Stands in for an answer that is none: whoever waits for it need not wait until the time is up. */
const MALFORMED = { code: -32603, message: "an answer that is no message of the protocol" };

/** Carries messages to and from a server's process, one a line. It is what the SDK calls a transport. */
export class StdioTransport {
  /** Called for each message. */
  onmessage?: (message: WireMessage) => void;
  /** Called once, when the process has ended or the connection was closed. */
  onclose?: () => void;
  /** Called for what is wrong and ends nothing. */
  onerror?: (error: Error) => void;
  /** Why the process ended; empty while it runs. */
  endReason = "";
  readonly #server: McpServer;
  #onStray: ((line: string) => void) | undefined;
  #process: ServerProcess | undefined;
  #ending: Promise<void> | undefined;

  /** `onStray` hears of the first line that is no message. */
  constructor(server: McpServer, onStray: (line: string) => void) {
    this.#server = server;
    this.#onStray = onStray;
  }

  /** Starts the process. */
  start(): Promise<void> {
    this.#process = ServerProcess.start(this.#server);
    this.#read(this.#process).catch((error) => {
      this.endReason ||= `it sent ${(error as Error).message}`;
      this.#process!.kill();
    });
    this.#process.ended.then((reason) => {
      this.endReason ||= reason;
      this.onclose?.();
    });
    return Promise.resolve();
  }

  /** Writes a message. */
  async send(message: unknown): Promise<void> {
    if (this.endReason !== "") throw new Error(this.endReason);
    const line = `${writeJson(message)}\n`; // what cannot be written says nothing about the process
    try {
      await this.#process!.write(line);
    } catch (cause) {
      // It reads no more: it has ended, or will. What it left on stderr says more than a broken pipe.
      await this.#process!.end();
      throw new Error(this.endReason || await this.#process!.ended, { cause });
    }
  }

  /** Ends the process; resolves when it is gone. */
  async close(): Promise<void> {
    this.endReason ||= WAS_CLOSED;
    await (this.#ending ??= this.#process?.end());
  }

  /** Lets the program end while nothing is asked of the server, or not. */
  setIdle(idle: boolean): void {
    if (this.#ending === undefined) this.#process?.setIdle(idle);
  }

  async #read(process: ServerProcess): Promise<void> {
    const lines = new LineCutter(MAX_MESSAGE_BYTES);
    for await (const chunk of process.stdout) {
      for (const line of lines.push(chunk)) {
        this.#take(line);
        await undefined; // the SDK takes notifications up a moment later: what follows must not overtake them
      }
    }
    // A server that closed its output will answer nothing any more.
    if (this.endReason === "") await process.end();
  }

  #take(line: string): void {
    const message = readMessage(line);
    if (message === undefined) return;
    if (message !== null) return this.onmessage?.(message);
    const id = idOfAnswer(line);
    if (id !== undefined) this.onmessage?.({ jsonrpc: "2.0", id, error: MALFORMED });
    this.#onStray?.(told(this.#server, line, 200));
    this.#onStray = undefined;
  }
}
