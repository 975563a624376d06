import { LLLMError } from "../errors.ts";
import type { McpFetch } from "./connect_options.ts";
import { LineCutter, MAX_MESSAGE_BYTES, readMessage } from "./_messages.ts";

/** Options of {@linkcode guardedFetch}. */
export interface GuardedFetchOptions {
  /** The name of the server, for errors. */
  readonly label: string;
  /** Whether the server may speak unasked, over a stream that stays open. */
  readonly listen: boolean;
  /** Makes the requests. Default: the global `fetch`. */
  readonly fetch?: McpFetch | undefined;
}

/**
 * Makes a `fetch` for a server that may be wrong or hostile: messages over 32 MB end the answer, an answer that breaks off is told
 * to the one who waits for it, and a permission that is missing is named.
 */
export function guardedFetch({ label, listen, fetch = globalThis.fetch }: GuardedFetchOptions): McpFetch {
  const streams = new Map<unknown, () => void>();
  return async (url, init = {}) => {
    const isListening = (init.method ?? "GET") === "GET";
    if (isListening && !listen) return new Response(null, { status: 405 });
    const sent = isListening ? [] : messagesIn(init.body);
    const waiting = requestIds(sent);
    let isForgotten = false;
    const forgetLater = () => void (isForgotten = true);
    // What is sent in one body comes by one stream: it ends when its only request was cancelled, even before it began.
    if (waiting.length === 1) streams.set(waiting[0], forgetLater);
    try {
      const response = await permitted(label, url, () => fetch(url, init));
      if (response.body === null) return response;
      const type = response.headers.get("content-type") ?? "";
      const body = response.ok && /^text\/event-stream/i.test(type)
        ? guardEvents(response.body, waiting, streams, isForgotten)
        : limitBytes(response.body, response.ok ? MAX_MESSAGE_BYTES : MAX_ERROR_BYTES);
      return new Response(body, { status: response.status, headers: response.headers });
    } finally {
      for (const id of waiting) if (streams.get(id) === forgetLater) streams.delete(id);
      for (const { method, params } of sent) {
        // A server need not end the stream of a request that it has been told to forget.
        if (method === "notifications/cancelled") streams.get(params?.requestId)?.();
      }
    }
  };
}

async function permitted(
  label: string,
  url: string | URL,
  effect: () => Promise<Response>,
): Promise<Response> {
  try {
    return await effect();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotCapable)) throw cause;
    const flag = `--allow-net=${new URL(url).host}`;
    throw new LLLMError(
      `Cannot reach MCP server "${label}": expected the permission ${flag}, found it missing`,
      { code: "config_invalid", data: { server: label, flag }, cause },
    );
  }
}

/** How much of an answer that is an error is read, in bytes. */
const MAX_ERROR_BYTES = 64 * 1024;

function limitBytes(body: ReadableStream<Uint8Array>, maxBytes: number): ReadableStream<Uint8Array> {
  let length = 0;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        length += chunk.length;
        if (length > maxBytes) throw new RangeError(`a message over ${maxBytes} bytes`);
        controller.enqueue(chunk);
      },
    }),
  );
}

interface SentMessage {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: { readonly requestId?: unknown };
}

/** The messages in the body of a POST. */
function messagesIn(body: unknown): SentMessage[] {
  try {
    return [JSON.parse(String(body))].flat().filter((message) =>
      typeof message === "object" && message !== null
    );
  } catch {
    return [];
  }
}

/** The ids of the requests among messages: those that wait for an answer. */
function requestIds(messages: readonly SentMessage[]): unknown[] {
  return messages.filter(({ method, id }) => method !== undefined && id !== undefined).map(({ id }) => id);
}

/** The code of the answer that is made up for a request whose stream broke off. */
export const BROKEN_OFF = -32099;

/**
 * Hands on a stream of events. One that ends before the answers came, and that cannot be taken up again (no event had an id), gets
 * an error in their place: the SDK would wait for them until its time is up.
 */
function guardEvents(
  body: ReadableStream<Uint8Array>,
  waiting: readonly unknown[],
  streams: Map<unknown, () => void>,
  isForgotten: boolean,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const watch = new EventWatch(waiting);
  const forget = () => {
    isForgotten = true;
    reader.cancel().catch(() => {});
  };
  if (isForgotten) forget();
  else if (waiting.length === 1) streams.set(waiting[0], forget);
  const release = () => {
    for (const id of waiting) if (streams.get(id) === forget) streams.delete(id);
  };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      let failure: unknown;
      try {
        const { done, value } = await reader.read();
        if (!done) {
          watch.push(value);
          return controller.enqueue(value);
        }
      } catch (error) {
        failure = error;
        reader.cancel().catch(() => {});
      }
      release();
      if (waiting.length > 0 && (isForgotten || !watch.canResume)) {
        const end = isForgotten ? forgotten : brokenOff;
        const ending = watch.openIds.map((id) => end(id, failure)).join("");
        if (ending !== "") controller.enqueue(new TextEncoder().encode(`\n\n${ending}`));
        controller.close();
      } else if (failure === undefined) controller.close();
      else controller.error(failure);
    },
    cancel: (reason) => {
      release();
      return reader.cancel(reason);
    },
  });
}

function brokenOff(id: unknown, failure: unknown): string {
  const found = failure instanceof Error ? failure.message : "the end of the stream";
  const error = { code: BROKEN_OFF, message: `expected an answer, found ${found}` };
  return `data: ${JSON.stringify({ jsonrpc: "2.0", id, error })}\n\n`;
}

/** Nobody waits for it; the SDK takes a stream without a result up again. */
function forgotten(id: unknown): string {
  return `data: ${JSON.stringify({ jsonrpc: "2.0", id, result: {} })}\n\n`;
}

/** Looks at a stream of events on its way. */
class EventWatch {
  /** Whether the stream can be taken up again after a break. */
  canResume = false;
  readonly #open: Set<unknown>;
  readonly #lines = new LineCutter(MAX_MESSAGE_BYTES);
  #data: string[] = [];
  #length = 0;

  constructor(waiting: readonly unknown[]) {
    this.#open = new Set(waiting);
  }

  /** The requests without an answer. */
  get openIds(): unknown[] {
    return [...this.#open];
  }

  push(chunk: Uint8Array): void {
    for (const line of this.#lines.push(chunk)) {
      if (line === "") this.#endEvent();
      else if (line.startsWith("id:")) this.canResume = true;
      else if (line.startsWith("data:")) this.#keep(line.slice(5));
    }
  }

  #keep(data: string): void {
    this.#length += data.length;
    if (this.#length > MAX_MESSAGE_BYTES) throw new RangeError(`a message over ${MAX_MESSAGE_BYTES} bytes`);
    if (this.#open.size > 0) this.#data.push(data);
  }

  #endEvent(): void {
    const data = this.#data.join("\n");
    this.#data = [];
    this.#length = 0;
    if (this.#open.size === 0 || !/"(result|error)"/.test(data)) return;
    const message = readMessage(data); // what is none, the SDK leaves out too
    if (message && message.method === undefined) this.#open.delete(message.id);
  }
}
