/**
 * The parts of the SDK that are used, with what is used of them as types (its own cannot be resolved by its published paths). Each is
 * loaded when it is first needed: importing them costs a fifth of a second.
 *
 * @module
 */
import { outsideRun } from "../util/mod.ts";

/** Carries messages. */
export interface SdkTransport {
  sessionId?: string | undefined;
  close(): Promise<void>;
}

/** A request under way at the other side's wish. */
export interface SdkRequestExtra {
  readonly signal: AbortSignal;
  readonly sessionId?: string;
  readonly _meta?: { readonly progressToken?: string | number };
  sendNotification(notification: SdkMessage): Promise<void>;
  sendRequest(
    request: SdkMessage,
    schema: unknown,
    options?: { signal?: AbortSignal; timeout?: number },
  ): Promise<Record<string, unknown>>;
}

/** A request or a notification. */
export interface SdkMessage {
  readonly method: string;
  // deno-lint-ignore no-explicit-any -- its schema has checked it
  readonly params?: any;
}

/** What client and server have in common. */
export interface SdkProtocol {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  fallbackNotificationHandler?: (notification: SdkMessage) => Promise<void>;
  request(
    request: SdkMessage,
    schema: unknown,
    options?: {
      signal?: AbortSignal;
      timeout?: number;
      maxTotalTimeout?: number;
      resetTimeoutOnProgress?: boolean;
      // deno-lint-ignore no-explicit-any -- its schema has checked it
      onprogress?: (progress: any) => void;
    },
  ): Promise<Record<string, unknown>>;
  notification(notification: SdkMessage): Promise<void>;
  setRequestHandler(
    schema: unknown,
    handler: (request: SdkMessage, extra: SdkRequestExtra) => unknown,
  ): void;
  connect(transport: unknown, options?: { timeout?: number }): Promise<void>;
  close(): Promise<void>;
}

/** A client. */
export interface SdkClient extends SdkProtocol {
  getServerVersion(): { name: string; version: string } | undefined;
  getServerCapabilities(): Record<string, unknown> | undefined;
  getInstructions(): string | undefined;
}

/** What answers one client. */
export interface SdkServer extends SdkProtocol {
  getClientCapabilities(): Record<string, unknown> | undefined;
}

/** What answers a request. */
export interface SdkAnswer {
  readonly jsonrpc: "2.0";
  readonly id: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** Carries the messages of one client over HTTP. */
export interface SdkHttpTransport extends SdkTransport {
  onmessage?: (
    message: SdkMessage & { readonly id?: unknown },
    extra?: { readonly requestInfo?: unknown },
  ) => void;
  handleRequest(request: Request): Promise<Response>;
  /** Ends the stream that the answer to a request would come by. */
  closeSSEStream(id: unknown): void;
  send(message: SdkAnswer | SdkMessage, options?: unknown): Promise<void>;
}

type Constructor<T> = new (...args: unknown[]) => T;

/** The client, and the schemas of its messages. */
export interface ClientSdk {
  readonly Client: Constructor<SdkClient>;
  readonly ElicitRequestSchema: unknown;
  readonly ResultSchema: unknown;
}

/** The transports over HTTP. */
export interface HttpSdk {
  readonly StreamableHTTPClientTransport: Constructor<SdkTransport>;
  readonly SSEClientTransport: Constructor<SdkTransport>;
  readonly StreamableHTTPError: Constructor<Error & { readonly code?: number }>;
}

/** Loads what every client needs. */
export async function loadClientSdk(): Promise<ClientSdk> {
  const [{ Client }, types] = await Promise.all([
    outsideRun(() => import("@modelcontextprotocol/sdk/client/index.js")),
    outsideRun(() => import("@modelcontextprotocol/sdk/types.js")),
  ]);
  return { ...types, Client } as unknown as ClientSdk;
}

/** Loads what a client over HTTP needs too. */
export async function loadHttpSdk(): Promise<HttpSdk> {
  const [streamable, sse] = await Promise.all([
    outsideRun(() => import("@modelcontextprotocol/sdk/client/streamableHttp.js")),
    outsideRun(() => import("@modelcontextprotocol/sdk/client/sse.js")),
  ]);
  return { ...streamable, ...sse } as unknown as HttpSdk;
}

/** A server, the schemas of its messages, and its transport over HTTP. */
export interface ServerSdk {
  readonly Server: Constructor<SdkServer>;
  readonly WebStandardStreamableHTTPServerTransport: Constructor<SdkHttpTransport>;
  readonly McpError: Constructor<Error>;
  readonly CallToolRequestSchema: unknown;
  readonly ElicitResultSchema: unknown;
  readonly ListToolsRequestSchema: unknown;
  readonly SetLevelRequestSchema: unknown;
}

/** Loads what a server needs. */
export async function loadServerSdk(): Promise<ServerSdk> {
  const [{ Server }, http, types] = await Promise.all([
    outsideRun(() => import("@modelcontextprotocol/sdk/server/index.js")),
    outsideRun(() => import("@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js")),
    outsideRun(() => import("@modelcontextprotocol/sdk/types.js")),
  ]);
  return { ...types, ...http, Server } as unknown as ServerSdk;
}
