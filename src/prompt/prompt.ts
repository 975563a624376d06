import { LLLMError } from "../errors.ts";
import type { AgentCallSession } from "../session/mod.ts";
import { FunctionTool, McpServer, type ToolFunction } from "../tools/mod.ts";
import {
  freezeCopy,
  isPlainObject,
  type JsonSchema,
  nearest,
  type SchemaInput,
  type SchemaResult,
  sha256Hex,
  stripOptionalNulls,
  toObjectSchema,
  validateSchema,
} from "../util/mod.ts";
import { compileTemplate, missingArgs } from "./_template.ts";
import { DefaultHandler } from "./default_handler.ts";
import type { Handler } from "./handler.ts";
import type { Parser } from "./parser.ts";
import { type Renderer, slotRenderer } from "./renderer.ts";

const BRAND = Symbol.for("lllm.Prompt");

/** The fields of a {@linkcode Prompt}; only `path` and `prompt` are required. */
export interface PromptInit {
  /** The prompt's name, part of its resource key. */
  path: string;
  /** The template. */
  prompt: string;
  /** Reads the reply. Default: none; the reply is `{ raw }`. Excludes `format`. */
  parser?: Parser | undefined;
  /** What the reply must be, as structured output: a schema with an object at its root. Excludes `parser`. */
  format?: SchemaInput<unknown> | undefined;
  /** The tools that the model may call. Default: `[]`. */
  functions?: Iterable<FunctionTool> | undefined;
  /** Servers of more tools. Default: `[]`. */
  mcpServers?: Iterable<McpServer> | undefined;
  /** Abilities of a provider, such as `web_search`. Default: `{}`. */
  addonArgs?: Readonly<Record<string, unknown>> | undefined;
  /** Writes what the model is told between its replies. Default: a {@linkcode DefaultHandler}. */
  handler?: Handler | undefined;
  /** Fills the template. Default: {@linkcode slotRenderer}. */
  renderer?: Renderer | undefined;
  /** JSON-safe facts about the prompt. Default: `{}`. */
  metadata?: Readonly<Record<string, unknown>> | undefined;
}

/** What {@linkcode Prompt.extend} takes: a path, and what is to be different. */
export type PromptOverrides = Partial<PromptInit> & { path: string };

/** What {@linkcode Prompt.infoDict} gives; JSON-safe. */
export interface PromptInfo {
  /** The prompt's name. */
  path: string;
  /** The first 12 hexadecimal digits of the SHA-256 of the template. */
  promptHash: string;
  /** Facts about the prompt. */
  metadata: Readonly<Record<string, unknown>>;
  /** The names of the tools. */
  functions: string[];
  /** The labels of the servers. */
  mcpServers: string[];
  /** Abilities of a provider. */
  addonArgs: Readonly<Record<string, unknown>>;
  /** Whether there is a parser. */
  hasParser: boolean;
  /** Whether there is a format. */
  hasFormat: boolean;
}

const DEFAULT_HANDLER = new DefaultHandler();

/**
 * The function that a model call is: a template with slots, how the reply is read (a parser or a format), the tools
 * that may be called, and what is said about errors and results.
 *
 * Recognise it by {@linkcode Prompt.isInstance}, not by `instanceof`: two copies of the library can meet.
 *
 * @example
 * ```ts
 * import { Prompt } from "@lllm/lllm/prompt";
 * import assert from "node:assert/strict";
 *
 * const prompt = new Prompt({ path: "brief", prompt: 'Write about {topic} as {"title": "…"}.' });
 * assert.equal(prompt.render({ topic: "rain" }), 'Write about rain as {"title": "…"}.');
 * assert.deepEqual(prompt.validateArgs({}), ["topic"]);
 * ```
 */
export class Prompt {
  /** The prompt's name, part of its resource key. */
  readonly path: string;
  /** The template. */
  readonly prompt: string;
  /** Reads the reply, or null. */
  readonly parser: Parser | null;
  /** The schema of the reply, as it was given, or null. */
  readonly format: SchemaInput<unknown> | null;
  /** The JSON Schema of `format`, or null. */
  readonly formatSchema: JsonSchema | null;
  /** The tools that the model may call, by name. */
  readonly functions: Map<string, FunctionTool>;
  /** Servers of more tools, by label. */
  readonly mcpServers: Map<string, McpServer>;
  /** Abilities of a provider, such as `web_search`. */
  readonly addonArgs: Readonly<Record<string, unknown>>;
  /** Writes what the model is told between its replies. */
  readonly handler: Handler;
  /** Fills the template. */
  readonly renderer: Renderer;
  /** Facts about the prompt. */
  readonly metadata: Readonly<Record<string, unknown>>;
  #hash: string | undefined;
  #base: Prompt = this;

  /**
   * Creates a prompt from one record of its fields.
   *
   * @throws {TypeError} when path or template are no text, `format` is no object schema with a JSON Schema or comes with
   * a parser, a parser, handler, renderer, tool or server is none, or two tools have one name
   */
  constructor(init: PromptInit) {
    const action = `Cannot create prompt "${init.path}"`;
    if (typeof init.path !== "string") {
      throw new TypeError(`${action}: expected a path, found ${typeof init.path}`);
    }
    if (typeof init.prompt !== "string") {
      throw new TypeError(`${action}: expected a template in prompt, found ${typeof init.prompt}`);
    }
    if (init.format != null && init.parser != null) {
      throw new TypeError(`${action}: expected either parser or format, found both`);
    }
    checkPart("parser", init.parser, action);
    checkPart("renderer", init.renderer, action);
    checkPart("handler", init.handler, action);
    this.path = init.path;
    this.prompt = init.prompt;
    this.parser = init.parser ?? null;
    this.format = init.format ?? null;
    this.formatSchema = this.format === null ? null : toObjectSchema(this.format, action);
    this.functions = byName(
      init.functions ?? [],
      (tool) => {
        if (FunctionTool.isInstance(tool)) return tool.name;
        throw new TypeError(`${action}: expected tools in functions, found ${typeof tool}`);
      },
      `${action}: expected tools of different names`,
    );
    this.mcpServers = byName(
      init.mcpServers ?? [],
      (server) => {
        if (McpServer.isInstance(server)) return server.label;
        throw new TypeError(`${action}: expected an McpServer in mcpServers, found ${typeof server}`);
      },
      `${action}: expected different labels`,
    );
    this.addonArgs = freezeCopy(init.addonArgs ?? EMPTY);
    this.handler = init.handler ?? DEFAULT_HANDLER;
    this.renderer = init.renderer ?? slotRenderer;
    this.metadata = freezeCopy(init.metadata ?? EMPTY);
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** Tells whether `x` is a prompt, of this or another copy of the library. */
  static isInstance(x: unknown): x is Prompt {
    return typeof x === "object" && x !== null && (x as Record<symbol, unknown>)[BRAND] === true;
  }

  /** The names of the arguments that the template's slots need. */
  get templateVars(): ReadonlySet<string> {
    return compileTemplate(this.prompt).names;
  }

  /** Whether the model may search the web (`addonArgs.web_search`). */
  get allowWebSearch(): boolean {
    return Boolean(this.addonArgs.web_search);
  }

  /** How the model may use a computer (`addonArgs.computer_use`); empty if it may not. */
  get computerUseConfig(): Record<string, unknown> {
    const config = this.addonArgs.computer_use;
    return isPlainObject(config) ? config : {};
  }

  /**
   * Fills the template. Arguments that no slot needs are ignored.
   *
   * @throws {LLLMError} `missing_prompt_args`, listing what is missing
   * @throws {TypeError} when a slot has a format (`{x:.2f}`)
   */
  render(args: Readonly<Record<string, unknown>> = {}): string {
    try {
      return this.renderer.render(this.prompt, args);
    } catch (error) {
      throw this.#named(error);
    }
  }

  /** Lists what the template needs and `args` does not have. */
  validateArgs(args: Readonly<Record<string, unknown>>): string[] {
    return missingArgs(compileTemplate(this.prompt), args);
  }

  /**
   * Reads a reply with the parser, and gives what that gives; without one it is `{ raw: text }`.
   *
   * @throws {ParseError} when the reply is not as the parser demands
   * @throws {TypeError} when the parser gives no record: a promise, a text, nothing
   */
  parse(text: string, args: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
    if (this.parser === null) return { raw: text };
    const parsed: unknown = this.parser.parse(text, args);
    if (isRecord(parsed)) return parsed;
    const found = parsed instanceof Promise ? "a promise" : Array.isArray(parsed) ? "a list" : String(parsed);
    throw new TypeError(
      `Cannot parse a reply to prompt "${this.path}": expected a record from its parser, found ${found}`,
    );
  }

  /**
   * Checks a reply that was decoded against `format`. A `null` for an optional key counts as left out.
   *
   * @throws {TypeError} when there is no format
   */
  async validateFormat(value: unknown): Promise<SchemaResult<unknown>> {
    if (this.format === null) {
      throw new TypeError(`Cannot validate a reply to prompt "${this.path}": expected a format`);
    }
    return await validateSchema(this.format, stripOptionalNulls(this.format, value));
  }

  /**
   * Makes a prompt that shares everything with this one but what `overrides` says; `undefined` there means the default.
   *
   * @throws {TypeError} when there is no new path
   */
  extend(overrides: PromptOverrides): Prompt {
    if (typeof overrides?.path !== "string") {
      throw new TypeError(`Cannot extend prompt "${this.path}": expected a new path, found none`);
    }
    const extended = new Prompt({
      prompt: this.prompt,
      parser: this.parser ?? undefined,
      format: this.format ?? undefined,
      functions: this.functions.values(),
      mcpServers: this.mcpServers.values(),
      addonArgs: this.addonArgs,
      handler: this.handler,
      renderer: this.renderer,
      metadata: this.metadata,
      ...overrides,
    });
    extended.#base = this.#base;
    return extended;
  }

  /** The prompt that this one was extended from, in the end; itself, if it was not. Its package is this one's too. */
  get base(): Prompt {
    return this.#base;
  }

  /**
   * Puts code behind one of the tools.
   *
   * @throws {TypeError} when no tool has this name
   */
  linkFunction<T>(name: string, code: ToolFunction<T> | FunctionTool): void {
    this.getFunction(name).link(code);
  }

  /**
   * Gives a tool by its name.
   *
   * @throws {TypeError} when no tool has this name
   */
  getFunction(name: string): FunctionTool {
    const found = this.functions.get(name);
    if (found !== undefined) return found;
    const known = [...this.functions.keys()];
    const near = nearest(name, known, 1)[0];
    const hint = near === undefined ? "" : `; did you mean "${near}"?`;
    const expected = known.length === 0 ? "no tools" : `one of ${known.map((key) => `"${key}"`).join(", ")}`;
    throw new TypeError(`Cannot find tool "${name}" in prompt "${this.path}": expected ${expected}${hint}`);
  }

  /**
   * Adds a server, in place of one with the same label.
   *
   * @throws {TypeError} when it is none
   */
  registerMcpServer(server: McpServer): void {
    if (!McpServer.isInstance(server)) {
      throw new TypeError(
        `Cannot register a server in prompt "${this.path}": expected an McpServer, found ${typeof server}`,
      );
    }
    this.mcpServers.set(server.label, server);
  }

  /** Gives the prompt that asks for a repair. */
  onException(session: AgentCallSession): Prompt {
    return this.handler.onException(this, session);
  }

  /** Gives the prompt that tells the results of tool calls. */
  onInterrupt(session: AgentCallSession): Prompt {
    return this.handler.onInterrupt(this, session);
  }

  /** Gives the prompt that asks for a final answer. */
  onInterruptFinal(session: AgentCallSession): Prompt {
    return this.handler.onInterruptFinal(this, session);
  }

  /** Describes the prompt, for records and comparisons. */
  infoDict(): PromptInfo {
    this.#hash ??= hashTemplate(this.prompt);
    return {
      addonArgs: this.addonArgs,
      functions: [...this.functions.keys()],
      hasFormat: this.format !== null,
      hasParser: this.parser !== null,
      mcpServers: [...this.mcpServers.keys()],
      metadata: this.metadata,
      path: this.path,
      promptHash: this.#hash,
    };
  }

  /** Names the prompt in an error of the renderer. */
  #named(error: unknown): unknown {
    if (LLLMError.isInstance(error) && error.code === "missing_prompt_args") {
      const message = error.message.replace(/^Cannot render prompt/, `Cannot render prompt "${this.path}"`);
      return new LLLMError(message, {
        code: error.code,
        data: { ...error.data, path: this.path },
        cause: error,
      });
    }
    if (!(error instanceof TypeError)) return error;
    return new TypeError(`Cannot render prompt "${this.path}": ${error.message}`, { cause: error });
  }
}

const EMPTY: Readonly<Record<string, unknown>> = freezeCopy({});

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Promise);
}

/** The methods of what a prompt is made of. */
const METHODS = {
  parser: ["parse"],
  renderer: ["render"],
  handler: ["onException", "onInterrupt", "onInterruptFinal"],
} as const;

function checkPart(name: keyof typeof METHODS, part: unknown, action: string): void {
  if (part === undefined || part === null) return;
  for (const method of METHODS[name]) {
    if (typeof (part as Record<string, unknown>)[method] === "function") continue;
    throw new TypeError(`${action}: expected a ${name} with a method ${method}, found none`);
  }
}

function byName<T>(items: Iterable<T>, nameOf: (item: T) => string, expected: string): Map<string, T> {
  const map = new Map<string, T>();
  for (const item of items) {
    const name = nameOf(item);
    if (map.has(name)) throw new TypeError(`${expected}, found "${name}" twice`);
    map.set(name, item);
  }
  return map;
}

const hashes = new Map<string, string>();

/** Prompts are made anew for each run, of the same few templates. */
function hashTemplate(template: string): string {
  let hash = hashes.get(template);
  if (hash === undefined) {
    hash = sha256Hex(template).slice(0, 12);
    if (hashes.size >= 500) hashes.clear();
    hashes.set(template, hash);
  }
  return hash;
}
