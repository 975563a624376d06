import { type ContentPart, InvokeCost, type JsonValue, Message, Role } from "../message/mod.ts";
import { barePrompt, isBarePrompt, Prompt } from "../prompt/mod.ts";
import { currentRun, getDefaultResolver, type Resolver } from "../run/mod.ts";
import { History } from "./_history.ts";
import { loadImage } from "./_image.ts";
import { describeMessages, describeTree } from "./_overview.ts";
import { findToolGroups, moveCut } from "./tool_groups.ts";
import { DialogTreeNode, type Relatives } from "./tree_node.ts";

/** Options of the {@linkcode Dialog} constructor. */
export interface DialogOptions {
  /** Whose dialog it is: the agent's name. */
  owner: string;
  /** A name for the dialog in overviews. Default: `""`. */
  sessionName?: string;
  /** Finds prompts by path. Default: the current run's, else the default runtime. */
  runtime?: Resolver;
}

/** Options of everything that puts a message. */
export interface PutOptions {
  /** Who speaks. Default: `"user"`. */
  role?: Role;
  /** The sender. Default: the role. */
  name?: string;
  /** JSON-safe facts about the message. Default: `{}`. */
  metadata?: Record<string, unknown>;
}

/** Options of {@linkcode Dialog.putPrompt}. */
export interface PutPromptOptions extends PutOptions {
  /** Values for the prompt's slots. Default: `{}`. */
  promptArgs?: Record<string, unknown>;
}

/** Options of {@linkcode Dialog.putImage}. */
export interface PutImageOptions extends PutOptions {
  /** A text that goes with the image. Default: none. */
  caption?: string;
}

/** Options of {@linkcode Dialog.fork}: what the fork takes over. Whole numbers from 0. */
export interface ForkOptions {
  /** Keep the newest `lastN` messages, after the first `firstK`. Default: 0, everything. */
  lastN?: number;
  /** Keep the oldest `firstK` messages when `lastN` cuts. Default: 1, the system prompt. */
  firstK?: number;
  /** Keep the oldest `upTo` messages. Default: all. Excludes `lastN`. */
  upTo?: number;
  /** Whether the parent lists the fork among its children. Default: true. */
  tracked?: boolean;
}

/** Options of {@linkcode Dialog.overview}. */
export interface OverviewOptions {
  /** Characters after which a message is cut. Default: 100. */
  maxLength?: number;
  /** Leave the last message out. Default: false. */
  removeTail?: boolean;
}

/**
 * One agent's message history. It only grows: messages are frozen, and a fork shares them with its parent instead of
 * copying, so that it costs the same whatever the length.
 *
 * A cut (`lastN`, `upTo`) never separates a call of a tool from its results: it moves outwards and keeps more.
 *
 * @example
 * ```ts
 * import { Dialog } from "@lllm/lllm/dialog";
 * import assert from "node:assert/strict";
 *
 * const dialog = new Dialog({ owner: "writer" });
 * dialog.putText("You write haiku.", { role: "system" });
 * const fork = dialog.fork();
 * fork.putText("About rain.");
 * assert.equal(dialog.messages.length, 1); // the parent is as it was
 * assert.equal(fork.parent, dialog);
 * ```
 */
export class Dialog {
  /** Whose dialog it is. */
  readonly owner: string;
  /** A name for the dialog in overviews. */
  readonly sessionName: string;
  /** The dialog that this one was forked from, or null. */
  readonly parent: Dialog | null;
  /** Number of forks between the root and this dialog. */
  readonly depth: number;
  /** The prompt that was put last: the contract of the next turn follows from it. A bare one after a text or image. */
  topPrompt: Prompt | null = null;
  readonly #resolver: Resolver | undefined;
  readonly #history: History;
  readonly #origin: Origin;
  #dialogId: string | undefined;
  #treeNode: DialogTreeNode | undefined;
  #children: WeakRef<Dialog>[] = [];
  #pruneAt = LEAST_PRUNED;

  /**
   * Creates an empty dialog.
   *
   * @throws {TypeError} when `owner` is no text.
   */
  constructor(options: DialogOptions) {
    if (typeof options?.owner !== "string") {
      throw new TypeError(`Cannot create a dialog: expected an owner's name, found ${typeof options?.owner}`);
    }
    const origin = (options as InternalOptions)[ORIGIN] ?? { ...ROOT, history: History.of() };
    this.owner = options.owner;
    this.sessionName = options.sessionName ?? "";
    this.#resolver = options.runtime;
    this.#history = origin.history;
    this.#origin = origin;
    this.#dialogId = origin.dialogId;
    this.parent = origin.parent;
    this.depth = this.parent === null ? origin.depth ?? 0 : this.parent.depth + 1;
  }

  /** Unique id. */
  get dialogId(): string {
    return this.#dialogId ??= crypto.randomUUID();
  }

  /** Where the dialog stands in its tree of forks. */
  get treeNode(): DialogTreeNode {
    return this.#treeNode ??= new DialogTreeNode(this, this.#origin);
  }

  /** The messages so far, oldest first; frozen, and not changed by later appends. */
  get messages(): readonly Message[] {
    return this.#history.view();
  }

  /** The first message. */
  get head(): Message | undefined {
    return this.#history.at(0);
  }

  /** The last message. */
  get tail(): Message | undefined {
    return this.#history.at(-1);
  }

  /** What the messages cost, those that a fork took over included. */
  get cost(): InvokeCost {
    return InvokeCost.sum(this.messages.map((message) => message.cost));
  }

  /** The forks of this dialog that are still in use. A parent does not keep its forks alive. */
  get children(): Dialog[] {
    this.#children = this.#children.filter((child) => child.deref() !== undefined);
    return this.#children.map((child) => child.deref()!).filter((child) => child !== undefined);
  }

  /**
   * Renders a prompt, appends it as a message, and makes it the top prompt.
   *
   * @throws {LLLMError} `missing_prompt_args`, when a slot has no value; `resource_not_found`, when a path does not resolve.
   * @throws {TypeError} when it is no prompt.
   */
  putPrompt(prompt: Prompt | string, options: PutPromptOptions = {}): Message {
    const resolved = typeof prompt === "string" ? this.#resolve(prompt) : prompt;
    if (!Prompt.isInstance(resolved)) {
      throw new TypeError(`Cannot put prompt: expected a Prompt or its path, found ${kindOf(resolved)}`);
    }
    const content = resolved.render(options.promptArgs);
    return this.#put(content, resolved, options);
  }

  /**
   * Appends a text; the contract of the next turn is that of the agent's system prompt.
   *
   * @throws {TypeError} when it is no text.
   */
  putText(text: string, options: PutOptions = {}): Message {
    if (typeof text !== "string") {
      throw new TypeError(`Cannot put text: expected a text, found ${kindOf(text)}`);
    }
    return this.#put(text, barePrompt(text), options);
  }

  /**
   * Appends an image; the contract of the next turn is that of the agent's system prompt.
   *
   * @param image A path, a `file:` or `data:` URL, base64, or bytes, of a PNG, JPEG, GIF or WebP.
   * @throws {TypeError} when it is no such image, whatever its name says.
   */
  async putImage(image: string | URL | Uint8Array, options: PutImageOptions = {}): Promise<Message> {
    const part = await loadImage(image);
    const content: ContentPart[] = options.caption === undefined
      ? [part]
      : [{ type: "text", text: options.caption }, part];
    return this.#put(content, barePrompt(options.caption ?? ""), options);
  }

  /**
   * Appends a message: returns the stored copy, with this dialog's id in its metadata.
   *
   * @throws {TypeError} when it is no message.
   */
  append(message: Message): Message {
    if (!Message.isInstance(message)) {
      throw new TypeError(`Cannot append to the dialog: expected a Message, found ${kindOf(message)}`);
    }
    const stored = message.with({ metadata: { ...message.metadata, dialogId: this.dialogId } });
    this.#history.append(stored);
    return stored;
  }

  /**
   * Starts a dialog from this one's messages. Without a cut its cost does not grow with the history.
   *
   * @throws {RangeError} when a number is negative or no integer, or `upTo` comes with `lastN`.
   */
  fork(options: ForkOptions = {}): Dialog {
    const { lastN = 0, firstK = 1, upTo, tracked = true } = options;
    checkFork({ lastN, firstK, upTo });
    const child = this.#child(this.#cut(lastN, firstK, upTo), { lastN, firstK });
    if (tracked) this.#addChild(child);
    return child;
  }

  /**
   * Starts a dialog from chosen messages, most of them this one's: what a context manager makes. The parent does not list
   * it among its children.
   */
  forkWith(messages: readonly Message[]): Dialog {
    return this.#child(History.of(messages), { lastN: 0, firstK: 1 });
  }

  /** Describes the messages in a line each. */
  overview(options: OverviewOptions = {}): string {
    const { maxLength = 100, removeTail = false } = options;
    return describeMessages(removeTail ? this.messages.slice(0, -1) : this.messages, maxLength);
  }

  /** Describes this dialog and its forks in a line each. */
  treeOverview(): string {
    return describeTree(this);
  }

  /** Gives the dialog as plain data; the top prompt as its path. */
  toJSON(): Record<string, JsonValue> {
    return {
      owner: this.owner,
      sessionName: this.sessionName,
      topPrompt: this.topPrompt === null || isBarePrompt(this.topPrompt) ? null : this.topPrompt.path,
      messages: this.messages.map((message) => message.toJSON()),
      ...this.treeNode.toJSON(),
      depth: this.depth,
    };
  }

  /**
   * Makes a dialog of what {@linkcode Dialog.toJSON} gave. Of the dialogs around it only the ids are known, `parent` is
   * null; its top prompt is looked up by path, where there is a resolver that has it.
   */
  static fromJSON(data: unknown, options: { runtime?: Resolver } = {}): Dialog {
    const fields = data as {
      owner: string;
      sessionName?: string;
      topPrompt?: string | null;
      messages: unknown[];
    };
    if (typeof fields?.owner !== "string" || !Array.isArray(fields.messages)) {
      throw new TypeError("Cannot read a dialog: expected an object with owner and messages");
    }
    const history = History.of(fields.messages.map(Message.fromJSON));
    const dialog = new Dialog({
      owner: fields.owner,
      sessionName: fields.sessionName ?? "",
      ...(options.runtime === undefined ? {} : { runtime: options.runtime }),
      [ORIGIN]: {
        ...ROOT,
        ...readOrigin(data as Record<string, unknown>),
        history,
      },
    } as InternalOptions);
    const path = fields.topPrompt;
    const resolver = dialog.#findResolver();
    if (typeof path === "string" && resolver?.has(path, "prompt")) {
      dialog.topPrompt = resolver.get(path, "prompt") as Prompt;
    }
    return dialog;
  }

  #child(history: History, fork: { lastN: number; firstK: number }): Dialog {
    const child = new Dialog({
      owner: this.owner,
      sessionName: this.sessionName,
      ...(this.#resolver === undefined ? {} : { runtime: this.#resolver }),
      [ORIGIN]: { parent: this, history, splitPoint: history.length, ...fork },
    } as InternalOptions);
    child.topPrompt = this.topPrompt;
    return child;
  }

  #put(content: string | ContentPart[], prompt: Prompt, options: PutOptions): Message {
    const { role = Role.USER, name, metadata } = options;
    const message = new Message({
      role,
      content,
      modality: typeof content === "string" ? "text" : "image",
      metadata: { ...metadata, dialogId: this.dialogId },
      ...(name === undefined ? {} : { name }),
    });
    this.#history.append(message);
    this.topPrompt = prompt;
    return message;
  }

  #cut(lastN: number, firstK: number, upTo: number | undefined): History {
    const length = this.#history.length;
    if (upTo !== undefined) {
      if (upTo >= length) return this.#history.branch();
      return History.of(this.messages.slice(0, moveCut(upTo, findToolGroups(this.messages), "end")));
    }
    if (lastN === 0 || firstK + lastN >= length) return this.#history.branch();
    const groups = findToolGroups(this.messages);
    const headEnd = moveCut(firstK, groups, "end");
    const tailStart = moveCut(length - lastN, groups, "start");
    if (headEnd >= tailStart) return this.#history.branch();
    return History.of([...this.messages.slice(0, headEnd), ...this.messages.slice(tailStart)]);
  }

  /** Lists a fork without keeping it alive; entries of forks that are gone are dropped now and then. */
  #addChild(child: Dialog): void {
    if (this.#children.length >= this.#pruneAt) {
      this.#children = this.#children.filter((ref) => ref.deref() !== undefined);
      this.#pruneAt = Math.max(LEAST_PRUNED, this.#children.length * 4);
    }
    this.#children.push(new WeakRef(child));
  }

  #findResolver(): Resolver | undefined {
    return this.#resolver ?? currentRun()?.resolver ?? getDefaultResolver();
  }

  #resolve(path: string): Prompt {
    const resolver = this.#findResolver();
    if (resolver === undefined) {
      throw new TypeError(`Cannot put prompt "${path}": expected a runtime to find it in, found none`);
    }
    return resolver.get(path, "prompt") as Prompt;
  }
}

function kindOf(value: unknown): string {
  return value === null ? "null" : typeof value === "object" ? "another object" : typeof value;
}

const ORIGIN = Symbol("origin");

/** Entries of forks that are gone are only looked for in a list of this length: each look costs as much as a fork. */
const LEAST_PRUNED = 256;

/** How a fork hands its origin to the constructor. */
interface InternalOptions extends DialogOptions {
  [ORIGIN]?: Origin;
}

/** Where a dialog's first messages come from. */
interface Origin {
  readonly parent: Dialog | null;
  readonly history: History;
  readonly splitPoint: number;
  readonly lastN: number;
  readonly firstK: number;
  readonly dialogId?: string;
  /** Of a dialog that was read from data: its depth, and the ids of those around it. */
  readonly depth?: number;
  readonly relatives?: Relatives;
}

const ROOT = { parent: null, splitPoint: 0, lastN: 0, firstK: 1 } as const;

/** Reads what {@linkcode Dialog.toJSON} says of a dialog's place in its tree. */
function readOrigin(data: Record<string, unknown>): Partial<Origin> {
  const { dialogId, parentId, childrenIds } = data;
  const counts = ["splitPoint", "lastN", "firstK", "depth"].filter((key) => Number.isInteger(data[key]));
  return {
    ...Object.fromEntries(counts.map((key) => [key, data[key]])),
    ...(typeof dialogId === "string" ? { dialogId } : {}),
    relatives: {
      parentId: typeof parentId === "string" ? parentId : null,
      childrenIds: Array.isArray(childrenIds) ? childrenIds.map(String) : [],
    },
  };
}

function checkFork(options: { lastN: number; firstK: number; upTo: number | undefined }): void {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && !(Number.isInteger(value) && value >= 0)) {
      throw new RangeError(`Cannot fork: expected ${name} to be a whole number from 0, found ${value}`);
    }
  }
  if (options.upTo !== undefined && options.lastN > 0) {
    throw new RangeError("Cannot fork: expected upTo or lastN, found both");
  }
}
