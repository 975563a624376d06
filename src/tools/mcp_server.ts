import { freezeCopy, type JsonValue, Redactor } from "../util/mod.ts";
import { mcpSecrets } from "./mcp_secrets.ts";

const BRAND = Symbol.for("lllm.McpServer");

/** When a call of a server's tool must be approved. */
export type McpApproval = "always" | "never" | "manual" | "auto";

/** All calls of a server's tools must be approved, but for those of the tools that are named. */
export interface McpApprovalFilter {
  /** The tools whose calls need no approval. */
  readonly never: readonly string[];
}

/** A parameter of an address that is a key by its name. */
const KEY_IN_URL =
  /([?&][^=&#]*(?:key|token|secret|pass|auth|sig)[^=&#]*=)[^&#]*|(?<=:\/\/[^/@]*:)[^/@]*(?=@)/gi;

const APPROVALS: readonly McpApproval[] = ["always", "never", "manual", "auto"];

/** The fields of an {@linkcode McpServer}: exactly one of `url` and `command`. */
export interface McpServerInit {
  /** The name of the server within a prompt. */
  label: string;
  /** Where a server listens, over HTTP. */
  url?: string;
  /** The program that is the server, over stdin and stdout. */
  command?: string;
  /** The program's arguments. Default: `[]`. */
  args?: readonly string[];
  /** The program's environment variables. Default: `{}`. */
  env?: Readonly<Record<string, string>>;
  /** The tools that may be used. Default: all. */
  allowedTools?: readonly string[];
  /** When a call must be approved: one word for all tools, or the tools whose calls need no approval. */
  requireApproval: McpApproval | McpApprovalFilter;
  /** HTTP headers, such as an authorization. Default: `{}`. */
  headers?: Readonly<Record<string, string>>;
  /**
   * Whether the provider may use the server in place of this program: only with `url`, and only agents that speak Responses ask for
   * it. Default: true.
   */
  hosted?: boolean;
  /** Whether images in answers are shown to the model; a model that takes texts alone needs `false`, and gets notes. Default: true. */
  showImages?: boolean;
}

/**
 * Describes a server of the Model Context Protocol whose tools a prompt may use. It is data; nothing is started.
 *
 * @example
 * ```ts
 * import { McpServer } from "@lllm/lllm/tools";
 *
 * const files = new McpServer({ label: "files", command: "files-server", args: ["."], requireApproval: "always" });
 * console.log(files.label, files.url); // "files" undefined
 * ```
 */
export class McpServer {
  /** The name of the server within a prompt. */
  readonly label: string;
  /** Where the server listens, or `undefined`. */
  readonly url: string | undefined;
  /** The program that is the server, or `undefined`. */
  readonly command: string | undefined;
  /** The program's arguments. */
  readonly args: readonly string[];
  /** The program's environment variables. */
  readonly env: Readonly<Record<string, string>>;
  /** The tools that may be used, or `undefined` for all. */
  readonly allowedTools: readonly string[] | undefined;
  /** When a call must be approved. */
  readonly requireApproval: McpApproval | McpApprovalFilter;
  /** HTTP headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the provider of a Responses interface uses the server in place of this program. */
  readonly hosted: boolean;
  /** Whether images in answers are shown to the model. */
  readonly showImages: boolean;

  /**
   * Creates a description from one record of its fields.
   *
   * @throws {TypeError} when there is no label, not exactly one of `url` and `command`, or no known `requireApproval`
   */
  constructor(init: McpServerInit) {
    const action = `Cannot create MCP server "${init.label}"`;
    if (typeof init.label !== "string" || init.label === "") {
      throw new TypeError(`${action}: expected a label, found ${JSON.stringify(init.label)}`);
    }
    if ((init.url === undefined) === (init.command === undefined)) {
      const found = init.url === undefined ? "neither" : "both";
      throw new TypeError(`${action}: expected exactly one of url and command, found ${found}`);
    }
    if (!isApproval(init.requireApproval)) {
      const expected = [...APPROVALS.map((name) => `"${name}"`), "{ never: [tools] }"].join(", ");
      const found = JSON.stringify(init.requireApproval);
      throw new TypeError(`${action}: expected requireApproval to be one of ${expected}, found ${found}`);
    }
    this.label = init.label;
    this.url = init.url;
    this.command = init.command;
    this.args = freezeCopy(init.args ?? []);
    this.env = freezeCopy(init.env ?? {});
    this.allowedTools = freezeCopy(init.allowedTools);
    this.requireApproval = freezeCopy(init.requireApproval);
    this.headers = freezeCopy(init.headers ?? {});
    this.hosted = init.url !== undefined && (init.hosted ?? true);
    this.showImages = init.showImages ?? true;
    Object.defineProperty(this, BRAND, { value: true });
    Object.freeze(this);
  }

  static {
    // What is printed has no values that may be keys.
    const show = function (
      this: McpServer,
      inspect: (value: unknown, options?: unknown) => string,
      options: unknown,
    ) {
      const hidden = (values: Readonly<Record<string, string>>) =>
        Object.fromEntries(Object.keys(values).map((name) => [name, "[hidden]"]));
      const shown = { ...this.toJSON(), headers: hidden(this.headers), env: hidden(this.env) };
      return `McpServer ${inspect(shown, options)}`;
    };
    Object.defineProperty(McpServer.prototype, Symbol.for("Deno.customInspect"), { value: show });
    const showInNode = function (
      this: McpServer,
      _depth: number,
      options: unknown,
      inspect: typeof Deno.inspect,
    ) {
      return show.call(this, inspect as never, options);
    };
    Object.defineProperty(McpServer.prototype, Symbol.for("nodejs.util.inspect.custom"), {
      value: showInNode,
    });
  }

  /** Tells whether `x` describes an MCP server, of this or another copy of the library. */
  static isInstance(x: unknown): x is McpServer {
    return typeof x === "object" && x !== null && (x as Record<symbol, unknown>)[BRAND] === true;
  }

  /** Gives the fields as plain data, without secrets: no `env`, no `headers`, and no keys in `url` and `args`. */
  toJSON(): Record<string, JsonValue> {
    const { label, command, args, allowedTools, requireApproval, hosted, showImages } = this;
    const url = this.url?.replace(KEY_IN_URL, (_all, name = "") => `${name}[hidden]`);
    const fields = {
      label,
      ...(url === undefined ? {} : { url, ...(hosted ? {} : { hosted }) }),
      ...(command === undefined ? {} : { command, args }),
      ...(allowedTools === undefined ? {} : { allowedTools }),
      requireApproval: requireApproval as JsonValue,
      ...(showImages ? {} : { showImages }),
    };
    return new Redactor(mcpSecrets(this), Infinity).redactJson(fields) as Record<string, JsonValue>;
  }
}

/** Tells whether a call of a server's tool must be approved. */
export function needsMcpApproval({ requireApproval }: McpServer, toolName: string): boolean {
  return typeof requireApproval === "string"
    ? requireApproval === "always" || requireApproval === "manual"
    : !requireApproval.never.includes(toolName);
}

/** A misspelt word must not count as one that asks for less. */
function isApproval(value: unknown): value is McpApproval | McpApprovalFilter {
  if (typeof value === "string") return (APPROVALS as readonly string[]).includes(value);
  if (typeof value !== "object" || value === null || Object.keys(value).join() !== "never") return false;
  const { never } = value as { never: unknown };
  return Array.isArray(never) && never.every((name) => typeof name === "string");
}
