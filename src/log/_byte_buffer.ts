/**
 * Gathers texts, and hands them on as bytes, many at once: to put them together and to turn them into bytes costs more by the call than by
 * the text. It uses the same memory again and again.
 */
export class ByteBuffer {
  readonly #handOn: (bytes: Uint8Array) => void;
  #texts: string[] = [];
  #chars = 0;
  #bytes = new Uint8Array(0);

  /** Creates a buffer; `handOn` must not keep the bytes. */
  constructor(handOn: (bytes: Uint8Array) => void) {
    this.#handOn = handOn;
  }

  /** Adds a text. */
  put(text: string): void {
    if (this.#chars + text.length > MAX_CHARS) this.flush();
    this.#texts.push(text);
    this.#chars += text.length;
  }

  /** Hands on what there is. */
  flush(): void {
    const texts = this.#texts;
    this.#texts = []; // whatever becomes of them
    this.#chars = 0;
    if (texts.length > 0) this.#handOn(this.#encode(texts.length === 1 ? texts[0]! : texts.join("")));
  }

  #encode(text: string): Uint8Array {
    if (text.length > MAX_CHARS) return encoder.encode(text);
    const most = text.length * MAX_BYTES_PER_CHAR;
    if (this.#bytes.length < most) this.#bytes = new Uint8Array(Math.max(most, MIN_BYTES));
    return this.#bytes.subarray(0, encoder.encodeInto(text, this.#bytes).written);
  }
}

const MAX_BYTES_PER_CHAR = 3;
const MIN_BYTES = 1 << 18;
const MAX_CHARS = 1 << 20;
const encoder = new TextEncoder();
