/** A message of the protocol: a JSON-RPC request, notification or response. */
export type WireMessage = Record<string, unknown>;

/** The longest message that is read, in bytes. */
export const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

/** Tells whether a value has the form of a message; everything else is left out, as a server may print what it likes. */
function isWireMessage(value: unknown): value is WireMessage {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { jsonrpc, method, id, result, error } = value as WireMessage;
  if (jsonrpc !== "2.0") return false;
  if (method !== undefined) return typeof method === "string" && (id === undefined || isId(id));
  if (error !== undefined) return isObject(error) && typeof error.code === "number";
  return isId(id) && isObject(result);
}

/** Reads a line: a message, null for what is none; `undefined` for an empty line. */
export function readMessage(line: string): WireMessage | null | undefined {
  if (line.trim() === "") return undefined;
  try {
    const message: unknown = JSON.parse(line);
    return isWireMessage(message) ? message : null;
  } catch {
    return null;
  }
}

/** Writes JSON that every reader takes: many refuse all of a text for half of a character in it. */
export function writeJson(value: unknown): string {
  const json = JSON.stringify(value);
  // Whole characters are written as they are: what is escaped is a half.
  return json.includes("\\ud")
    ? json.replace(/\\\\|\\ud[89a-f][0-9a-f]{2}/g, (found) => found === "\\\\" ? found : "\ufffd")
    : json;
}

/** The id in a line that is no message, and was meant as an answer; `undefined` in any other. */
export function idOfAnswer(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line);
    if (!isObject(value) || value.jsonrpc !== "2.0" || value.method !== undefined) return undefined;
    return isId(value.id) ? value.id : undefined;
  } catch {
    return undefined;
  }
}

function isId(value: unknown): boolean {
  return typeof value === "string" || Number.isInteger(value);
}

function isObject(value: unknown): value is WireMessage {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Cuts a stream of bytes into lines, without their ends. A line over `maxBytes` is an error. */
export class LineCutter {
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Takes the next bytes, and gives the lines that end in them.
   *
   * @throws {RangeError} for a line that is too long
   */
  push(chunk: Uint8Array): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      this.#keep(chunk.subarray(start, end));
      lines.push(this.#take());
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.slice(start));
    return lines;
  }

  #keep(part: Uint8Array): void {
    this.#length += part.length;
    if (this.#length > this.#maxBytes) {
      throw new RangeError(`a message over ${this.#maxBytes} bytes`);
    }
    this.#parts.push(part);
  }

  #take(): string {
    const decoder = new TextDecoder();
    const text = this.#parts.map((part) => decoder.decode(part, { stream: true })).join("") +
      decoder.decode();
    this.#parts = [];
    this.#length = 0;
    return text.endsWith("\r") ? text.slice(0, -1) : text;
  }
}
