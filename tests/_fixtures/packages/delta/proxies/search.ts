import { BaseProxy, endpoint, proxy } from "@lllm/lllm/proxies";

@proxy({ path: "search", name: "Search", description: "Texts by their words" })
export class SearchProxy extends BaseProxy {
  readonly #texts = new Map([["d0", "the lazy dog"], ["d1", "the quick fox"]]);

  @endpoint({
    category: "documents",
    endpoint: "/search",
    description: "Finds texts that hold a word",
    params: { "query*": ["string", "fox"], limit: ["integer", 5] },
    response: [{ id: "d1", text: "the quick fox" }],
  })
  search({ query, limit = 5 }: { query: string; limit?: number }): { id: string; text: string }[] {
    return [...this.#texts].filter(([, text]) => text.includes(query)).slice(0, limit)
      .map(([id, text]) => ({ id, text }));
  }

  @endpoint({
    category: "documents",
    endpoint: "/index",
    description: "Adds a text",
    params: { "text*": ["string", "a new text"], id: ["string", "d9"] },
    response: { id: "d9" },
    method: "POST",
  })
  index({ text, id = `d${this.#texts.size}` }: { text: string; id?: string }): { id: string } {
    this.#texts.set(id, text);
    return { id };
  }

  @endpoint({
    category: "stats",
    endpoint: "/stats",
    description: "Counts texts",
    response: { documents: 2 },
  })
  getStats(): { documents: number } {
    return { documents: this.#texts.size };
  }
}

@proxy({ path: "analytics", name: "Analytics", description: "Events by name" })
export class AnalyticsProxy extends BaseProxy {
  readonly #events: { name: string }[] = [];

  @endpoint({
    category: "events",
    endpoint: "/track",
    description: "Notes an event",
    params: { "name*": ["string", "click"] },
    response: { tracked: true },
    method: "POST",
  })
  track({ name }: { name: string }): { tracked: boolean } {
    this.#events.push({ name });
    return { tracked: true };
  }

  @endpoint({
    category: "events",
    endpoint: "/events",
    description: "Lists events of a name",
    params: { "name*": ["string", "click"] },
    response: [{ name: "click" }],
  })
  queryEvents({ name }: { name: string }): { name: string }[] {
    return this.#events.filter((event) => event.name === name);
  }
}
