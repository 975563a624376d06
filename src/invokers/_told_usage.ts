import { LLLMError } from "../errors.ts";
import { addCosts, replyPrice } from "./_costs.ts";
import { objectOf, type Wire } from "./_settings.ts";
import type { Answer } from "./_transport.ts";
import type { ModelPrice } from "./prices.ts";

/** What a provider told of tokens before its answer turned out to be none: some count in every piece, others in a failed reply. */
export class ToldUsage {
  /** Of the whole answer so far. */
  #usage: Wire | undefined;
  #model: unknown;

  /** Listens to an answer on its way. */
  watch(answer: Answer): Answer {
    if ("json" in answer) this.#read(answer.json);
    return "json" in answer ? answer : { ...answer, events: this.#listen(answer.events) };
  }

  /** Adds what was told to the facts of an error, priced. */
  tell(error: unknown, price: ModelPrice | undefined): void {
    if (this.#usage === undefined || !LLLMError.isInstance(error)) return;
    error.data.usage = addCosts(this.#usage, replyPrice(price, this.#model));
  }

  async *#listen(events: AsyncIterable<unknown>): AsyncGenerator<unknown> {
    for await (const event of events) {
      this.#read(event);
      yield event;
    }
  }

  #read(data: unknown): void {
    const part = objectOf(data);
    if (part.error || part.type === "error") return;
    const whole = part.response === undefined ? part : objectOf(part.response);
    // What was counted before a further piece came does not count that piece.
    this.#usage = typeof whole.usage === "object" && whole.usage !== null ? objectOf(whole.usage) : undefined;
    this.#model = whole.model;
  }
}
