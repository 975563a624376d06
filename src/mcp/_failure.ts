import { LLLMError } from "../errors.ts";
import { BROKEN_OFF } from "./_guarded_fetch.ts";

/** What is asked of the session that a request failed in. */
interface FailedLink {
  readonly endReason: string;
  readonly hasSession: boolean;
}

/**
 * How a request failed.
 *
 * - `answered`: the server answered with an error, or refused the request.
 * - `unsent`: the request never reached the server, or it belonged to a session that the server no longer knows: it was not carried out.
 * - `broken`: the connection ended while the request was under way: whether it was carried out is unknown.
 * - `timeout`: no answer and no sign of progress in time; the server was told to stop.
 */
export type FailureKind = "answered" | "unsent" | "broken" | "timeout";

/** A request that failed. */
export interface Failure {
  readonly kind: FailureKind;
  /** What was found in place of an answer. */
  readonly found: string;
}

const REQUEST_TIMEOUT = -32001;
const CONNECTION_CLOSED = -32000;

/** Reads what the SDK throws. */
export function readFailure(error: unknown, link: FailedLink): Failure {
  const { code, name, message } = describe(error);
  if (LLLMError.isInstance(error)) return { kind: "answered", found: message };
  if (name === "McpError") {
    const said = message.replace(/^MCP error -?\d+: /, "");
    if (code === BROKEN_OFF) {
      return { kind: "broken", found: said.replace(/^expected an answer, found /, "") };
    }
    if (code === CONNECTION_CLOSED && link.endReason !== "") return { kind: "broken", found: link.endReason };
    if (code === REQUEST_TIMEOUT && /timed out|timeout exceeded/i.test(said)) {
      return { kind: "timeout", found: "no answer in time" };
    }
    return { kind: "answered", found: `error ${code}: ${said}` };
  }
  if (name === "StreamableHTTPError") return httpFailure(code, message, link);
  if (link.endReason !== "") return { kind: "unsent", found: link.endReason };
  if (message === "Not connected") return { kind: "unsent", found: "the connection ended" };
  if (error instanceof TypeError && /\(Connect\)|refused/.test(message)) {
    return { kind: "unsent", found: "nobody who listens there" };
  }
  if (error instanceof SyntaxError || isMisfit(error)) return { kind: "answered", found: MISFIT };
  return { kind: "broken", found: message };
}

function httpFailure(status: number, message: string, link: FailedLink): Failure {
  const text = message.replace(/^Streamable HTTP error: (Error POSTing to endpoint: )?/, "");
  const found = status < 0 ? text : `status ${status}${text === "" ? "" : `: ${text}`}`;
  // By the protocol 404; servers that answer 400 say that it is about the session.
  const isForgotten = link.hasSession && (status === 404 || (status === 400 && /session/i.test(text)));
  if (isForgotten) {
    return { kind: "unsent", found: `status ${status}: the server no longer knows the session` };
  }
  return { kind: status >= 500 ? "broken" : "answered", found };
}

const MISFIT = "an answer that is no message of the protocol";

/** What a schema of the SDK says of an answer: a page of JSON. */
function isMisfit(error: unknown): boolean {
  return error instanceof Error &&
    /^\$?ZodError$/.test(error.constructor.name === "Error" ? error.name : error.constructor.name);
}

function describe(error: unknown): { code: number; name: string; message: string } {
  if (!(error instanceof Error)) return { code: 0, name: "", message: String(error) };
  const { code } = error as { code?: unknown };
  const name = error.constructor.name === "Error" ? error.name : error.constructor.name;
  return { code: typeof code === "number" ? code : 0, name, message: errorText(error) };
}

/** The message of an error, with that of its cause: "fetch failed" alone says nothing. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (isMisfit(error)) return MISFIT;
  const { message, cause } = error;
  return cause instanceof Error && !message.includes(cause.message)
    ? `${message}: ${cause.message}`
    : message;
}
