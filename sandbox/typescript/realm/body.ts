/**
 * What requests and responses carry.
 *
 * @module
 */
import { bytesOf, decodeBase64, decodeText, encodeBase64, encodeText, parse, TypeError } from "./border.ts";
import type { Headers } from "./headers.ts";
import { URLSearchParams } from "./url_params.ts";

let contentOf: (value: object) => Content | null;
/** The bytes of a body. */
export let base64Of: (content: Content) => string;

/** A body: its bytes in base64, and the media type that it implies. No cell gets hold of one. */
export class Content {
  readonly #base64: string;
  readonly type: string | null;

  static {
    contentOf = (value) => #base64 in value ? value : null;
    base64Of = (content) => content.#base64;
  }

  constructor(base64: string, type: string | null = null) {
    this.#base64 = base64;
    this.type = type;
  }
}

function readBody(given: unknown): Content | null {
  if (given === undefined || given === null) return null;
  if (typeof given === "string") return new Content(encodeText(given), "text/plain;charset=UTF-8");
  const content = typeof given === "object" ? contentOf(given) : null;
  if (content !== null) return content;
  if (given instanceof URLSearchParams) {
    return new Content(encodeText(`${given}`), "application/x-www-form-urlencoded;charset=UTF-8");
  }
  const bytes = bytesOf(given);
  if (bytes !== null) return new Content(encodeBase64(bytes));
  throw new TypeError(
    "Expected a body of text, bytes or URLSearchParams; send other data as JSON.stringify(data)",
  );
}

/** The body, which stays unread; null: there is none. Throws if it was read. */
export let peekBody: (carrier: Carrier) => Content | null;

/** Something with headers and a body that can be read once. */
export class Carrier {
  readonly headers: Headers;
  readonly #content: Content | null;
  #isUsed = false;

  static {
    peekBody = (carrier) => {
      if (carrier.#isUsed) throw new TypeError("The body was read already; clone() before reading it twice");
      return carrier.#content;
    };
  }

  constructor(body: unknown, headers: Headers) {
    this.#content = readBody(body);
    this.headers = headers;
    const type = this.#content?.type ?? null;
    if (type !== null && !headers.has("content-type")) headers.set("content-type", type);
  }

  get bodyUsed(): boolean {
    return this.#isUsed;
  }

  get body(): never {
    throw new TypeError(
      "There are no streams here: read the body by text(), json(), bytes() or arrayBuffer()",
    );
  }

  // deno-lint-ignore require-await -- what is thrown is to be a rejection
  async text(): Promise<string> {
    return this.#readText();
  }

  // deno-lint-ignore require-await
  async json(): Promise<unknown> {
    return parse(this.#readText());
  }

  // deno-lint-ignore require-await
  async bytes(): Promise<Uint8Array> {
    return decodeBase64(this.#take());
  }

  // deno-lint-ignore require-await
  async arrayBuffer(): Promise<ArrayBuffer> {
    return decodeBase64(this.#take()).buffer;
  }

  #readText(): string {
    return decodeText(this.#take()) ?? "";
  }

  #take(): string {
    const content = peekBody(this);
    this.#isUsed = content !== null;
    return content === null ? "" : base64Of(content);
  }
}
