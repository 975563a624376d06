import { LLLMError } from "../errors.ts";
import { getLogger } from "../logging/mod.ts";
import { currentRun } from "../run/mod.ts";
import type { FunctionTool, McpServer } from "../tools/mod.ts";
import {
  describeIssues,
  emitWarning,
  joinSignals,
  type JsonObject,
  type JsonValue,
  outsideRun,
  raceAbort,
  validateSchema,
  type Warning,
} from "../util/mod.ts";
import { type Link, openLink } from "./_link.ts";
import { redactorOf } from "./_redactor_of.ts";
import { readPrompt, readResource, readTemplate, readTool, text } from "./_read_lists.ts";
import { SessionKeeper } from "./_session_keeper.ts";
import { readToolResult } from "./_tool_result.ts";
import type { ConnectMcpOptions } from "./connect_options.ts";
import { isHarmlessTwice, type McpCallOptions, mcpTools, unusableTool } from "./mcp_tools.ts";
import type {
  McpList,
  McpProgress,
  McpPrompt,
  McpPromptMessages,
  McpResource,
  McpResourceContent,
  McpResourceTemplate,
  McpServerInfo,
  McpToolInfo,
  McpToolResult,
  McpTransport,
} from "./types.ts";

const logger = getLogger("mcp");

const MAX_PAGES = 1_000;
const MAX_ENTRIES = 10_000;
const MAX_ROUNDS = 3;
/** Changed lists are read again at most this often, whatever the server says. */
const REFRESH_PAUSE_MS = 100;

/** Options of requests that only read. */
export interface McpReadOptions {
  /** Aborts the request; the server is told. Default: the signal of the current run, if any. */
  readonly signal?: AbortSignal;
}

/**
 * A connection to an MCP server, made by {@linkcode connectMcp}: its tools, as tools for a model and to be called directly, its
 * resources and prompts. Close it, or declare it by `await using`.
 *
 * A session that was lost (the server forgot it, or its process ended) is replaced when the next request is made. Requests that only
 * read are made again in the new session; a call of a tool only if the lost session shows that it was not carried out, or if the tool
 * says of itself that calling it twice does no harm. All else rejects, and says that the outcome is unknown.
 */
export class McpConnection implements AsyncDisposable {
  /** The server. */
  readonly server: McpServer;
  readonly #options: ConnectMcpOptions;
  readonly #timeoutMs: number;
  readonly #keeper: SessionKeeper;
  #link: Link | undefined;
  #infos: readonly McpToolInfo[] = [];
  #tools: readonly FunctionTool[] = [];
  #stale = true;
  #refreshing: Promise<void> | undefined;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  /** Creates a connection that is not open yet; {@linkcode connectMcp} opens it. */
  constructor(server: McpServer, options: ConnectMcpOptions = {}) {
    const { timeoutMs = 60_000, maxRestarts = 3, listen = true, onElicitation } = options;
    checkTimeout(timeoutMs, "connect to", server);
    this.server = server;
    this.#options = options;
    this.#timeoutMs = timeoutMs;
    this.#keeper = new SessionKeeper({
      server,
      maxRestarts,
      open: async (signal) => {
        const link = await openLink({
          server,
          timeoutMs,
          listen,
          fetch: options.fetch,
          onElicitation,
          onNotification: (method) => this.#notice(method),
          onStray: (line) =>
            this.#warn("mcp_stray_output", `writes what is no message: ${JSON.stringify(line)}`),
        }, signal);
        this.#link = link;
        this.#stale = true;
        return link;
      },
      onReplaced: (reason) =>
        this.#warn("mcp_reconnected", `has a new session in place of one that was lost: ${reason}`),
    });
  }

  /**
   * Opens the connection, where it is not open, and reads the list of tools.
   *
   * @throws {LLLMError} `config_invalid` when the server may not be reached or started; `mcp_failed`
   */
  async open(options: McpReadOptions = {}): Promise<void> {
    await this.listTools(options);
  }

  /** How the server is reached. */
  get transport(): McpTransport {
    return this.#link?.transport ?? (this.server.command === undefined ? "http" : "stdio");
  }

  /** What the server says of itself; null before the first connection. */
  get info(): McpServerInfo | null {
    if (this.#link === undefined) return null;
    return redactorOf(this.server).redactJson(this.#link.greeting as never) as unknown as McpServerInfo;
  }

  /** The tools, for a model: those of the server that `allowedTools` names, as they were listed last. */
  get tools(): readonly FunctionTool[] {
    return this.#tools;
  }

  /** Lists the tools that `allowedTools` names: read again when the server said that they changed. */
  async listTools(options: McpReadOptions = {}): Promise<readonly McpToolInfo[]> {
    const signal = options.signal ?? currentRun()?.signal;
    const link = await this.#keeper.link(signal);
    // A server that changes its list whenever it is read is not followed for ever.
    for (let round = 0; round < MAX_ROUNDS && this.#stale && link.endReason === ""; round++) {
      await raceAbort(this.#refreshing ?? this.#refresh(), signal);
    }
    return this.#infos;
  }

  /**
   * Calls a tool. A failure that the tool tells about is a result with `isError`.
   *
   * @throws {TypeError} when the arguments are no object that JSON can hold
   * @throws {LLLMError} `mcp_failed` when there is no answer, and for an answer that does not fit the tool's `outputSchema`
   * @throws the signal's reason on an abort
   */
  async callTool(
    name: string,
    args: Record<string, unknown> = {},
    options: McpCallOptions = {},
  ): Promise<McpToolResult> {
    const action = `call tool "${name}" of`;
    checkArguments(args, action, this.server);
    const info = this.#infos.find((tool) => tool.name === name);
    const result = await this.#request("tools/call", { name, arguments: args }, {
      ...options,
      onProgress: (progress) => {
        const told = redactorOf(this.server).redactJson(progress as never) as unknown as McpProgress;
        options.onProgress?.(told);
        this.#options.onProgress?.({ ...told, tool: name });
      },
      repeatable: info !== undefined && isHarmlessTwice(info),
      action,
    });
    const read = readToolResult(result);
    await this.#checkOutput(info, read);
    return read;
  }

  /** Lists the resources; none where the server has none. */
  listResources(options: McpReadOptions = {}): Promise<McpResource[]> {
    return this.#readable("resources", "resources/list", "resources", readResource, options);
  }

  /** Lists the families of resources; none where the server has none. */
  listResourceTemplates(options: McpReadOptions = {}): Promise<McpResourceTemplate[]> {
    return this.#readable(
      "resources",
      "resources/templates/list",
      "resourceTemplates",
      readTemplate,
      options,
    );
  }

  /** Reads a resource: one content, or several where it is a folder of them. */
  async readResource(uri: string, options: McpReadOptions = {}): Promise<McpResourceContent[]> {
    const { contents } = await this.#read("resources/read", { uri }, `read resource "${uri}" of`, options);
    return (Array.isArray(contents) ? contents : []).map((content) => ({
      uri,
      ...text(content ?? {}, "uri", "mimeType", "text", "blob"),
    }));
  }

  /** Lists the prompts; none where the server has none. */
  listPrompts(options: McpReadOptions = {}): Promise<McpPrompt[]> {
    return this.#readable("prompts", "prompts/list", "prompts", readPrompt, options);
  }

  /** Fills in a prompt. */
  async getPrompt(
    name: string,
    args: Readonly<Record<string, string>> = {},
    options: McpReadOptions = {},
  ): Promise<McpPromptMessages> {
    const params = { name, arguments: { ...args } };
    const result = await this.#read("prompts/get", params, `get prompt "${name}" of`, options);
    const messages = Array.isArray(result.messages) ? result.messages : [];
    return {
      ...text(result, "description"),
      messages: messages.map(({ role, content }) => ({ role, content })),
    };
  }

  /** Asks the server for a sign of life. */
  async ping(options: McpReadOptions = {}): Promise<void> {
    await this.#read("ping", {}, "ping", options);
  }

  /** Ends the connection, and the server's process if there is one; resolves when it is gone. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#pause);
    await this.#keeper.close();
  }

  /** The same as {@linkcode McpConnection.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #read(
    method: string,
    params: Record<string, unknown>,
    action: string,
    options: McpReadOptions,
  ): Promise<Record<string, unknown>> {
    return this.#request(method, params, { ...options, repeatable: true, action });
  }

  async #request(
    method: string,
    params: Record<string, unknown>,
    options: McpCallOptions & { repeatable: boolean; action: string },
  ): Promise<Record<string, unknown>> {
    checkTimeout(options.timeoutMs, options.action, this.server);
    const signal = joinSignals(options.signal, currentRun()?.signal);
    return await this.#keeper.request(method, params, { timeoutMs: this.#timeoutMs, ...options, signal });
  }

  async #readable<T>(
    capability: string,
    method: string,
    key: string,
    read: (entry: unknown) => T | undefined,
    options: McpReadOptions,
  ): Promise<T[]> {
    const link = await this.#keeper.link(options.signal);
    if (!(capability in link.greeting.capabilities)) return [];
    const entries = await this.#pages(method, key, options);
    return entries.map(read).filter((entry) => entry !== undefined);
  }

  /** Reads a list to its end. One whose end does not come is an error. */
  async #pages(method: string, key: string, options: McpReadOptions): Promise<unknown[]> {
    const entries: unknown[] = [];
    const cursors = new Set<unknown>();
    let cursor: unknown;
    do {
      cursors.add(cursor);
      const page = await this.#read(
        method,
        cursor === undefined ? {} : { cursor },
        `read the ${key} of`,
        options,
      );
      if (Array.isArray(page[key])) { for (const entry of page[key]) entries.push(entry); }
      cursor = typeof page.nextCursor === "string" && page.nextCursor !== "" ? page.nextCursor : undefined;
      const isAgain = cursor !== undefined && cursors.has(cursor);
      if (cursors.size > MAX_PAGES || entries.length > MAX_ENTRIES || isAgain) {
        throw new LLLMError(
          `Cannot read the ${key} of MCP server "${this.server.label}": expected a list with an end, found ` +
            (isAgain ? `page "${cursor}" again` : `${entries.length} entries and more`),
          { code: "mcp_failed", data: { server: this.server.label } },
        );
      }
    } while (cursor !== undefined);
    return entries;
  }

  /** Reads the tools; once for all who want them. */
  #refresh(): Promise<void> {
    this.#refreshing ??= this.#readTools().finally(() => this.#refreshing = undefined);
    return this.#refreshing;
  }

  async #readTools(): Promise<void> {
    this.#stale = false; // what changes from here on makes it stale again
    try {
      const entries = "tools" in (this.#link?.greeting.capabilities ?? {})
        ? await outsideRun(() => this.#pages("tools/list", "tools", {}))
        : [];
      const { allowedTools } = this.server;
      const infos = new Map<string, McpToolInfo>();
      for (const entry of entries) {
        const name = String((entry as { name?: unknown } | null)?.name);
        if (allowedTools !== undefined && !allowedTools.includes(name)) continue;
        try {
          const info = readTool(entry);
          if (infos.has(info.name)) throw new TypeError("expected one tool of a name, found a second one");
          infos.set(info.name, info);
        } catch (error) {
          this.#emit(unusableTool(this.server, name.slice(0, 100), error));
        }
      }
      for (const name of allowedTools ?? []) {
        if (!infos.has(name)) {
          this.#warn("mcp_tool_missing", `has no tool "${name}" that can be used`, { tool: name });
        }
      }
      this.#infos = [...infos.values()];
      this.#tools = mcpTools(this.server, this.#infos, {
        call: (name, args, options) => this.callTool(name, args, options),
        onWarning: (warning) => this.#emit(warning),
      });
    } catch (error) {
      this.#stale = true;
      throw error;
    }
  }

  /** Hears that a list changed; reads the tools again, so that `tools` are those that there are. */
  #notice(method: string): void {
    const list = /^notifications\/(tools|resources|prompts)\/list_changed$/.exec(method)?.[1] as
      | McpList
      | undefined;
    if (list === undefined) return;
    if (list !== "tools") return this.#options.onListChanged?.(list);
    this.#stale = true;
    if (this.#pause !== undefined) return; // it is read at the end of the pause
    this.#followChange();
  }

  #followChange(): void {
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      if (this.#stale && !this.#closed) this.#followChange();
    }, REFRESH_PAUSE_MS);
    Deno.unrefTimer(this.#pause as unknown as number);
    this.#refresh().then(
      () => this.#options.onListChanged?.("tools"),
      (error) => {
        if (!this.#closed) {
          this.#warn("mcp_list_failed", `has other tools, which cannot be read: ${error.message}`);
        }
      },
    );
  }

  async #checkOutput(info: McpToolInfo | undefined, result: McpToolResult): Promise<void> {
    const { structuredContent, isError } = result;
    if (info?.outputSchema === undefined || structuredContent === undefined || isError) return;
    const checked = await validateSchema<JsonObject>(info.outputSchema, structuredContent)
      .catch(() => ({ value: structuredContent })); // a schema that is none
    if ("value" in checked) return;
    throw new LLLMError(
      `Cannot use the answer of tool "${info.name}" of MCP server "${this.server.label}": expected what its outputSchema ` +
        `says, found: ${describeIssues(checked.issues)}`,
      { code: "mcp_failed", data: { server: this.server.label, tool: info.name } },
    );
  }

  #warn(code: string, what: string, data: Record<string, unknown> = {}): void {
    const { label } = this.server;
    this.#emit({ code, message: `MCP server "${label}" ${what}`, data: { server: label, ...data } });
  }

  #emit(said: Warning): void {
    const warning = redactorOf(this.server).redactJson(said as unknown as JsonValue) as unknown as Warning;
    logger.warn(warning.message, { code: warning.code, ...warning.data });
    const { onWarning } = this.#options;
    emitWarning(warning, onWarning === undefined ? {} : { onWarning });
  }
}

function checkTimeout(timeoutMs: number | undefined, action: string, { label }: McpServer): void {
  if (timeoutMs === undefined || timeoutMs > 0) return;
  throw new RangeError(
    `Cannot ${action} MCP server "${label}": expected timeoutMs above 0, found ${timeoutMs}`,
  );
}

/** What cannot be written is the caller's mistake, and none of the server's session. */
function checkArguments(args: unknown, action: string, { label }: McpServer): void {
  let found = Array.isArray(args) ? "a list" : typeof args;
  if (found === "object" && args !== null) {
    try {
      JSON.stringify(args);
      return;
    } catch (error) {
      found = (error as Error).message.split("\n", 1)[0]!;
    }
  }
  throw new TypeError(
    `Cannot ${action} MCP server "${label}": expected an object that JSON can hold as arguments, found ${found}`,
  );
}
