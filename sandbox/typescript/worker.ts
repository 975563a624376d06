/**
 * The hostile isolate: TypeScript. Cells run in a realm of their own; what they reach if they leave it can compute and
 * post messages to the main isolate, nothing else.
 *
 * @module
 */
import { WorkerChannel } from "../channel.ts";
import { lockDown } from "../lockdown.ts";
import type { BootMessage, MainMessage, WorkerMessage } from "../messages.ts";
import { OutputBuffer } from "../output.ts";
import { loadAcorn } from "./acorn.ts";
import { Session } from "./session.ts";

/** UTF-8 needs at most this many bytes for one UTF-16 unit. */
const MAX_BYTES_PER_CHAR = 3;

const scope = globalThis as unknown as {
  postMessage(message: WorkerMessage): void;
  addEventListener(type: "message", listener: (event: MessageEvent<MainMessage>) => void): void;
  addEventListener(type: "unhandledrejection", listener: (event: PromiseRejectionEvent) => void): void;
};
const post = scope.postMessage.bind(scope);
let session: Session | undefined;

async function start({ memory, maxTextChars, net }: BootMessage): Promise<void> {
  const output = new OutputBuffer((maxTextChars + 1) * MAX_BYTES_PER_CHAR, post);
  const channel = new WorkerChannel(memory);
  session = new Session({ acorn: loadAcorn(), channel, output, post, maxTextChars, net });
  await lockDown();
  post({ type: "ready" });
}

scope.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  session?.reject(event.reason);
});
scope.addEventListener("message", ({ data }) => {
  if (data.type === "run") session?.run(data);
  else if (data.type === "interrupt") session?.interrupt(data.cell, data.reason);
  else {
    start(data).catch((error) =>
      post({ type: "failed", message: error instanceof Error ? error.stack ?? error.message : String(error) })
    );
  }
});
