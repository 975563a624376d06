import type { JsonObject, JsonSchema, JsonValue } from "../util/mod.ts";

/** What a server says that a tool does; hints, not promises. */
export interface McpToolAnnotations {
  /** A readable name. */
  readonly title?: string;
  /** The tool changes nothing. */
  readonly readOnlyHint?: boolean;
  /** The tool may destroy something. */
  readonly destructiveHint?: boolean;
  /** A second identical call changes nothing more. */
  readonly idempotentHint?: boolean;
  /** The tool deals with the world outside the server. */
  readonly openWorldHint?: boolean;
}

/** A tool as a server lists it: JSON-safe. */
export interface McpToolInfo {
  /** The name in calls. */
  readonly name: string;
  /** A readable name. */
  readonly title?: string;
  /** What it does, for a model. */
  readonly description?: string;
  /** The arguments: an object schema that can be used, whatever the server sent. */
  readonly inputSchema: JsonSchema;
  /** What `structuredContent` looks like. */
  readonly outputSchema?: JsonSchema;
  /** What the server says that it does. */
  readonly annotations?: McpToolAnnotations;
}

/** What a call of a tool gave: JSON-safe. */
export interface McpToolResult {
  /** Whether the tool failed; `text` says why. */
  readonly isError: boolean;
  /** What a model reads: the texts, and a note in place of each image, sound and file. */
  readonly text: string;
  /** The images. */
  readonly images: readonly McpImage[];
  /** The answer as data, where the tool gives data. */
  readonly structuredContent?: JsonObject;
  /** What a program wants of it: the data, where the tool gives data; its text, where it gives text alone; else the parts. */
  readonly value: JsonValue;
  /** Every part of the answer, as the server sent it. */
  readonly content: readonly JsonObject[];
}

/** An image in an answer. */
export interface McpImage {
  /** Such as `image/png`. */
  readonly mediaType: string;
  /** The bytes, in base64. */
  readonly data: string;
}

/** How far a call has come. */
export interface McpProgress {
  /** How much is done; grows. */
  readonly progress: number;
  /** How much there is, where that is known. */
  readonly total?: number;
  /** What is being done. */
  readonly message?: string;
}

/** What a server says of itself. */
export interface McpServerInfo {
  /** Its name. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** How to use it, for a model. */
  readonly instructions?: string;
  /** What it can do: `tools`, `resources`, `prompts`, … */
  readonly capabilities: JsonObject;
}

/** Something that a server lets its clients read. */
export interface McpResource {
  /** Its address. */
  readonly uri: string;
  /** Its name. */
  readonly name: string;
  /** A readable name. */
  readonly title?: string;
  /** What it holds. */
  readonly description?: string;
  /** The type of its content. */
  readonly mimeType?: string;
  /** Bytes, where that is known. */
  readonly size?: number;
}

/** A family of resources: addresses with slots. */
export interface McpResourceTemplate {
  /** The address, with slots in braces (RFC 6570). */
  readonly uriTemplate: string;
  /** Its name. */
  readonly name: string;
  /** A readable name. */
  readonly title?: string;
  /** What the resources hold. */
  readonly description?: string;
  /** The type of their content. */
  readonly mimeType?: string;
}

/** What a resource holds: a text, or bytes in base64. */
export interface McpResourceContent {
  /** The address. */
  readonly uri: string;
  /** The type. */
  readonly mimeType?: string;
  /** The text. */
  readonly text?: string;
  /** The bytes, in base64. */
  readonly blob?: string;
}

/** A prompt that a server offers. */
export interface McpPrompt {
  /** Its name. */
  readonly name: string;
  /** A readable name. */
  readonly title?: string;
  /** What it is for. */
  readonly description?: string;
  /** Its arguments: texts. */
  readonly arguments: readonly {
    /** The name. */
    readonly name: string;
    /** What it means. */
    readonly description?: string;
    /** Whether it must be given. */
    readonly required?: boolean;
  }[];
}

/** A prompt with its arguments filled in. */
export interface McpPromptMessages {
  /** What it is for. */
  readonly description?: string;
  /** The messages. */
  readonly messages: readonly {
    /** Who speaks. */
    readonly role: "user" | "assistant";
    /** The part: `{ type: "text", text }` and others. */
    readonly content: JsonValue;
  }[];
}

/** A list of a server that can change. */
export type McpList = "tools" | "resources" | "prompts";

/** How a server is reached: its process, streamable HTTP, or the older HTTP with a stream of events. */
export type McpTransport = "stdio" | "http" | "sse";
