import type { OpenAI } from "openai";
import { createClient } from "./_client.ts";
import type { Connection } from "./_connection.ts";
import { Deadline } from "./_deadline.ts";
import { brokenReply, providerError, unsendable } from "./_provider_error.ts";
import type { Wire } from "./_settings.ts";

/** What a provider answered: a JSON object, or the events of a stream. */
export type Answer = { readonly json: Wire } | { readonly events: AsyncIterable<unknown> };

/** One request as it leaves. */
export interface Outgoing {
  /** The path below the connection's address. */
  readonly path: string;
  /** The body. */
  readonly body: Wire;
  /** Headers beside those of the connection. */
  readonly headers: Readonly<Record<string, string | null>>;
  /** Parameters of the address beside those of the connection. */
  readonly query: Readonly<Record<string, string>>;
  /** Milliseconds until the answer begins, and between its pieces. */
  readonly timeoutMs: number;
  /** Aborts the request. */
  readonly signal?: AbortSignal | undefined;
  /** The model as it was asked for, for error messages. */
  readonly model: string;
}

/** Sends requests through clients of the openai SDK, one per connection. */
export class Transport {
  readonly #clients = new WeakMap<Connection, Promise<OpenAI>>();
  readonly #fetch: typeof fetch | undefined;

  constructor(options: { fetch?: typeof fetch | undefined } = {}) {
    this.#fetch = options.fetch;
  }

  /**
   * Sends a request and reads the answer with `read`.
   *
   * @throws the signal's reason when it was aborted, whatever else went wrong; else an LLLMError for what the provider or the
   * network did; what `read` throws passes through
   */
  async send<T>(
    connection: Connection,
    request: Outgoing,
    read: (answer: Answer) => T | Promise<T>,
  ): Promise<T> {
    const { signal, model } = request;
    signal?.throwIfAborted();
    const deadline = new Deadline(request.timeoutMs, signal);
    try {
      return await read(await this.#answer(connection, request, deadline));
    } catch (error) {
      signal?.throwIfAborted();
      if (deadline.expired) {
        throw brokenReply(model, `expected an answer within ${request.timeoutMs / 1000} s, found none`);
      }
      throw error;
    } finally {
      deadline.clear();
    }
  }

  async #answer(connection: Connection, request: Outgoing, deadline: Deadline): Promise<Answer> {
    const { model } = request;
    let isSent = false;
    try {
      const client = await this.#client(connection);
      // `stream` here concerns only how the SDK reads an answer when it is asked to: an answer is read by what it is, whatever
      // was asked for.
      const pending = client.post(request.path, {
        body: request.body,
        ...(isEmpty(request.headers) ? {} : { headers: request.headers }),
        ...(isEmpty(request.query) ? {} : { query: request.query }),
        signal: deadline.signal,
        stream: true,
      });
      const response = await pending.asResponse();
      isSent = true;
      deadline.extend();
      const type = response.headers.get("content-type") ?? "";
      if (type.includes("event-stream")) {
        return { events: readEvents(await pending as AsyncIterable<unknown>, deadline, model) };
      }
      return { json: parseReply(await response.text(), model, type) };
    } catch (error) {
      // What the network does comes as an error of the SDK.
      throw isSent || !(error instanceof TypeError) ? providerError(error, model) : unsendable(error, model);
    }
  }

  #client(connection: Connection): Promise<OpenAI> {
    let client = this.#clients.get(connection);
    if (client === undefined) {
      client = createClient(connection, this.#fetch);
      client.catch(() => this.#clients.delete(connection));
      this.#clients.set(connection, client);
    }
    return client;
  }
}

function isEmpty(record: object): boolean {
  for (const _key in record) return false;
  return true;
}

/**
 * Gives the events of a stream; what the network or the SDK throws becomes one of our errors. A plain object, not a generator:
 * it is passed once for every token.
 */
function readEvents(
  stream: AsyncIterable<unknown>,
  deadline: Deadline,
  model: string,
): AsyncIterable<unknown> {
  const events = stream[Symbol.asyncIterator]();
  const onEvent = (next: IteratorResult<unknown>) => {
    deadline.wait(false);
    if (next.done) deadline.signal.throwIfAborted(); // the SDK ends an aborted stream without an error
    return next;
  };
  const onError = (error: unknown) => {
    throw streamError(error, model);
  };
  const iterator: AsyncIterator<unknown> = {
    next: () => {
      deadline.wait(true);
      return events.next().then(onEvent, onError);
    },
    return: () => events.return?.() ?? Promise.resolve({ done: true, value: undefined }),
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

/** An error that a stream tells of has no status of its own, whatever its code: the answer had begun well. */
function streamError(error: unknown, model: string): unknown {
  const told = (error as { error?: { message?: unknown; code?: unknown } } | null)?.error;
  if (told === undefined || told === null) return providerError(error, model);
  const message = typeof told.message === "string" ? told.message : JSON.stringify(told);
  return brokenReply(model, `the provider says: ${message}`, {
    ...(typeof told.code === "string" ? { providerCode: told.code } : {}),
  });
}

function parseReply(text: string, model: string, type: string): Wire {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const found = text === "" ? "nothing" : `${type || "text"} "${text.slice(0, 80)}"`;
    throw brokenReply(model, `expected a reply in JSON or SSE, found ${found}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw brokenReply(model, `expected a JSON object, found ${text.slice(0, 80)}`);
  }
  return value as Wire;
}
