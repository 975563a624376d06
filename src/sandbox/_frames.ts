/**
 * Frames between host and guest, from the host's side.
 *
 * @module
 */
import { z } from "zod";
import {
  type AnswerFrame,
  type GuestFrame,
  type HostFrame,
  MAX_GUEST_FRAME_BYTES,
  MAX_PATH_CHARS,
  TOKEN_BYTES,
} from "../../sandbox/protocol.ts";

const HEAD_BYTES = TOKEN_BYTES + 4;

const id = z.int().nonnegative();
const jsonObject = z.custom<Record<string, unknown>>((value) =>
  typeof value === "object" && value !== null && !Array.isArray(value)
);
const netRequest = z.strictObject({
  method: z.string(),
  url: z.string(),
  headers: z.array(z.tuple([z.string(), z.string()])),
  body: z.string().exactOptional(),
  redirect: z.enum(["follow", "manual", "error"]).exactOptional(),
  timeoutMs: z.number().positive().max(2 ** 31 - 1).exactOptional(),
});
const guestFrame: z.ZodType<GuestFrame> = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("ready"), version: z.int() }),
  z.strictObject({
    type: z.literal("text"),
    cell: id,
    field: z.enum(["stdout", "stderr", "value", "message", "traceback"]),
    text: z.string(),
    late: z.literal(true).exactOptional(),
  }),
  z.strictObject({
    type: z.literal("call"),
    cell: id,
    call: id,
    path: z.string().max(MAX_PATH_CHARS),
    params: jsonObject,
  }),
  z.strictObject({ type: z.literal("fetch"), cell: id, call: id, request: netRequest }),
  z.strictObject({ type: z.literal("display"), cell: id, bundle: jsonObject }),
  z.strictObject({
    type: z.literal("done"),
    cell: id,
    hasValue: z.boolean(),
    errorName: z.string().exactOptional(),
    outOfMemory: z.literal(true).exactOptional(),
    broken: z.enum(["memory", "crash"]).exactOptional(),
    stopped: z.enum(["timeout", "interrupt"]).exactOptional(),
    dropped: z.boolean(),
  }),
  z.strictObject({ type: z.literal("fatal"), reason: z.enum(["memory", "crash"]), message: z.string() }),
]);

/** Reads guest frames from chunks of bytes; throws at the first that breaks the protocol. */
export class FrameParser {
  readonly #token: Uint8Array;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  #chunks: Uint8Array[] = [];
  #held = 0;
  /** Bytes of the next frame with its head; null while the head is not there. */
  #wanted: number | null = null;

  /** `token`: what each frame begins with. */
  constructor(token: Uint8Array) {
    this.#token = token;
  }

  /** Takes a chunk and gives the frames that are complete with it. */
  push(chunk: Uint8Array): GuestFrame[] {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    const frames: GuestFrame[] = [];
    while (this.#held >= (this.#wanted ?? HEAD_BYTES)) {
      const bytes = this.#join();
      if (this.#wanted === null) {
        this.#wanted = HEAD_BYTES + this.#readHead(bytes);
      } else {
        frames.push(this.#parse(bytes.subarray(HEAD_BYTES, this.#wanted)));
        const rest = bytes.subarray(this.#wanted);
        this.#chunks = rest.length === 0 ? [] : [rest];
        this.#held = rest.length;
        this.#wanted = null;
      }
    }
    return frames;
  }

  #join(): Uint8Array {
    if (this.#chunks.length > 1) {
      const all = new Uint8Array(this.#held);
      let at = 0;
      for (const chunk of this.#chunks) {
        all.set(chunk, at);
        at += chunk.length;
      }
      this.#chunks = [all];
    }
    return this.#chunks[0]!;
  }

  #readHead(bytes: Uint8Array): number {
    if (this.#token.some((byte, index) => bytes[index] !== byte)) {
      throw new Error("a frame without the token");
    }
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(TOKEN_BYTES, true);
    if (length > MAX_GUEST_FRAME_BYTES) throw new Error(`a frame of ${length} bytes`);
    return length;
  }

  #parse(body: Uint8Array): GuestFrame {
    const parsed = guestFrame.safeParse(JSON.parse(this.#decoder.decode(body)));
    if (!parsed.success) throw new Error(`an unknown frame: ${parsed.error.issues[0]?.message}`);
    return parsed.data;
  }
}

/** The bytes of a frame to the guest. */
export function encodeFrame(frame: HostFrame): Uint8Array<ArrayBuffer> {
  return encodeBytes(new TextEncoder().encode(JSON.stringify(frame)));
}

/** The bytes of frames whose bodies are given. */
export function encodeBytes(...bodies: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(bodies.reduce((sum, { length }) => sum + 4 + length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const body of bodies) {
    view.setUint32(at, body.length, true);
    bytes.set(body, at + 4);
    at += 4 + body.length;
  }
  return bytes;
}

/** The bytes of an answer: its frame and the frame of its JSON at once, since each write wakes the guest. */
export function encodeAnswer(frame: AnswerFrame, json: Uint8Array): Uint8Array<ArrayBuffer> {
  return encodeBytes(new TextEncoder().encode(JSON.stringify(frame)), json);
}
