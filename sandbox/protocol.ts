/**
 * What host and guest say to each other over the guest's standard input and output.
 *
 * Host to guest: `u32 length | JSON`, little-endian. The first frame is the {@linkcode HelloFrame} with a random token.
 * An {@linkcode AnswerFrame} is followed by one more frame whose bytes are the answer's JSON itself.
 * Guest to host: `token (16 bytes) | u32 length | JSON`. Whatever else appears on the guest's output ends the guest.
 *
 * This is the only guest file that the host imports; it depends on nothing.
 *
 * @module
 */

/** Host and guest must name the same version, else the guest refuses to start. */
export const PROTOCOL_VERSION = 1;

/** Length of the token before each guest frame. Units: bytes. */
export const TOKEN_BYTES = 16;

/** Longest path of an API call. Units: UTF-16 code units. */
export const MAX_PATH_CHARS = 4096;

/** Largest parameters of an API call. Units: bytes of JSON in UTF-8. */
export const MAX_PARAMS_BYTES = 8 * 1024 * 1024;

/** Largest answer to an API call. Units: bytes of JSON in UTF-8. */
export const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/** Largest rich output of one cell, all displays together. Units: bytes of JSON in UTF-8. */
export const MAX_DISPLAY_BYTES = 8 * 1024 * 1024;

/** Most displays of one cell. */
export const MAX_DISPLAYS = 20;

/** Most parts of one cell's output between which the order is kept; what comes later is joined by stream. */
export const MAX_OUTPUT_PARTS = 1000;

/** Largest frame of the guest: the largest parameters with room for a frame's other fields. Units: bytes. */
export const MAX_GUEST_FRAME_BYTES = MAX_PARAMS_BYTES + 64 * 1024;

/** Longest URL of a network request. Units: UTF-16 code units. */
export const MAX_NET_URL_CHARS = 8192;

/** Largest headers of a network request, all names and values together. Units: UTF-16 code units. */
export const MAX_NET_HEADER_BYTES = 64 * 1024;

/** Largest body of a network request. Units: bytes. */
export const MAX_NET_BODY_BYTES = 4 * 1024 * 1024;

/** Largest body of the answer to a network request. Units: bytes. */
export const MAX_NET_RESPONSE_BYTES = 16 * 1024 * 1024;

/** Starts a guest. */
export interface HelloFrame {
  readonly type: "hello";
  readonly version: number;
  readonly language: "python" | "typescript";
  /** The token in lower-case hexadecimal. */
  readonly token: string;
  /** Characters of each text that the host keeps; the guest need not send much more. */
  readonly maxTextChars: number;
  /** Most bytes that files in the guest's memory may hold. */
  readonly fileQuotaBytes: number;
  /** Files with Python packages that the guest can read at its start, in the order in which they are loaded. */
  readonly packages: readonly string[];
  /** Whether cells may make network requests; the host decides about each of them. */
  readonly net: boolean;
  /** The guest ends itself when its resident memory passes this many bytes. */
  readonly residentLimitBytes: number;
}

/** Runs one cell. */
export interface RunFrame {
  readonly type: "run";
  readonly cell: number;
  readonly code: string;
  /** The soft time limit. Units: milliseconds. */
  readonly timeoutMs: number;
}

/** Announces the answer to an API call; the next frame holds the JSON. */
export interface AnswerFrame {
  readonly type: "answer";
  readonly call: number;
  /** False: the JSON is the error message, a string. */
  readonly ok: boolean;
}

/** Asks the running cell to stop. */
export interface InterruptFrame {
  readonly type: "interrupt";
  readonly cell: number;
}

/** Stops the clock of the running cell's time limit, which waits for an answer that takes a person; lets it go on. */
export interface ClockFrame {
  readonly type: "hold" | "resume";
  readonly cell: number;
}

/** All frames that the host sends. */
export type HostFrame = HelloFrame | RunFrame | AnswerFrame | InterruptFrame | ClockFrame;

/** The guest can take cells. */
export interface ReadyFrame {
  readonly type: "ready";
  readonly version: number;
}

/** The texts that a cell gives. The last two belong to its error. */
export type TextField = "stdout" | "stderr" | "value" | "message" | "traceback";

/** A part of one of the cell's texts. */
export interface TextFrame {
  readonly type: "text";
  readonly cell: number;
  readonly field: TextField;
  readonly text: string;
  /** Was written when the stream wrote last, and is known only now: it ends within a character. */
  readonly late?: true;
}

/** The cell calls an API and waits. An older call that has no answer yet was given up. */
export interface CallFrame {
  readonly type: "call";
  readonly cell: number;
  readonly call: number;
  readonly path: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** An HTTP request that the host carries out. */
export interface NetRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Base64. Default: empty. */
  readonly body?: string;
  /** What becomes of a redirect. Default: `follow`. */
  readonly redirect?: "follow" | "manual" | "error";
  /** The request's own time limit. Units: milliseconds. */
  readonly timeoutMs?: number;
}

/** An HTTP response, whatever its status. */
export interface NetResponse {
  /** Of the last redirect. */
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  /** Names in lower case; a name may be there twice. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly redirected: boolean;
  /** Base64. */
  readonly body: string;
}

/** Why a request got no response: it is not allowed, its own time limit, or the network. */
export type NetFailureKind = "refused" | "timeout" | "failed";

/** The answer to a network request. */
export type NetAnswer =
  | NetResponse
  | { readonly error: { readonly kind: NetFailureKind; readonly message: string } };

/** The cell makes a network request and waits; its answer is that of a call, its JSON a {@linkcode NetAnswer}. */
export interface FetchFrame {
  readonly type: "fetch";
  readonly cell: number;
  readonly call: number;
  readonly request: NetRequest;
}

/** The cell shows something rich. */
export interface DisplayFrame {
  readonly type: "display";
  readonly cell: number;
  readonly bundle: Readonly<Record<string, unknown>>;
}

/** The cell is over; its texts were sent before. */
export interface DoneFrame {
  readonly type: "done";
  readonly cell: number;
  /** There is a value: the last expression's display form. */
  readonly hasValue: boolean;
  /** The class of the exception that ended the cell; absent when it ended well. */
  readonly errorName?: string;
  /** That exception says that memory ran out. */
  readonly outOfMemory?: true;
  /** The session is of no more use after this cell, and why. */
  readonly broken?: "memory" | "crash";
  /** Why the guest interrupted the cell, if it did. */
  readonly stopped?: "timeout" | "interrupt";
  /** Something that the cell put out was dropped inside the guest. */
  readonly dropped: boolean;
}

/** The guest is about to end, and why. */
export interface FatalFrame {
  readonly type: "fatal";
  readonly reason: "memory" | "crash";
  readonly message: string;
}

/** All frames that the guest sends. */
export type GuestFrame =
  | ReadyFrame
  | TextFrame
  | CallFrame
  | FetchFrame
  | DisplayFrame
  | DoneFrame
  | FatalFrame;
