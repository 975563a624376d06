/**
 * Gathers texts as bytes, and hands them on in large pieces. It uses the same memory again and again: texts that are put together first
 * would be copied twice, and the collector would have to take the copies away.
 */
export class ByteBuffer {
  readonly #handOn: (bytes: Uint8Array) => void;
  #bytes = new Uint8Array(0);
  #length = 0;

  /** Creates a buffer; `handOn` must not keep the bytes. */
  constructor(handOn: (bytes: Uint8Array) => void) {
    this.#handOn = handOn;
  }

  /** Adds a text. */
  put(text: string): void {
    const most = text.length * MAX_BYTES_PER_CHAR;
    if (most > MAX_BYTES) {
      this.flush();
      this.#handOn(encoder.encode(text));
      return;
    }
    if (this.#bytes.length - this.#length < most) this.#makeRoom(most);
    this.#length += encoder.encodeInto(text, this.#bytes.subarray(this.#length)).written;
  }

  /** Adds a character of ASCII, by its code. */
  putByte(code: number): void {
    if (this.#bytes.length === this.#length) this.#makeRoom(1);
    this.#bytes[this.#length++] = code;
  }

  /** Hands on what there is. */
  flush(): void {
    const length = this.#length;
    this.#length = 0; // whatever becomes of it
    if (length > 0) this.#handOn(this.#bytes.subarray(0, length));
  }

  #makeRoom(bytes: number): void {
    this.flush();
    if (this.#bytes.length < bytes) this.#bytes = new Uint8Array(Math.max(bytes, MIN_BYTES));
  }
}

const MAX_BYTES_PER_CHAR = 3;
const MIN_BYTES = 1 << 18;
const MAX_BYTES = 1 << 22;
const encoder = new TextEncoder();
