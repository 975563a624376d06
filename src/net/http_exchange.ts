/**
 * One HTTP/1.1 request over a connection that is already there, and its response, never more than it may have.
 *
 * @module
 */

/** What is sent. */
export interface HttpRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** What came back; transfer encodings are undone, content encodings are not. */
export interface HttpResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array<ArrayBuffer>;
}

/** A response that breaks the protocol or a limit. */
export class HttpFailure extends Error {}

const MAX_HEAD_BYTES = 64 * 1024;
const READ_BYTES = 64 * 1024;

/** Sends a request and reads the response; the connection is of no use afterwards. */
export async function exchange(
  connection: Pick<Deno.Conn, "read" | "write">,
  request: HttpRequest,
  maxBodyBytes: number,
): Promise<HttpResponse> {
  const lines = [
    `${request.method} ${request.target} HTTP/1.1`,
    ...request.headers.map(([name, value]) => `${name}: ${value}`),
  ];
  const head = Uint8Array.from(`${lines.join("\r\n")}\r\n\r\n`, (char) => char.charCodeAt(0));
  // A server may answer, and stop reading, before it has all of the request.
  const sent = writeAll(connection, head).then(() => writeAll(connection, request.body)).then(
    () => null,
    (error) => error,
  );
  const reader = new Reader(connection);
  try {
    let response = await readHead(reader);
    while (response.status >= 100 && response.status < 200) {
      if (response.status === 101) throw new HttpFailure("the server switched to another protocol");
      response = await readHead(reader);
    }
    return { ...response, body: await readBody(reader, request.method, response, maxBodyBytes) };
  } catch (error) {
    if (error instanceof HttpFailure) throw error;
    throw await Promise.race([sent, Promise.resolve(null)]) ?? error;
  }
}

async function writeAll(connection: Pick<Deno.Conn, "write">, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

async function readHead(reader: Reader): Promise<Omit<HttpResponse, "body">> {
  let left = MAX_HEAD_BYTES;
  const line = async (): Promise<string> => {
    const text = await reader.readLine(left);
    left -= text.length + 2;
    return text;
  };
  const [, status, statusText = ""] = /^HTTP\/1\.[01] (\d{3})(?: (.*))?$/.exec(await line()) ?? [];
  if (status === undefined) throw new HttpFailure("the server's answer is no HTTP/1.1");
  const headers: [string, string][] = [];
  for (let text = await line(); text !== ""; text = await line()) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(text) ?? [];
    if (name === undefined) throw new HttpFailure("the server's answer has a malformed header");
    headers.push([name.toLowerCase(), value!]);
  }
  return { status: Number(status), statusText, headers };
}

async function readBody(
  reader: Reader,
  method: string,
  { status, headers }: Omit<HttpResponse, "body">,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const valuesOf = (name: string) => headers.filter(([key]) => key === name).map(([, value]) => value);
  const body = new Body(maxBytes);
  if (method === "HEAD" || status === 204 || status === 304) return body.join();
  const encodings = valuesOf("transfer-encoding").join(",").toLowerCase();
  if (encodings !== "") {
    if (encodings !== "chunked") {
      throw new HttpFailure(`the server's answer has transfer encoding ${encodings}`);
    }
    await readChunks(reader, body);
    return body.join();
  }
  const lengths = new Set(valuesOf("content-length"));
  if (lengths.size === 0) {
    for (let part = await reader.readSome(); part !== null; part = await reader.readSome()) body.add(part);
    return body.join();
  }
  const [length = ""] = lengths;
  if (lengths.size > 1 || !/^\d{1,15}$/.test(length)) {
    throw new HttpFailure("the server's answer has a malformed length");
  }
  await readCounted(reader, Number(length), body);
  return body.join();
}

async function readChunks(reader: Reader, body: Body): Promise<void> {
  while (true) {
    const [, size] = /^([0-9a-fA-F]{1,8})(?:[ \t]*;.*)?$/.exec(await reader.readLine(MAX_HEAD_BYTES)) ?? [];
    if (size === undefined) throw new HttpFailure("the server's answer has a malformed chunk");
    const length = parseInt(size, 16);
    if (length === 0) break;
    await readCounted(reader, length, body);
    if (await reader.readLine(2) !== "") throw new HttpFailure("the server's answer has a malformed chunk");
  }
  for (let left = MAX_HEAD_BYTES;;) { // trailers
    const line = await reader.readLine(left);
    if (line === "") return;
    left -= line.length + 2;
  }
}

async function readCounted(reader: Reader, length: number, body: Body): Promise<void> {
  body.expect(length);
  for (let left = length; left > 0;) {
    const part = await reader.readSome(left);
    if (part === null) throw new HttpFailure("the server's answer ended early");
    body.add(part);
    left -= part.length;
  }
}

/** Collects a body, within its limit. */
class Body {
  readonly #maxBytes: number;
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Fails now rather than after reading what is too much. */
  expect(length: number): void {
    if (this.#length + length <= this.#maxBytes) return;
    throw new HttpFailure(
      `the answer has more than ${this.#maxBytes} bytes`,
    );
  }

  add(part: Uint8Array): void {
    this.expect(part.length);
    this.#parts.push(part);
    this.#length += part.length;
  }

  join(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

/** Reads lines and parts from a connection. */
class Reader {
  readonly #connection: Pick<Deno.Conn, "read">;
  #held: Uint8Array = new Uint8Array(0);

  constructor(connection: Pick<Deno.Conn, "read">) {
    this.#connection = connection;
  }

  /** A line without its end; each byte is one character. */
  async readLine(maxBytes: number): Promise<string> {
    let end = this.#held.indexOf(10);
    while (end === -1) {
      if (this.#held.length > maxBytes) break;
      const more = await this.#read();
      if (more === null) throw new HttpFailure("the server closed the connection without an answer");
      const joined = new Uint8Array(this.#held.length + more.length);
      joined.set(this.#held);
      joined.set(more, this.#held.length);
      this.#held = joined;
      end = this.#held.indexOf(10);
    }
    if (end === -1 || end > maxBytes) {
      throw new HttpFailure("the headers of the server's answer are too large");
    }
    const line = this.#held.subarray(0, end > 0 && this.#held[end - 1] === 13 ? end - 1 : end);
    this.#held = this.#held.subarray(end + 1);
    let text = "";
    for (let at = 0; at < line.length; at += 4096) {
      text += String.fromCharCode(...line.subarray(at, at + 4096));
    }
    return text;
  }

  /** At most `maxBytes` of what comes next; null at the end. */
  async readSome(maxBytes = READ_BYTES): Promise<Uint8Array | null> {
    const bytes = this.#held.length > 0 ? this.#held : await this.#read();
    if (bytes === null) return null;
    this.#held = bytes.subarray(maxBytes);
    return bytes.subarray(0, maxBytes);
  }

  async #read(): Promise<Uint8Array | null> {
    const buffer = new Uint8Array(READ_BYTES);
    const count = await this.#connection.read(buffer);
    return count === null ? null : buffer.subarray(0, count);
  }
}
