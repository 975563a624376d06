/** What was asked of the network (by a sandbox's code, say), and what came of it: one for each request, redirects included. */
export interface NetRequestInfo {
  /** In upper case. */
  readonly method: string;
  /** The URL as the host read it, without its fragment. */
  readonly url: string;
  /** The address that was connected to; absent if the request did not get that far. */
  readonly address?: string;
  /** Absent if there was no answer. */
  readonly status?: number;
  /** Why there was no answer, in the words that the code saw. */
  readonly error?: string;
  /** Whether the request was refused before anything was sent. */
  readonly refused: boolean;
  /** Units: bytes of the body. */
  readonly requestBytes: number;
  /** Units: bytes of the body. */
  readonly responseBytes: number;
  /** Units: milliseconds. */
  readonly durationMs: number;
}
