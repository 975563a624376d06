/**
 * Network requests: put together from texts, and their answers taken apart, where no cell can change how.
 *
 * @module
 */

/** The longest time that a timer can have. Units: milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Requests of the cells, one at a time. */
export interface Requests {
  /** Begins a request, and forgets one that was begun. `timeoutMs`: its own time limit; Infinity: none. */
  openRequest(method: string, url: string, redirect: string, timeoutMs: number): void;
  addHeader(name: string, value: string): void;
  /** Makes the request, whose body is given in base64. 0: a response; 1: none; 2: none in time; 3: the cell is about to be ended. */
  sendRequest(body: string): number;
  /** The JSON of a response but for its body, or why there is none. */
  takeText(): string;
  /** The body of the response in base64. */
  takeBody(): string;
}

/** `fetch`: makes the request that some JSON tells of; gives what the host does. */
export function createRequests(fetch: (json: string) => string): Requests {
  let request: Record<string, unknown> = {};
  let headers: [name: string, value: string][] = [];
  let text = "";
  let body = "";

  function take(answer: string): number {
    body = "";
    text = answer.slice(1);
    if (answer[0] !== "0") return answer[0] === "1" ? 1 : 3;
    const { error, body: content, ...head } = JSON.parse(text);
    text = error === undefined ? JSON.stringify(head) : error.message;
    body = content ?? "";
    if (error === undefined) return 0;
    return error.kind === "timeout" ? 2 : 1;
  }

  return {
    openRequest(method, url, redirect, timeoutMs) {
      headers = [];
      request = { method: textOf(method), url: textOf(url), headers };
      request["redirect"] = redirect === "manual" || redirect === "error" ? redirect : "follow";
      if (timeoutMs > 0 && timeoutMs < MAX_TIMER_MS) request["timeoutMs"] = timeoutMs;
    },
    addHeader: (name, value) => void headers.push([textOf(name), textOf(value)]),
    sendRequest(given) {
      const json = JSON.stringify(given === "" ? request : { ...request, body: textOf(given) });
      request = {};
      return take(fetch(json));
    },
    takeText: () => text,
    takeBody: () => body,
  };
}

/** Nothing but texts is to come from the cells' realm. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
